"""The tables of the page, as columns over rows; the reference of the columns is made from them."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple

from omc.report.html.cell import Column, Line, Table, cells, counted, natural
from omc.report.html.findings import SEVERITIES, rank
from omc.report.html.room import PoolSpace, Room, Space
from omc.report.html.rows import GuestRow, HostRow, IssueRow

MOST_POOLS = MOST_ISSUES = 1000


class HostLine(NamedTuple):
    """A host, and what was counted of it."""

    host: HostRow
    space: Space

    def known(self, field: str) -> int | None:
        """Return a count; None where the host was never read."""
        count: int = getattr(self.space, field)
        return count if self.host.collected_at else None


class ClusterLine(NamedTuple):
    """A cluster, and what becomes of it when it loses a host."""

    space: Space
    verdict: str | None


def _status(line: HostLine) -> str:
    return line.host.status if line.host.collected_at else "never read"


def _hosts(pool: PoolSpace) -> str:
    return pool.hosts[0] if len(pool.hosts) == 1 else counted(len(pool.hosts), "host")


CLUSTERS = (
    Column("Cluster", "text", lambda line: line.space.name, "hosts between which guests move, as in the audit"),
    Column("Hosts", "number", lambda line: line.space.hosts, "hosts that were selected"),
    Column(
        "Not known", "number", lambda line: line.space.unread_hosts, "hosts of which nobody knows what is free there"
    ),
    Column("Running", "number", lambda line: line.space.guests_running, "guests that run"),
    Column("Guests", "number", lambda line: line.space.guests, "all guests"),
    Column("CPUs", "number", lambda line: line.space.cpus, "logical CPUs"),
    Column("vCPUs", "number", lambda line: line.space.vcpus_running, "of guests that run"),
    Column("vCPUs a CPU", "decimal", lambda line: line.space.overcommit, "of guests that run"),
    Column("Memory", "bytes", lambda line: line.space.memory_bytes, "of the machines"),
    Column("Given", "percent", lambda line: line.space.given_percent, "to guests that run, without the hosts' reserve"),
    Column("Free", "bytes", lambda line: line.space.free_bytes, "may still be given, in usual pages"),
    Column("Loss of a host", "state", lambda line: line.verdict, "whether its guests find a place on the others"),
)

HOSTS = (
    Column("Host", "text", lambda line: line.host.name, "name of the host in the site"),
    Column("Status", "state", _status, "ok, partial, unreachable when it was last asked, never read"),
    Column(
        "Findings",
        "worst",
        lambda line: line.host.worst,
        "about the host, its pools and networks: the worst, and how many",
    ),
    Column("Cluster", "text", lambda line: line.host.cluster, "hosts between which guests move, as in the audit"),
    Column("Running", "number", lambda line: line.known("guests_running"), "guests that run"),
    Column("Guests", "number", lambda line: line.known("guests"), "all guests"),
    Column("CPUs", "number", lambda line: line.space.cpus, "logical CPUs"),
    Column("vCPUs a CPU", "decimal", lambda line: line.space.overcommit, "of guests that run"),
    Column("Memory", "bytes", lambda line: line.space.memory_bytes, "of the machine"),
    Column("Given", "percent", lambda line: line.space.given_percent, "to guests that run, without the host's reserve"),
    Column("Free", "bytes", lambda line: line.space.free_bytes, "may still be given, in usual pages"),
    Column("CPU", "text", lambda line: line.host.model, "libvirt's named model"),
    Column("Hypervisor", "text", lambda line: line.host.hypervisor, "with its version"),
    Column("libvirt", "text", lambda line: line.host.libvirt, "version of the daemon"),
    Column("Read", "time", lambda line: line.host.collected_at, "UTC: of when these facts are"),
)

GUESTS = (
    Column("Guest", "text", lambda row: row.name, "libvirt's name"),
    Column("Host", "text", lambda row: row.host, "name of the host in the site"),
    Column("State", "state", lambda row: row.state, "in libvirt's words"),
    Column("Findings", "worst", lambda row: row.worst, "about the guest: the worst, and how many"),
    Column("vCPUs", "number", lambda row: row.vcpus, "now"),
    Column("Memory", "bytes", lambda row: row.memory_bytes, "that it starts with"),
    Column("Disks", "number", lambda row: row.disks, "without CD-ROMs and floppies"),
    Column("Disk space", "bytes", lambda row: row.capacity_bytes, "what the guest sees"),
    Column("Nics", "number", lambda row: row.nics, "network interfaces"),
    Column("Address", "text", lambda row: row.address, "the first that is not link-local"),
    Column(
        "System", "text", lambda row: row.system, "what the guest agent says, else libosinfo's entry in the metadata"
    ),
    Column("Snapshots", "number", lambda row: row.snapshots, "of the whole guest"),
    Column("Owner", "text", lambda row: row.owner, "attribute `owner` of omc's metadata, else nova's project"),
)

POOLS = (
    Column("Pool", "text", lambda pool: pool.name, "libvirt's name"),
    Column("Hosts", "text", _hosts, "that have it; storage that several share is one row"),
    Column("Type", "text", lambda pool: pool.type, "libvirt's word"),
    Column("State", "state", lambda pool: pool.state, "in libvirt's words"),
    Column("Size", "bytes", lambda pool: pool.capacity_bytes, "of the storage behind it"),
    Column("Used", "percent", lambda pool: pool.used_percent, "taken now"),
    Column("Free", "bytes", lambda pool: pool.available_bytes, "left now"),
    Column(
        "Promised",
        "percent",
        lambda pool: pool.promised_percent,
        "what its volumes may grow to; above 100 it can run full",
    ),
)

ISSUES = (
    Column("Host", "text", lambda row: row.host, "name of the host in the site"),
    Column("About", "text", lambda row: row.subject, "host, guest/NAME, pool/NAME …"),
    Column("What", "text", lambda row: row.what, "which fact is missing"),
    Column("Why", "text", lambda row: row.why, "in libvirt's own words where it gave some"),
    Column("Hint", "command", lambda row: row.hint or None, "what to type or change next"),
)

COLUMNS: Mapping[str, Sequence[Column]] = {
    "Clusters": CLUSTERS,
    "Hosts": HOSTS,
    "Guests": GUESTS,
    "Storage pools": POOLS,
    "Not read": ISSUES,
}
"""All tables, for the reference."""


def clusters_table(room: Room) -> Table:
    """Return the clusters."""
    verdicts = room.verdicts
    ordered = sorted(room.clusters, key=lambda space: natural(space.name))
    lines = [Line(cells(CLUSTERS, ClusterLine(space, verdicts.get(space.name)))) for space in ordered]
    return Table("clusters", "Clusters", CLUSTERS, lines)


def hosts_table(hosts: Sequence[HostRow], room: Room) -> Table:
    """Return all hosts, in the site's order."""
    spaces = {space.name: space for space in room.hosts}
    lines = [
        Line(cells(HOSTS, HostLine(host, spaces.get(host.name, Space(host.name)))), f"host-{number}")
        for number, host in enumerate(hosts)
    ]
    return Table("hosts", "Hosts", HOSTS, lines)


