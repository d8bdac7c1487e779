"""The lab itself: it comes up whole, it can be found again, and nothing of it remains."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import libvirt
import pytest

from tests.lab import faults, guests, network
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import LABS, Lab, attach, remains, running, take_down, up
from tests.lab.process import LabError, run

pytestmark = pytest.mark.lab


def test_every_host_answers_over_ssh_under_its_own_name(lab: Lab) -> None:
    """Each host is a machine of its own: its name and UUID are in what its libvirt says."""
    for host in lab.hosts.values():
        with host.connect(lab.uri(host)) as connection:
            assert host.name == connection.getHostname()
            assert host.uuid in connection.getCapabilities()


def test_a_halting_guest_runs(host: Host, make_guests: MakeGuests) -> None:
    """A guest with two disks and a nic is running once it was started."""
    (domain,) = make_guests(guests.halting(host, "halting", disk_count=2))
    assert domain.isActive()


def test_hosts_come_up_within_five_seconds() -> None:
    """Three hosts start at the same time."""
    started = time.monotonic()
    with up(f"{_name()}-quick", ("kvm1", "kvm2", "kvm3"), bound=True):
        assert time.monotonic() - started < 5


def test_nothing_remains_after_the_take_down() -> None:
    """Processes, mounts, link, route, folder and control groups of a lab with a running guest are gone at once."""
    lab = up(f"{_name()}-gone", ("kvm1",), bound=True)
    host = lab.hosts["kvm1"]
    with host.connect() as connection:
        guests.start(guests.define(connection, [guests.halting(host, "guest1")]))
    assert any(lab.name in command for command in _commands())
    assert network.link_name(lab.network) in _links()
    lab.down()
    assert not any(lab.name in command for command in _commands())
    assert network.link_name(lab.network) not in _links()
    assert not lab.folder.exists()
    assert lab.name not in Path("/proc/mounts").read_text()
    assert not list(Path("/sys/fs/cgroup").glob(f"**/*{lab.name}*"))


def test_a_lab_outlives_its_maker_and_can_be_found_and_taken_down() -> None:
    """What `python -m tests.lab up` brought up answers an attached lab, until somebody takes it down."""
    name = f"{_name()}-demo"
    said = run(sys.executable, "-m", "tests.lab", "up", "--name", name, "--hosts", "1", "--bare")
    lab = attach(name)
    assert f"omc --site {lab.site} inventory" in said
    assert "kvm1" == run(sys.executable, "-m", "tests.lab", "exec", "--name", name, "kvm1", "hostname").strip()
    assert name in run(sys.executable, "-m", "tests.lab", "status")
    run(sys.executable, "-m", "tests.lab", "down", "--name", name)
    assert not lab.folder.exists()
    assert not any(name in command for command in _commands())


def test_the_status_names_a_host_that_does_not_answer(lab: Lab, host: Host) -> None:
    """A stopped libvirtd does not hold up the list of labs."""
    with faults.stopped_libvirt(host):
        said = run(sys.executable, "-m", "tests.lab", "status")
    assert "does not answer" in said.partition(f"lab {lab.name}")[2].splitlines()[1]


def test_a_lab_whose_maker_was_killed_on_the_way_leaves_nothing_either() -> None:
    """A run that is killed as soon as its hub is there can be cleaned up by name."""
    name = f"{_name()}-killed"
    command = (sys.executable, "-m", "tests.lab", "up", "--name", name, "--bare")
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as maker:
        hub = LABS / name / "hub.pid"
        while maker.poll() is None and not hub.exists():
            pass
        maker.kill()
    take_down(name)
    assert not any(name in command for command in _commands())
    assert not (LABS / name).exists()


def test_a_lab_of_a_killed_run_counts_among_the_remains() -> None:
    """The next run takes it down: it is bound to a process that is not there any more."""
    name = f"{_name()}-orphan"
    script = f"from tests.lab.lab import up; up({name!r}, ('kvm1',), bound=True); import os; os.abort()"
    subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL, check=False
    )
    assert name in remains()
    assert name in running()
    take_down(name)
    assert name not in running()


def test_two_labs_run_at_the_same_time(lab: Lab) -> None:
    """A second lab has a network of its own, and cannot have the name of the first."""
    with up(f"{_name()}-second", ("kvm1",), bound=True) as second:
        assert not lab.network.overlaps(second.network)
    with pytest.raises(LabError, match="is up already"):
        up(lab.name)


def test_a_lab_refuses_names_that_are_no_names() -> None:
    """A name that leaves the folder of the labs is refused, also by the take-down."""
    with pytest.raises(LabError, match="expected a name"):
        take_down("../etc")


def test_hosts_have_hardware_of_their_own(lab: Lab) -> None:
    """The SMBIOS of each host has another serial number, and two memory modules."""
    serials = set()
    for host in lab.hosts.values():
        with host.connect() as connection:
            text = connection.getSysinfo()
            serials.add(text.partition("<entry name='serial'>")[2].partition("<")[0])
            assert 2 == text.count("<memory_device>")
    assert {"kvm1-system", "kvm2-system", "kvm3-system"} == serials


def test_hosts_have_files_of_configuration_and_a_machine_id_of_their_own(lab: Lab) -> None:
    """What is applied to a host of the lab leaves the machine below as it is."""
    path = Path("/etc/omc-lab-test.conf")
    ids = {host.run("cat", "/etc/machine-id") for host in lab.hosts.values()}
    assert len(lab.hosts) == len(ids)
    lab.hosts["kvm1"].run("sh", "-c", f"echo x >{path}; echo x >/var/lib/omc/test")
    assert [False, False] == [path.exists(), Path("/var/lib/omc/test").exists()]
    assert "" == lab.hosts["kvm2"].run("sh", "-c", f"cat {path} 2>/dev/null || true")


def test_a_host_has_its_own_network_and_this_machines_kernel_settings(host: Host) -> None:
    """What belongs to the network can be set, nothing else."""
    kernel = Path("/proc/sys/vm/swappiness").read_text()
    host.run("sh", "-c", "echo 61 >/proc/sys/net/ipv4/ip_default_ttl")
    for path in ("/proc/sys/vm/swappiness", "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages"):
        with pytest.raises(LabError, match="Read-only file system"):
            host.run("sh", "-c", f"echo 61 >{path}")
    assert kernel == Path("/proc/sys/vm/swappiness").read_text()
    assert "61" != Path("/proc/sys/net/ipv4/ip_default_ttl").read_text().strip()


def test_a_guest_can_move_to_another_host(lab: Lab) -> None:
    """Hosts have UUIDs of their own, and reach each other: live migration works between them."""
    source, target = lab.hosts["kvm1"], lab.hosts["kvm2"]
    disk = guests.halting(source, "mover")
    guests.halting(target, "mover")
    with source.connect() as here, target.connect() as there:
        guests.start(guests.define(here, [disk]))
        flags = libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_UNSAFE
        moved = here.lookupByName("mover").migrate3(there, {"migrate_uri": f"tcp://{target.address}"}, flags)
        assert moved.isActive()
        guests.remove([moved, here.lookupByName("mover")])


def _name() -> str:
    return f"test-{os.getpid()}"


def _commands() -> list[str]:
    """The command lines of all processes but this one, which names labs too."""
    own = {str(os.getpid()), "self", "thread-self"}
    commands = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name not in own and entry.name.isdigit():
                commands.append((entry / "cmdline").read_text(errors="replace"))
    return commands


def _links() -> list[str]:
    return [entry.name for entry in Path("/sys/class/net").iterdir()]
