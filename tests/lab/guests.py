"""Guests of the lab: what one looks like, and how many are defined and started at the same time."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from xml.sax.saxutils import escape, quoteattr

import libvirt
import msgspec

from tests.lab import disks
from tests.lab.host import Host

# libvirtd takes five calls of one client at a time, and one is left for its keepalive.
_IN_FLIGHT = 4


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """One guest to be made; `disks`, `nics`, `elements` (of the domain) and `devices` (other ones) are XML elements."""

    name: str
    uuid: str = ""
    memory_mib: int = 16
    vcpus: int = 1
    machine: str = "pc"
    boot: str = "<boot dev='hd'/>"
    disks: tuple[str, ...] = ()
    nics: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()

    def xml(self) -> str:
        """The domain XML: TCG, no graphics, a small cache for translated code."""
        identity = f"<name>{escape(self.name)}</name>" + (f"<uuid>{self.uuid}</uuid>" if self.uuid else "")
        return f"""<domain type='qemu'>{identity}{"".join(self.elements)}
  <memory unit='MiB'>{self.memory_mib}</memory><vcpu>{self.vcpus}</vcpu>
  <os><type arch='x86_64' machine='{self.machine}'>hvm</type>{self.boot}</os>
  <features><acpi/><tcg><tb-cache unit='MiB'>32</tb-cache></tcg></features>
  <devices>{"".join(self.disks)}{"".join(self.nics)}{"".join(self.devices)}</devices>
</domain>"""


def disk(path: str, index: int = 0, *, driver: str = "raw", bus: str = "virtio") -> str:
    """The XML of a disk; the first one is vda."""
    target = f"{'sd' if bus in ('sata', 'scsi', 'usb') else 'hd' if bus == 'ide' else 'vd'}{_letters(index)}"
    source = f"<driver name='qemu' type='{driver}'/><source file={quoteattr(path)}/>"
    return f"<disk type='file' device='disk'>{source}<target dev='{target}' bus='{bus}'/></disk>"


def nic(source: str = "br0", *, mac: str = "", network: bool = False) -> str:
    """The XML of a nic on a bridge of the host, or on a libvirt network."""
    kind, address = ("network" if network else "bridge"), (f"<mac address='{mac}'/>" if mac else "")
    return f"<interface type='{kind}'>{address}<source {kind}='{source}'/><model type='virtio'/></interface>"


def halting(host: Host, name: str, *, disk_count: int = 1, nic_count: int = 1) -> Guest:
    """A guest that runs at 0 % of a processor and needs 42 MiB; its disks are made on the host."""
    paths = [disks.halting(host, f"{name}-{index}.raw") for index in range(disk_count)]
    return Guest(
        name=name,
        disks=tuple(disk(path, index) for index, path in enumerate(paths)),
        nics=(nic(),) * nic_count,
    )


def define(connection: libvirt.virConnect, guests: Sequence[Guest]) -> list[libvirt.virDomain]:
    """Define all guests, several at a time; the domains in the same order."""
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        return list(pool.map(lambda guest: connection.defineXML(guest.xml()), guests))


def start(domains: Iterable[libvirt.virDomain]) -> None:
    """Start all domains, several at a time; each takes 0.3 s or so of one processor."""
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        list(pool.map(lambda domain: domain.create(), domains))


def remove(domains: Iterable[libvirt.virDomain]) -> None:
    """End and undefine all domains with their snapshots and saved memory; their disks stay."""
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        list(pool.map(_remove, domains))


def _remove(domain: libvirt.virDomain) -> None:
    persistent = domain.isPersistent()
    if domain.isActive():
        domain.destroy()
    if persistent:
        snapshots = libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        domain.undefineFlags(snapshots | libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM)


def _letters(index: int) -> str:
    """0 is a, 25 is z, 26 is aa."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
