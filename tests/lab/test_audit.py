"""`omc audit` of real hosts: by SSH it sees what `virt-host-validate` sees on the host itself."""

import re
import subprocess

import pytest

from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Omc

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

SHARED = {
    "H03": "device '?/dev/vhost-net'? exists",
    "H04": "device '?/dev/net/tun'? exists",
    "H05": "cgroup '.*' controller support",
    "H06": "device assignment IOMMU support",
}
"""Rules, and what virt-host-validate calls the same."""


@pytest.fixture(scope="module")
def omc(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Omc:
    """Return omc on the lab's site, its hosts collected."""
    omc = Omc(lab.site, tmp_path_factory.mktemp("audit"))
    assert 0 == omc("inventory", "--read-write").code
    return omc


def test_rules_agree_with_virt_host_validate(omc: Omc, host: Host) -> None:
    """A finding where it says FAIL or WARN, none where it says PASS."""
    told = subprocess.run(
        ["nsenter", "--target", str(host.pid), "--all", "virt-host-validate", "qemu"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    ).stdout
    rules = [word for rule in SHARED for word in ("--rule", rule)]
    answer = omc("audit", host.name, "--ssh", "--show-unchecked", "-o", "json", *rules)
    assert 0 == answer.code, answer.stderr
    assert [] == [one for one in answer.json if one["severity"] == "unchecked"]
    for rule, what in SHARED.items():
        states = re.findall(rf"{what}\s*:\s*(?:\x1b\[\d+m)?(PASS|FAIL|WARN)", told)
        assert states, (rule, told)
        found = rule in {one["rule"] for one in answer.json}
        assert found == (set(states) != {"PASS"}), (rule, told)


def test_a_shell_tells_all_that_the_rules_need(omc: Omc, lab: Lab) -> None:
    """As root nothing is left unread that every Linux has; hosts that share a kernel and a clock do not differ."""
    rules = [word for rule in ("H10", "H16", "H20", "H21", "H22", "H26", "H33", "H35") for word in ("--rule", rule)]
    answer = omc("audit", "--ssh", "--show-unchecked", "-o", "json", *rules)
    assert 0 == answer.code, answer.stderr
    assert set() == {(one["rule"], one["message"]) for one in answer.json if one["severity"] == "unchecked"}
    assert {"H35", "H20", "H21"}.isdisjoint(one["rule"] for one in answer.json)
    assert {"H22"} <= {one["rule"] for one in answer.json}


def test_an_open_port_is_critical(omc: Omc, host: Host) -> None:
    """The port of libvirt without TLS in the host's own network, and a configuration that asks nobody."""
    listener = "import socket,time; s=socket.create_server(('', 16509)); print(flush=True); time.sleep(60)"
    enter = ["nsenter", "--target", str(host.pid), "--all"]
    path = "/etc/libvirt/libvirtd.conf"
    before = host.run("cat", path)
    with subprocess.Popen([*enter, "python3", "-c", listener], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            host.run("tee", path, text=re.sub(r"(?m)^auth_tcp.*$", "", before) + '\nauth_tcp = "none"\n')
            answer = omc("audit", host.name, "--ssh", "--rule", "H20", "-o", "json", "--fail-on", "critical")
        finally:
            host.run("tee", path, text=before)
            process.kill()
    assert (4, ["H20"]) == (answer.code, [one["rule"] for one in answer.json])


def test_a_read_changes_nothing(omc: Omc, host: Host) -> None:
    """No file of the host is written, and none is made where a device is missing."""
    folders = ("/dev", "/etc", "/root")
    mark = host.run("date", "+%Y-%m-%d %H:%M:%S.%N").strip()
    assert 0 == omc("audit", host.name, "--ssh", "--rule", "H09").code
    changed = [
        line
        for line in host.run("find", *folders, "-type", "f", "-newermt", mark).split()
        if "ssh" not in line and "/dev/shm/" not in line
    ]
    assert [] == changed
