"""Rules on guests of several hosts beside each other: one guest in two places, too many of one service in one place."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from omc.audit.abreast import Placed, apart_minutes, by_uuid, doubled, is_moving, left_out, machines
from omc.audit.fleet import Cluster
from omc.audit.guests import listed, undefine
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule
from omc.names import ANTI_AFFINITY

_FRESH = "omc inventory {host} --max-age 0"
_KEEP = "(never with --remove-all-storage)"
_OTHER_NAME = (
    "both may go on; before one of them is to move, give it another name while it is off: virsh domrename {guest} NEW"
)


@fleet_rule(
    "F02",
    severity="warning",
    title="Guest is defined on two hosts",
    reason="Whoever starts the stale definition has the guest twice, on the same disks: both are lost then. A "
    "migration without --undefinesource leaves one behind.",
    source="libvirt, migration: --undefinesource; issues of kcli and WebVirtCloud",
    fix=f"{_FRESH} first; then, where it is not wanted: virsh undefine {{guest}} {_KEEP}",
    reads=("Guest.uuid", "Guest.state"),
    limits={"minutes": 10},
)
def defined_twice(seen: Seen) -> Verdicts:
    """Found where a guest does not run, and another host has it as well."""
    yield from left_out(seen)
    yield from doubled(seen.fleet)
    for places in by_uuid(seen.fleet).values():
        if any(is_moving(guest) for _, guest in places):
            continue
        if late := _not_at_once(places, seen):
            yield late
            continue
        for host, guest in places:
            if not guest.active:
                others = [f"{other.name} ({twin.state})" for other, twin in places if other is not host]
                yield Found(
                    message=f"{guest.state} here, and also on {listed(others)}",
                    host=host.name,
                    subject=f"guest/{guest.name}",
                    fix=f"{_FRESH} first; then, where it is not wanted: {undefine(guest)} {_KEEP}",
                )


@fleet_rule(
    "G43",
    severity="critical",
    title="Guest runs on two hosts at the same time",
    reason="Two of one UUID write to the same disks and answer to the same addresses: split brain. Two of one name in "
    "a cluster cannot be moved to each other's host.",
    source="libvirt, locking; Ganeti, verify: instance on the wrong node",
    fix=f"{_FRESH} to be sure; virsh domblklist {{guest}} on each: of two on the same disks end the wrong one, virsh "
    "destroy {guest}; a clone is shut down, and defined anew with a UUID of its own",
    reads=("Guest.uuid", "Guest.name", "Guest.state"),
    limits={"minutes": 10},
)
def runs_twice(seen: Seen) -> Verdicts:
    """Found for each of several active guests of a UUID; as a warning for each of a name in a cluster."""
    yield from left_out(seen)
    yield from doubled(seen.fleet)
    for places in by_uuid(seen.fleet).values():
        yield from _each_of("UUID", [place for place in places if place[1].active], seen)
    kept = {host.name for host in machines(seen.fleet)}
    for cluster in seen.fleet.clusters:
        for places in _by_name(cluster, kept):
            yield from _each_of("name", places, seen)


def _by_name(cluster: Cluster, kept: Collection[str]) -> Iterator[list[Placed]]:
    """Give active guests of one name and different UUIDs."""
    names: dict[str, list[Placed]] = defaultdict(list)
    for host in (host for host in cluster.hosts if host.name in kept):
        for guest in host.guests:
            if guest.active:
                names[guest.name].append((host, guest))
    yield from (places for places in names.values() if len({guest.uuid for _, guest in places}) == len(places))


def _each_of(what: str, places: Sequence[Placed], seen: Seen) -> Verdicts:
    if len(places) < 2 or any(is_moving(guest) for _, guest in places):
        return
    if late := _not_at_once(places, seen):
        yield late
        return
    for host, guest in places:
        others = [f"{twin.name} on {other.name}" for other, twin in places if twin is not guest]
        yield Found(
            message=f"active with the same {what} as {listed(others)}",
            host=host.name,
            subject=f"guest/{guest.name}",
            severity="" if what == "UUID" else "warning",
            fix="" if what == "UUID" else _OTHER_NAME,
        )


def _not_at_once(places: Sequence[Placed], seen: Seen) -> Missing | None:
    """Say so where the hosts were read at different times: what was moved in between is not in two places."""
    hosts = [host for host, _ in places]
    if apart_minutes(*hosts) <= seen.limits["minutes"]:
        return None
    oldest = min(hosts, key=lambda host: host.collected_at or "")
    why = f"read at different times, {oldest.name} last at {oldest.collected_at}: {listed([h.name for h in hosts])}"
    return Missing(why=why, host=oldest.name, subject=f"guest/{places[0][1].name}")


@fleet_rule(
    "F05",
    severity="warning",
    title="Guests that should run on different hosts run on one",
    reason=f"They are tagged {ANTI_AFFINITY}NAME so that one host's failure never takes a whole service.",
    source="Ganeti, exclusion tags; OpenStack Nova, server groups",
    fix="virsh migrate --live {guest} to a host without one of them",
    reads=("Guest.metadata", "Guest.state"),
)
def together(seen: Seen) -> Verdicts:
    """Found for each active guest of a tag that is not alone on its host; shared out over the hosts that is fine."""
    for host in seen.fleet.hosts:
        if not host.read:
            yield Missing(why="the host was never read", host=host.name, subject="host")
            continue
        names: dict[str, list[str]] = defaultdict(list)
        for guest in (guest for guest in host.guests if guest.active):
            if guest.type is None:
                why = "the guest's configuration was not read"
                yield Missing(why=why, host=host.name, subject=f"guest/{guest.name}")
            for tag in {tag for tag in guest.metadata.tags if tag.startswith(ANTI_AFFINITY)}:
                names[tag].append(guest.name)
        for tag, guests in names.items():
            for name in guests if len(guests) > 1 else ():
                others = [other for other in guests if other != name]
                yield Found(message=f"{tag}: with {listed(others)}", host=host.name, subject=f"guest/{name}")
