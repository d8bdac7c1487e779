"""Guests that boot Linux with a guest agent: 3 s to boot, 190 MiB resident, real addresses and file systems."""

import time
from collections.abc import Callable, Sequence

import libvirt

from tests.lab import disks, guests
from tests.lab.contents import LEASES
from tests.lab.host import Host
from tests.lab.image import image
from tests.lab.process import LabError

_CHANNEL = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
_STATS = "<memballoon model='virtio'><stats period='5'/></memballoon>"
_CONSOLE = "<serial type='file'><source path='/var/log/libvirt/{}-console.log'/></serial>"
_LOOK_SECONDS = 0.1
_DISK_BYTES = 64 << 20


def linux(host: Host, name: str, *, nics: tuple[str, ...] = (), addresses: tuple[str, ...] = ()) -> guests.Guest:
    """A guest with a disk, which it formats; its nics take the `addresses`: "dhcp", or 10.77.0.101/24 and such."""
    kept = image()
    options = [f"omc.name={name}", *(f"omc.ip{index}={address}" for index, address in enumerate(addresses))]
    command_line = f"<cmdline>console=ttyS0 quiet {' '.join(options)}</cmdline>"
    return guests.Guest(
        name=name,
        memory_mib=96,
        boot=f"<kernel>{kept.kernel}</kernel><initrd>{kept.initrd}</initrd>{command_line}",
        disks=(guests.disk(disks.empty(host, f"{name}.raw", size=_DISK_BYTES)),),
        nics=nics,
        devices=(_CHANNEL, _STATS, _CONSOLE.format(name)),
    )


def with_two_nics(host: Host, name: str, *, number: int = 0) -> guests.Guest:
    """A Linux guest with a lease on the network "leases", and `bridge_address` on the lab's own network."""
    nics = (guests.nic(LEASES, network=True), guests.nic())
    return linux(host, name, nics=nics, addresses=("dhcp", f"{bridge_address(host, number)}/24"))


def bridge_address(host: Host, number: int) -> str:
    """The address on the lab's network of Linux guest `number` of the host; each host has room for five."""
    network, _, own = host.address.rpartition(".")
    return f"{network}.{100 + 5 * (int(own) - 11) + number}"


def start(host: Host, names: Sequence[str]) -> None:
    """Start guests `with_two_nics` on a host with `contents.networks`; return when agents and leases are there."""
    with host.connect() as connection:
        wanted = [with_two_nics(host, name, number=number) for number, name in enumerate(names)]
        domains = guests.define(connection, wanted)
        guests.start(domains)
        for number, domain in enumerate(domains):
            wait_for_agent(domain)
            wait_for_address(domain)
            meet(host, bridge_address(host, number))


def wait_for_agent(domain: libvirt.virDomain, *, seconds: float = 60) -> None:
    """Return when the guest's agent answers; LabError if it takes longer."""
    what = f"agent of {domain.name()}"
    _wait(
        lambda: "state='connected'" in domain.XMLDesc(), what, seconds
    )  # asked before that, libvirt complains on stderr
    _wait(lambda: bool(domain.hostname(libvirt.VIR_DOMAIN_GET_HOSTNAME_AGENT)), what, seconds)


def wait_for_address(domain: libvirt.virDomain, *, seconds: float = 30) -> None:
    """Return when the guest has an address by lease, and has taken it; LabError if it takes longer."""
    leased = _addresses(domain, libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
    taken = _addresses(domain, libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
    _wait(lambda: bool(leased() & taken()), f"leased address of {domain.name()}", seconds)


def _addresses(domain: libvirt.virDomain, source: int) -> Callable[[], set[str]]:
    def look() -> set[str]:
        return {one["addr"] for nic in domain.interfaceAddresses(source).values() for one in nic["addrs"] or ()}

    return look


def meet(host: Host, address: str) -> None:
    """Let the host send a packet to the address, so that it has it in its ARP table."""
    host.run("bash", "-c", f"echo >/dev/udp/{address}/9")


def _wait(arrived: Callable[[], bool], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if arrived():
                return
        except libvirt.libvirtError as error:
            if error.get_error_code() not in (libvirt.VIR_ERR_AGENT_UNRESPONSIVE, libvirt.VIR_ERR_AGENT_UNSYNCED):
                raise
        time.sleep(_LOOK_SECONDS)
    raise LabError(f"no {what} within {seconds:g} s")
