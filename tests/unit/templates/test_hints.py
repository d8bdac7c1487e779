"""What an error of a template says is meant: Ansible's words, and names that things do not have."""

from pathlib import Path

import pytest

from omc.model import Host, HostCpu
from tests.templates import refusal, write

VARIABLES = """\
all:
  hosts: {kvm01: {libvirt_uri: "test:///default", ansible_host: 192.0.2.1}}
  vars: {servers: {first: 1}, given: "{{ lookup(1) }}"}
"""


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        ("{{ lookup('env', 'HOME') }}", "'lookup' is undefined", "omc has no lookups; secret('PROVIDER:NAME')"),
        ("{{ query('file', 'x') }}", "'query' is undefined", "omc has no lookups"),
        ("{{ given }}", "'lookup' is undefined", "omc has no lookups"),
        ("{{ ansible_facts.hostname }}", "'ansible_facts' is undefined", "omc's are host and guests"),
        ("{{ ansible_default_ipv4.address }}", "'ansible_default_ipv4' is undefined", "omc's are host and guests"),
        ("{{ ansible_hots }}", "'ansible_hots' is undefined", "meant ansible_host?"),
        ("{{ servrs }}", "'servrs' is undefined", "meant servers?"),
        ("{{ host.nme }}", "'Host' has no attribute 'nme'", "meant name"),
        ("{{ host.cpu.sockts }}", "'HostCpu' has no attribute 'sockts'", "meant sockets"),
        ("{{ servers.frist }}", "'dict object' has no attribute 'frist'", "meant first?"),
        ("{{ groups.al }}", "has no attribute 'al'", "meant all?"),
        ("{{ hosts.kvm1.name }}", "has no attribute 'kvm1'", "meant kvm01?"),
        ("{{ hosts.kvm01.adress }}", "'Peer' has no attribute 'adress'", "meant address"),
        ("{{ 'x'.uper() }}", "'str object' has no attribute 'uper'", "meant upper"),
        ("{{ host['_x'] }}", "'Host' has no attribute '_x'", ""),
    ],
)
def test_what_is_meant(tmp_path: Path, template: str, message: str, hint: str) -> None:
    """No word of Python's modules is in it."""
    error = refusal(
        write(tmp_path, {"t": template}, VARIABLES),
        facts={"kvm01": Host(name="kvm01", uri="test:///default", cpu=HostCpu())}.get,
    )
    assert message in error.message
    assert "omc.model" not in error.message
    assert hint in error.hint if hint else "" == error.hint, error.hint
