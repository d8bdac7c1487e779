"""Rules on what the hosts of a cluster are for each other: room when one fails, CPUs that guests can move between."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from shlex import quote

from msgspec.structs import replace

from omc.audit.fleet import Cluster, FleetHost
from omc.audit.guests import listed
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule
from omc.audit.rules.host_cluster import counted, unread
from omc.names import ANTI_AFFINITY
from omc.offered import untold
from omc.placement import Item, Room, Rooms
from omc.sizes import reserve_of
from omc.text import human_bytes, plural

_MOST_FEATURES = 6


@fleet_rule(
    "F04",
    severity="warning",
    title="The others have no room for the guests of a host that fails",
    reason="Then some guests stay down until it is repaired, and which ones is decided in a hurry.",
    source="Ganeti, hspace: N+1; Proxmox VE, High Availability",
    fix="omc capacity tells how much is missing: add memory or a host to the cluster, or give guests less",
    reads=("Guest.memory_bytes", "Guest.state", "Guest.metadata", "Host.memory_bytes", "cluster"),
)
def no_spare(seen: Seen) -> Verdicts:
    """Found where first-fit decreasing by memory finds no place: once a cluster, for the worst of its hosts.

    Hosts that do not answer take nobody, and the site's `host_reserve` of each host is for none.
    """
    reserve = seen.host_reserve
    for cluster in seen.fleet.clusters:
        if len(cluster.hosts) < 2:
            continue
        missing = [*unread(cluster), *_unsized(cluster)]
        yield from missing
        if missing:
            continue
        hosts = [host for host in cluster.hosts if host.status != "unreachable"]
        away = [f"{host.name} (last read {host.collected_at})" for host in cluster.hosts if host not in hosts]
        yield from _worst(hosts, reserve, told=seen.fleet.chosen, away=away)


def _unsized(cluster: Cluster) -> Iterator[Missing]:
    for host in cluster.hosts:
        unknown = [guest.name for guest in host.guests if guest.active and guest.memory_bytes is None]
        if host.read and (host.memory_bytes is None or unknown):
            of = f"memory of {listed(unknown, 3)}" if unknown else "the host's memory"
            yield Missing(why=f"{of} was not read", host=host.name, subject="host")


def _worst(hosts: Sequence[FleetHost], reserve: str, *, told: Collection[str], away: Sequence[str]) -> Verdicts:
    """Let each of `told` fail, for a small one that is full may leave less behind than a large one that is not."""
    spaces = [_room(host, reserve) for host in hosts]
    free, rooms = sorted(room.memory_bytes for room in spaces), Rooms(spaces)
    failing_in_turn = (host for host in hosts if host.name in told)
    doubtful = [(host, items) for host in failing_in_turn if not _have_each_a_host(items := _items(host), free)]
    placed = [(host, rooms.place(items, {host.name}).left) for host, items in doubtful]
    failing = [(host, left) for host, left in placed if left]
    if failing:
        host, left = max(failing, key=lambda each: sum(item.memory_bytes for item in each[1]))
        found = _told(host, left, rooms, others=len(failing) - 1)
        down = f"; not reachable, so that they take none: {listed(away, 3)}" if away else ""
        yield replace(found, message=f"{found.message}{down}")


def _promised(host: FleetHost) -> int:
    return sum(guest.memory_bytes or 0 for guest in host.guests if guest.active)


def _items(host: FleetHost) -> list[Item]:
    return [
        Item(guest.name, guest.memory_bytes or 0, apart=_marks(guest.metadata.tags))
        for guest in host.guests
        if guest.active
    ]


def _marks(tags: Sequence[str]) -> frozenset[str]:
    return frozenset(tag for tag in tags if tag.startswith(ANTI_AFFINITY))


def _have_each_a_host(items: Sequence[Item], free: Sequence[int]) -> bool:
    """Tell whether so many other hosts take the largest of these that no two need share one; `free` is in order."""
    largest = max((item.memory_bytes for item in items), default=0)
    others = len(free) - bisect_left(free, largest) - 1
    return others >= len(items) and not any(item.apart for item in items)


def _told(host: FleetHost, left: Sequence[Item], rooms: Rooms, *, others: int) -> Found:
    items = _items(host)
    size = human_bytes(sum(item.memory_bytes for item in left))
    names = listed([item.name for item in left], 3)
    sure = "" if rooms.least_left(items, {host.name}) else "; another placement than first-fit decreasing may find one"
    also = f"; so it is with {plural(others, 'other host')}" if others else ""
    who = f"{len(left)} of its {len(items)} running guests" if len(items) > 1 else "its only running guest"
    message = f"{who} ({size}: {names}) {'finds' if len(left) == 1 else 'find'} no place{sure}{also}"
    return Found(message=f"if it fails, {message}", host=host.name, subject="host")


def _room(host: FleetHost, reserve: str) -> Room:
    apart = frozenset().union(*(item.apart for item in _items(host)))
    memory = host.memory_bytes or 0
    return Room(host.name, memory - reserve_of(reserve, memory) - _promised(host), apart=apart)


@fleet_rule(
    "F06",
    severity="info",
    title="Some CPU models run on some hosts of a cluster only",
    reason="A guest with such a model stays on the newer hosts. What all hosts have is what guests may ask for; the "
    "oldest host decides it, or one whose firmware or microcode hides a feature.",
    source="libvirt, virsh(1): hypervisor-cpu-baseline; oVirt, cluster CPU type; harvester 3015",
    fix="give guests a model that all hosts of {subject} have; where one host lacks one feature: look at its firmware",
    reads=("Host.domain_capabilities", "cluster"),
)
def uneven_cpus(seen: Seen) -> Verdicts:
    """Found once a cluster and architecture, with what keeps which hosts back."""
    for cluster in seen.fleet.clusters:
        if len(cluster.hosts) < 2:
            continue
        yield from unread(cluster)
        for host in cluster.hosts:
            if host.read and host.domain_capabilities is None:
                why = f"were not read: omc inventory --read-write {quote(host.name)}"
                if untold(host.issues):
                    why = "are nothing that its hypervisor's driver tells"
                yield Missing(why=f"its domain capabilities {why}", host=host.name, subject="host")
        for arch, kind in _kinds(cluster):
            yield from _uneven(cluster, arch, kind)


def _kinds(cluster: Cluster) -> Sequence[tuple[str, str]]:
    """Return each architecture with the way in which guests of it run: KVM where any host has it."""
    found: dict[str, set[str]] = defaultdict(set)
    for host in cluster.hosts:
        for one in host.domain_capabilities or ():
            found[one.arch].add(one.type)
    return [(arch, "kvm" if "kvm" in types else min(types)) for arch, types in sorted(found.items())]


def _uneven(cluster: Cluster, arch: str, kind: str) -> Verdicts:
    usable: dict[str, set[str]] = {}
    lacking: dict[str, set[str]] = {}
    for host in cluster.hosts:
        mine = [one for one in host.domain_capabilities or () if (one.arch, one.type) == (arch, kind)]
        if mine:
            usable[host.name] = {model for one in mine for model in one.usable_models}
            lacking[host.name] = {name for one in mine for names in one.blocked_models.values() for name in names}
    if not usable:
        return
    every = {model for models in usable.values() for model in models}
    some = every - _common(usable.values())
    if not some:
        return
    everywhere = _common(lacking.values())
    back: dict[str, list[str]] = defaultdict(list)
    for name, models in usable.items():
        if without := some - models:
            features = listed(sorted(lacking[name] - everywhere), _MOST_FEATURES)
            back[f"{len(without)} not" + (f" (for want of {features})" if features else "")].append(name)
    message = f"{arch}: of {len(every)} CPU models {len(some)} ({listed(sorted(some), 3)}) do not run everywhere"
    yield Found(message=f"{message}: {counted(back)}", subject=f"cluster/{cluster.name}")


def _common(sets: Iterable[set[str]]) -> set[str]:
    first, *others = sets
    return first.intersection(*others)
