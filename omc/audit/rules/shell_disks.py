"""Rules on the storage below a host's pools, asked by --ssh: thin pools, health of disks and arrays."""

from collections.abc import Iterator

from omc.audit.guests import listed
from omc.audit.machine import Machine
from omc.audit.rule import Found, Missing, Seen, Verdicts, shell_rule

_READS = ("shell",)
_TOOLS = {"zpool": "zpool", "path": "multipathd"}
"""What is asked for each key."""


@shell_rule(
    "H26",
    severity="critical",
    title="LVM thin pool is almost full",
    reason="When its data or metadata is full, every volume in it fails at once and may be lost.",
    source="lvmthin(7): metadata space; cv4pve-diag WN0026",
    fix="on {host}: lvextend --poolmetadatasize +1G VG/POOL, or lvextend -L for its data",
    reads=_READS,
    limits={"percent": 80},
)
def full_thin_pool(machine: Machine, seen: Seen) -> Verdicts:
    """Found for each thin pool whose data or metadata is above the limit."""
    if machine.one("lvm") == "absent":
        return
    if machine.one("user") != "0":
        yield Missing(why="LVM tells root only: ansible_become")
        return
    if not _told(machine, "thin"):
        yield Missing(why="lvs failed there, or did not answer in time")
    for line in machine.all("thin"):
        words = line.split()
        try:
            data, metadata = float(words[2]), float(words[3])
        except (IndexError, ValueError):
            yield Missing(why=f"not understood from lvs: {line}")
            continue
        if max(data, metadata) > seen.limits["percent"]:
            message = f"thin pool {words[0]}/{words[1]}: data {data:.0f} %, metadata {metadata:.0f} %"
            yield Found(message=message)


@shell_rule(
    "H27",
    severity="warning",
    title="A disk, an array or a path to storage is not healthy",
    reason="The next fault takes guests' data with it.",
    source="smartctl(8); zpool-status(8); md(4); multipath(8)",
    fix="on {host}: zpool status, cat /proc/mdstat, smartctl -a /dev/DISK, multipath -ll; then replace what failed",
    reads=_READS,
)
def unhealthy(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found for each ZFS pool, md array, disk (SMART) and path that its own tool does not call healthy.

    Each tool that is there and does not answer is told: what others say of their disks does not stand for it.
    """
    yield from (Found(message=message) for message in _failures(machine))
    root = "" if machine.one("user") == "0" else ": it tells root only (ansible_become)"
    for key, tool in _TOOLS.items():
        if key in machine.all("failed"):
            yield Missing(why=f"{tool} failed there, or did not answer in time{root}")
    if silent := machine.all("silent"):
        yield Missing(why=f"smartctl does not tell of {listed(silent)}{root}")
    if not {*machine.all("told"), *machine.all("failed")} & {*_TOOLS, "raid", "smart"}:
        yield Missing(why="no ZFS, md, multipath or smartctl there tells of its disks")


def _told(machine: Machine, key: str) -> bool:
    return key in machine.all("told") and key not in machine.all("failed")


def _failures(machine: Machine) -> Iterator[str]:
    for name, health in machine.pairs("zpool").items():
        if health != "ONLINE":
            yield f"ZFS pool {name} is {health}"
    for name, members in machine.pairs("raid").items():
        if members == "inactive":
            yield f"array {name} did not come up"
        elif "_" in members:
            yield f"array {name} misses a member: {members}"
    for name, result in machine.pairs("smart").items():
        if result not in ("PASSED", "OK"):
            yield f"SMART of {name}: {result}"
    for words in map(str.split, machine.all("path")):
        if words[-1:] != ["active"] and words[:1] != ["[orphan]"]:
            yield f"path {' '.join(words[:2])} is {words[-1]}"
