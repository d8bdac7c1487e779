"""The rule that holds the guests that are there against those that the site says there should be."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from omc.audit.abreast import left_out
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule

_SIGNS = frozenset("*?[")


@fleet_rule(
    "F03",
    severity="warning",
    title="Guest that nobody answers for, or one that should be there and is not",
    reason="What is in no list gets no updates and no backups, and its bill is paid by nobody; what is in the list and "
    "nowhere else was lost.",
    source="OpenNebula, wild guests; Ganeti, verify: unknown instances; cloudstack 9051",
    fix="write it into `guests` of inventory/audit.yaml, take it out of there, or find out whose {guest} is",
    reads=("Guest.name",),
)
def unlisted(seen: Seen) -> Verdicts:
    """Found for guests that no pattern of audit.yaml's `guests` covers, and for names there that no guest has."""
    expected = seen.fleet.expected
    if expected is None:
        yield Missing(why="inventory/audit.yaml has no list of guests that there should be: `guests`")
        return
    names = {name for name in expected if _SIGNS.isdisjoint(name)}
    patterns = [name for name in expected if name not in names]
    there: set[str] = set()
    for host in seen.fleet.hosts:
        for guest in host.guests:
            called = (guest.name, f"{host.name}/{guest.name}")
            there.update(called)
            if names.isdisjoint(called) and not _covered(called, patterns):
                message = "no name or pattern in `guests` of audit.yaml is its"
                yield Found(message=message, host=host.name, subject=f"guest/{guest.name}")
    gaps = list(left_out(seen))
    yield from gaps
    if not gaps:
        for name in sorted(names - there):
            yield Found(message=f"audit.yaml names {name}, and no host has it", subject=f"guest/{name}")


def _covered(called: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in called)