def guests_table(guests: Sequence[GuestRow], *, most: int) -> Table:
    """Return the guests; where there are more than `most`, those with the worst findings."""
    chosen: Iterable[GuestRow] = guests
    note = ""
    if len(guests) > most:
        chosen = nsmallest(most, guests, key=_urgency)
        note = (
            f"{most:,} of {len(guests):,} guests: those with the most severe findings first. "
            "All of them: omc report xlsx, omc inventory guests, or this page with --guests."
        )
    return Table("guests", "Guests", GUESTS, [Line(cells(GUESTS, guest)) for guest in chosen], note)


def pools_table(pools: Sequence[PoolSpace], *, most: int = MOST_POOLS) -> Table:
    """Return the storage pools; where there are more than `most`, the fullest."""
    note = ""
    if len(pools) > most:
        note = f"The {most:,} fullest of {counted(len(pools), 'pool')}. All of them: omc inventory pools."
        pools = nsmallest(most, pools, key=lambda pool: -(pool.used_percent or 0))
    return Table("pools", "Storage pools", POOLS, [Line(cells(POOLS, pool)) for pool in pools], note)


def issues_table(issues: Sequence[IssueRow], *, most: int = MOST_ISSUES) -> Table:
    """Return what could not be read."""
    note = f"{most:,} of {len(issues):,}. All of them: omc inventory issues." if len(issues) > most else ""
    return Table("issues", "Not read", ISSUES, [Line(cells(ISSUES, issue)) for issue in issues[:most]], note)


def _urgency(guest: GuestRow) -> tuple[int, int]:
    return (rank(guest.worst.severity), -guest.worst.total) if guest.worst else (len(SEVERITIES), 0)
