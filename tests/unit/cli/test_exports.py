"""The exports in front of the tools that they are for: Ansible and Graphviz."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.required import lacking
from tests.unit.cli.running import COMMAND, Omc

ANSIBLE = Path(sys.executable).parent / "ansible"


@pytest.fixture
def needs_ansible() -> None:
    """Skip where Ansible is not installed beside this Python; fail where everything is required."""
    if not ANSIBLE.exists():
        lacking("ansible-core is not installed: pip install ansible-core")


@pytest.fixture
def needs_graphviz() -> None:
    """Skip where Graphviz is not installed; fail where everything is required."""
    if not shutil.which("dot"):
        lacking("Graphviz's dot is not installed: apt-get install graphviz")


def script(folder: Path) -> Path:
    """Write the inventory script of the how-to, with this omc in it."""
    path = folder / "omc.sh"
    path.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} inventory export ansible "$@"\n')
    path.chmod(0o755)
    return path


def ansible(program: str, *arguments: str) -> str:
    command = [str(ANSIBLE.with_name(program)), *arguments]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.usefixtures("needs_ansible")
def test_ansible_runs_the_script(omc: Omc, site: Path, tmp_path: Path) -> None:
    """`ansible-inventory -i omc.sh` knows the guests, their groups and where to connect."""
    omc("inventory")
    listed = json.loads(ansible("ansible-inventory", "-i", str(script(tmp_path)), "--list"))
    assert len(listed["_meta"]["hostvars"]) == 15
    assert listed["_meta"]["hostvars"]["web1"]["ansible_host"] == "198.51.100.21"
    assert listed["_meta"]["hostvars"]["web1"]["omc_host"] == "kvm1"
    assert "web1" in listed["host_kvm1"]["hosts"]
    assert set(listed["tag_shop"]["hosts"]) >= {"web1", "db1"}
    assert {"web2.kvm1", "web2.kvm2"} <= set(listed["_meta"]["hostvars"])


def test_answer_from_the_store_is_quiet(omc: Omc) -> None:
    """Ansible shows every line that a script writes to stderr as an error."""
    omc("inventory")
    assert omc("inventory", "export", "ansible", "--list").err == ""


@pytest.mark.usefixtures("needs_ansible")
def test_guest_s_text_is_never_a_template(omc: Omc, site: Path, tmp_path: Path) -> None:
    """A title with braces is shown by Ansible as it is: nothing that a guest brings is run on Ansible's machine."""
    path = site / "inventory" / "demo" / "kvm1.xml"
    path.write_text(path.read_text().replace("Shop, front end 1", "{{ lookup('pipe', 'touch stolen') }}"))
    omc("inventory")
    inventory = str(script(tmp_path))
    shown = ansible("ansible", "-i", inventory, "web1", "-c", "local", "-m", "debug", "-a", "msg={{ omc_title }}")
    assert "{{ lookup('pipe', 'touch stolen') }}" in shown
    assert not Path("stolen").exists()


def test_unreachable_host_leaves_ansible_the_rest(omc: Omc, site: Path) -> None:
    """The exit code stays 0, because Ansible drops the inventory of a script that fails; stderr names the host."""
    with (site / "inventory" / "hosts.yaml").open("a") as file:
        file.write(
            "    gone:\n      hosts:\n        dead1:\n          libvirt_uri: qemu+unix:///system?socket=/nowhere\n"
        )
    ran = omc("inventory", "export", "ansible", "--list")
    assert ran.code == 0
    assert "dead1" in ran.err
    assert len(json.loads(ran.out)["_meta"]["hostvars"]) == 15


def test_variables_of_one_guest(omc: Omc) -> None:
    whole = json.loads(omc("inventory", "export", "ansible").out)
    assert json.loads(omc("inventory", "export", "ansible", "--host", "web1").out) == whole["_meta"]["hostvars"]["web1"]
    ran = omc("inventory", "export", "ansible", "--host", "web99")
    assert ran.code == 2
    assert "web1" in ran.err


@pytest.mark.usefixtures("needs_graphviz")
def test_graphviz_draws_the_graph(omc: Omc, site: Path) -> None:
    path = site / "inventory" / "demo" / "kvm1.xml"
    path.write_text(path.read_text().replace("<name>web1</name>", '<name>a"b\\c; evil [shape=none]</name>'))
    ran = omc("inventory", "export", "dot")
    assert ran.code == 0
    drawn = subprocess.run(["dot", "-Tsvg"], input=ran.out, check=True, capture_output=True, text=True, timeout=60)
    assert "evil [shape=none]" in drawn.stdout
    assert drawn.stderr == ""
