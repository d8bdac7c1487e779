"""What goes wrong in a data center, done to the lab on purpose. Each fault ends with its `with` block.

A guest that was killed stays dead.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.lab import network
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.process import LabError, run

# A name that the standard keeps from ever existing (RFC 6761).
UNRESOLVABLE = "kvm.invalid"

_NOBODY = "02:00:00:00:00:01"
_MOUNTED_FILE = "disk.raw"


@contextmanager
def stopped_libvirt(host: Host) -> Iterator[None]:
    """The host's libvirtd stands still (SIGSTOP): it takes connections, and never answers."""
    pid = str(host.libvirt_pid())
    host.run("kill", "-STOP", pid)
    try:
        yield
    finally:
        host.run("kill", "-CONT", pid)


@contextmanager
def killed_libvirt(host: Host) -> Iterator[None]:
    """The host's libvirtd is gone (SIGKILL), its sockets refuse; its guests run on, and it finds them again later."""
    host.kill_libvirt()
    try:
        yield
    finally:
        host.start_libvirt()


@contextmanager
def stopped_guest(host: Host, name: str) -> Iterator[None]:
    """The guest's QEMU stands still (SIGSTOP): its monitor takes commands, and never answers."""
    pid = str(host.guest_pid(name))
    host.run("kill", "-STOP", pid)
    try:
        yield
    finally:
        with suppress(LabError):  # whoever ended the guest meanwhile ended its process too
            host.run("kill", "-CONT", pid)


def kill_guest(host: Host, name: str) -> None:
    """End the guest's QEMU (SIGKILL), as the kernel does when memory runs out."""
    host.run("kill", "-KILL", str(host.guest_pid(name)))


@contextmanager
def cut_link(host: Host) -> Iterator[None]:
    """The host's cable is out: nobody has its address, so new connections fail with "no route to host" after 3 s."""
    host.run("ip", "link", "set", "eth0", "down")
    try:
        yield
    finally:
        host.run("ip", "link", "set", "eth0", "up")


@contextmanager
def silent(lab: Lab, address: str) -> Iterator[None]:
    """Packets to the address get lost: connections, old and new, hear nothing, not even that nobody is there."""
    link = network.link_name(lab.network)
    run("ip", "neighbour", "replace", address, "lladdr", _NOBODY, "nud", "permanent", "dev", link)
    try:
        yield
    finally:
        run("ip", "neighbour", "del", address, "dev", link)


@contextmanager
def changed_host_key(lab: Lab, host: Host) -> Iterator[None]:
    """The host shows another key than the known one, as after a new installation, or as an impostor would."""
    other = next(one for one in lab.hosts.values() if one != host)
    lab.client.trust(host.address, _host_key(other))
    try:
        yield
    finally:
        lab.client.trust(host.address, _host_key(host))


@contextmanager
def unknown_host_key(lab: Lab, host: Host) -> Iterator[None]:
    """Nobody has connected to the host before: no key of it is known."""
    lab.client.forget(host.address)
    try:
        yield
    finally:
        lab.client.trust(host.address, _host_key(host))


@contextmanager
def refused_key(host: Host) -> Iterator[None]:
    """The host does not let our key in."""
    authorized = host.folder / "ssh" / "authorized_keys"
    before = authorized.read_text()
    authorized.write_text("")
    try:
        yield
    finally:
        authorized.write_text(before)


def _host_key(host: Host) -> str:
    return (host.folder / "ssh" / "host.pub").read_text()


class Mount:
    """A file system on a host, which stands still in the block of `hung`."""

    def __init__(self, folder: str, process: "subprocess.Popen[str]") -> None:
        self.folder = folder
        self.file = f"{folder}/{_MOUNTED_FILE}"
        self._process = process

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Whatever touches the mount waits, as where an NFS server is gone; it goes on at the end of the block."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def mounted(host: Host, folder: str) -> Iterator[Mount]:
    """The host has a file system of its own in the folder, with one file from which a guest boots and halts."""
    host.run("mkdir", "-p", folder)
    program = (sys.executable, str(Path(__file__).with_name("mount.py")), folder, _MOUNTED_FILE)
    command = ("nsenter", "--target", str(host.pid), "--mount", "--", *program)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise LabError(f"no file system in {folder} of {host.name}", hint="is there /dev/fuse?")
        try:
            yield Mount(folder, process)
        finally:
            process.kill()  # from here on the kernel answers whoever waits
            host.run("umount", "--lazy", folder)
