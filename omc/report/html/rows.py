"""What the page says of each host and guest, read in one pass, one host whole in memory at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from omc.model import Guest, Host
from omc.report import words
from omc.report.html.findings import Worst
from omc.report.source import Source
from omc.report.tabs.info import disks
from omc.site.clusters import cluster_name


class Slice(NamedTuple):
    """A running guest's part of its host's memory."""

    name: str
    memory_bytes: int


class GuestRow(NamedTuple):
    """A guest."""

    name: str
    host: str
    state: str
    vcpus: int | None
    memory_bytes: int | None
    capacity_bytes: int | None
    disks: int
    nics: int
    address: str | None
    system: str | None
    snapshots: int | None
    owner: str | None
    worst: Worst | None


class HostRow(NamedTuple):
    """A host."""

    name: str
    cluster: str
    status: str
    reason: str | None
    collected_at: str | None
    model: str | None
    hypervisor: str | None
    libvirt: str | None
    networks: Sequence[str] | None
    pools: Sequence[str] | None
    issues: int
    worst: Worst | None
    slices: Sequence[Slice]


class IssueRow(NamedTuple):
    """What could not be read."""

    host: str
    subject: str
    what: str
    why: str
    hint: str


class Rows(NamedTuple):
    """All of them."""

    hosts: Sequence[HostRow]
    guests: Sequence[GuestRow]
    issues: Sequence[IssueRow]


Found = Mapping[tuple[str, str], Worst]
"""The worst finding by host and guest: `guest/NAME`, or `host` for all else."""


def read(source: Source, found: Found, clusters: Mapping[str, str], done: Callable[[str], object] = str) -> Rows:
    """Read all hosts; `clusters` says which one each is in, and `done` is told of each."""
    hosts: list[HostRow] = []
    guests: list[GuestRow] = []
    issues: list[IssueRow] = []
    for host in source.hosts():
        hosts.append(_host(host, clusters.get(host.name) or cluster_name(host.groups, source.clusters), found))
        guests += [_guest(guest, host, found) for guest in host.guests]
        issues += [IssueRow(host.name, one.subject, one.what, one.why, one.hint) for one in host.issues if one.failed]
        done(host.name)
    return Rows(hosts, guests, issues)


def _host(host: Host, cluster: str, found: Found) -> HostRow:
    return HostRow(
        name=host.name,
        cluster=cluster,
        status=host.status,
        reason=host.status_reason,
        collected_at=host.collected_at,
        model=host.cpu.model,
        hypervisor=" ".join(part for part in (host.driver, host.hypervisor_version) if part) or None,
        libvirt=host.libvirt_version,
        networks=_names(host.networks),
        pools=_names(host.pools),
        issues=len(host.issues),
        worst=found.get((host.name, "host")),
        slices=[Slice(guest.name, guest.memory_bytes or 0) for guest in host.guests if guest.active],
    )


def _names(things: Iterable[object] | None) -> Sequence[str] | None:
    return None if things is None else [str(getattr(thing, "name", "")) for thing in things]


def _guest(guest: Guest, host: Host, found: Found) -> GuestRow:
    own = disks(guest)
    sizes = [disk.capacity_bytes for disk in own]
    return GuestRow(
        name=guest.name,
        host=host.name,
        state=guest.state,
        vcpus=guest.vcpus,
        memory_bytes=guest.memory_bytes,
        capacity_bytes=None if None in sizes else sum(size or 0 for size in sizes),
        disks=len(own),
        nics=len(guest.nics),
        address=words.address(guest),
        system=_system(guest),
        snapshots=None if guest.snapshots is None else len(guest.snapshots),
        owner=guest.metadata.attributes.get("owner") or (guest.metadata.nova.project if guest.metadata.nova else None),
        worst=found.get((host.name, f"guest/{guest.name}")),
    )


def _system(guest: Guest) -> str | None:
    agent = guest.agent
    said = (agent.os_name or agent.os_id) if agent else None
    return said or words.system(guest.metadata.os_id)
