"""One run of omc asks for a secret once, whatever it is for."""

import sys
from pathlib import Path

from omc.cli.context import Run

HOSTS = """\
all:
  hosts: {kvm1: {}, kvm2: {}}
  vars:
    libvirt_uri: test:///default
    ansible_become: true
    ansible_become_password: "{{ secret('show:sudo') }}"
"""


def test_password_of_sudo_is_asked_for_once_by_all_connections_and_templates(tmp_path: Path) -> None:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yaml").write_text(HOSTS)
    (tmp_path / "templates").mkdir()
    log, script = tmp_path / "asked", tmp_path / "show.py"
    script.write_text(f"open({str(log)!r}, 'a').write('x')\nprint('word')")
    settings = f"providers: {{show: {{type: command, command: [{sys.executable}, {script}]}}}}\n"
    (tmp_path / "templates" / "secrets.yaml").write_text(settings)
    run = Run({"OMC_SITE": str(tmp_path)})
    for name in ("kvm1", "kvm2"):
        password = run.endpoints().of(run.site.hosts[name]).become_password
        assert password is not None
        assert "word" == password.reveal()
    assert "word" == run.secrets("show:sudo")
    assert "x" == log.read_text()
