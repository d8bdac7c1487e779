"""The machine is one: its own system, network and files; and nothing of it remains."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.process import LabError
from tests.machine import packages
from tests.machine.machine import Machine, clear, up


def test_systemd_runs_it(machine: Machine) -> None:
    """Its first process is a systemd that has nothing left to start, and no unit has failed."""
    assert "systemd" == machine.run("cat", "/proc/1/comm").strip()
    assert "" == machine.run("systemctl", "--failed", "--no-legend")


def test_its_files_are_its_own(machine: Machine) -> None:
    """What it writes is seen by nobody else, wherever that is."""
    machine.write("/etc/omc-test", "here")
    assert "here" == machine.read("/etc/omc-test")
    assert not Path("/etc/omc-test").exists()


def test_its_network_is_its_own(machine: Machine) -> None:
    """Devices and the settings of the network are the machine's; those of the kernel are out of its reach."""
    machine.run("ip", "link", "add", "own0", "type", "bridge")
    assert not Path("/sys/class/net/own0").exists()
    machine.run("sysctl", "--write", "net.ipv4.ip_default_ttl=77")
    assert "77" != Path("/proc/sys/net/ipv4/ip_default_ttl").read_text().strip()
    assert machine.try_run("sysctl", "--write", "vm.swappiness=1")[0]
    assert machine.try_run("sh", "-c", "echo 1 >/sys/kernel/mm/transparent_hugepage/khugepaged/defrag")[0]


def test_packages_are_not_installed(machine: Machine) -> None:
    """The programs are there, and this machine's list of packages knows nothing of it."""
    for program in ("chronyd", "nft", "netplan", "nmcli", "keepalived", "cloud-init"):
        machine.run("which", program)
    before = Path("/var/lib/dpkg/status").stat().st_mtime_ns
    packages.folder()
    assert before == Path("/var/lib/dpkg/status").stat().st_mtime_ns


@pytest.mark.usefixtures("_machines_can_be")
def test_nothing_remains() -> None:
    """After its end there is no process, no control group and no file of it."""
    made = up("brief")
    pid = int((made.folder / "pid").read_text())
    group = made.group
    made.run("mkdir", "/etc/more")
    made.down()
    assert not Path(f"/proc/{pid}").exists()
    assert not made.folder.exists()
    assert not group.exists()
    assert str(made.folder) not in Path("/proc/self/mounts").read_text()


def test_a_failing_command_says_why(machine: Machine) -> None:
    with pytest.raises(LabError, match="no-such-file"):
        machine.read("/no-such-file")
    assert (3, "words\n") == machine.try_run("sh", "-c", "echo words >&2; exit 3")


@pytest.mark.usefixtures("_machines_can_be")
def test_it_ends_with_who_made_it() -> None:
    """A test run that is killed leaves no machine behind."""
    script = "from tests.machine import up; m = up('orphan'); print(m.folder, flush=True); input()"
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as made:
        assert made.stdout is not None
        folder = Path(made.stdout.readline().strip())
        pid = int((folder / "pid").read_text())
        made.kill()
    subprocess.run(["tail", "-s", "0.05", f"--pid={pid}", "-f", "/dev/null"], check=True, timeout=20)
    assert not Path(f"/proc/{pid}").exists()
    clear()
    assert not folder.exists()
