"""What rules that hold all hosts beside each other have in common: which hosts miss, which are one machine twice."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from omc.audit.fleet import Fleet, FleetGuest, FleetHost
from omc.audit.rule import Missing, Seen

Placed = tuple[FleetHost, FleetGuest]
"""A guest and the host that it is on."""

_MIGRATING = frozenset({"migrating", "starting up", "post-copy"})


def left_out(seen: Seen) -> Iterator[Missing]:
    """Say what is missing for a comparison of everything: hosts that are not here, or never read."""
    fleet = seen.fleet
    yield from absent(fleet)
    yield from (Missing(why="the host was never read", host=host.name, subject="host") for host in never_read(fleet))


def absent(fleet: Fleet) -> Iterator[Missing]:
    """Say how many hosts of the site are here, where it is not all of them."""
    if not fleet.whole:
        yield Missing(why=f"only {len(fleet.hosts)} of the site's {fleet.total} hosts are looked at")


def never_read(fleet: Fleet) -> Iterator[FleetHost]:
    """Give the hosts that were never read."""
    return (host for host in fleet.hosts if not host.read)


def machines(fleet: Fleet) -> tuple[FleetHost, ...]:
    """Return the hosts that were read; of several with one UUID, which may be one machine twice, the first."""
    found: dict[str, FleetHost] = {}
    for host in fleet.hosts:
        if host.read:
            found.setdefault((host.uuid or host.name).lower(), host)
    return tuple(found.values())


def doubled(fleet: Fleet) -> Iterator[Missing]:
    """Say of which hosts it is not known whether they are others: those with a UUID that one before them has."""
    kept = {host.name for host in machines(fleet)}
    for host in fleet.hosts:
        if host.read and host.name not in kept:
            yield Missing(why="another host has its UUID: maybe one machine (H31)", host=host.name, subject="host")


def by_uuid(fleet: Fleet) -> Mapping[str, list[Placed]]:
    """Return the guests that several hosts have, by UUID."""
    found: dict[str, list[Placed]] = defaultdict(list)
    for host in machines(fleet):
        for guest in host.guests:
            found[guest.uuid.lower()].append((host, guest))
    return {uuid: places for uuid, places in found.items() if len(places) > 1}


def is_moving(guest: FleetGuest) -> bool:
    """Tell whether a migration is under way: then two hosts have it, and that is right."""
    return guest.state_reason in _MIGRATING


def apart_minutes(*hosts: FleetHost) -> float:
    """Return how many minutes lie between the readings of hosts; what lay still longer may be of another time."""
    moments = [datetime.fromisoformat(host.collected_at) for host in hosts if host.collected_at]
    return (max(moments) - min(moments)).total_seconds() / 60 if moments else 0.0
