"""Hosts, guests, networks and pools as a graph in Graphviz's language: `omc inventory export dot | dot -Tsvg`.

A cluster a host; lines go from a guest to the networks of its nics and to the pools of its disks. Nodes have numbers
for names and quoted labels, so that no guest's name can end a string and start a statement.
"""

from collections.abc import Iterable, Iterator

from omc.model import Disk, Host, Pool
from omc.text import safe

_GUEST_FILLS = {"running": "palegreen", "paused": "khaki", "crashed": "lightcoral"}
_HOST_FILLS = {"ok": "aliceblue", "partial": "khaki", "unreachable": "lightcoral"}
_ATTRIBUTES = (
    'rankdir=LR; node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif"];',
    'graph [fontname="sans-serif", compound=true];',
)


def graph(hosts: Iterable[Host]) -> Iterator[str]:
    """Give the graph, line by line."""
    yield "digraph omc {"
    yield from (f"  {line}" for line in _ATTRIBUTES)
    for number, host in enumerate(hosts):
        yield from (f"  {line}" for line in _host(f"h{number}", host))
    yield "}"


def quoted(text: str) -> str:
    """Return a text as a quoted string of Graphviz: one line, nothing in it ends it or is an escape sequence."""
    return '"' + safe(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _host(identity: str, host: Host) -> Iterator[str]:
    pools, networks = host.pools or (), host.networks or ()
    pool_ids = {pool.name: f"{identity}p{number}" for number, pool in enumerate(pools)}
    sources = dict.fromkeys([network.name for network in networks] + _other_sources(host))
    network_ids = {name: f"{identity}n{number}" for number, name in enumerate(sources)}
    yield f"subgraph cluster_{identity} {{"
    yield f"  label={quoted(f'{host.name} ({host.status})')}; style=filled; fillcolor={_HOST_FILLS[host.status]};"
    yield from (f"  {node} [label={quoted(name)}, shape=cylinder];" for name, node in pool_ids.items())
    yield from (f"  {node} [label={quoted(name)}, shape=hexagon];" for name, node in network_ids.items())
    for number, guest in enumerate(host.guests):
        node = f"{identity}g{number}"
        yield f"  {node} [label={quoted(guest.name)}, fillcolor={_GUEST_FILLS.get(guest.state, 'white')}];"
        used = {network_ids[nic.source] for nic in guest.nics if nic.source}
        used |= {pool_ids[pool.name] for disk in guest.disks if (pool := pool_of(disk, pools))}
        yield from (f"  {node} -> {other} [arrowhead=none];" for other in sorted(used))
    yield "}"


def _other_sources(host: Host) -> list[str]:
    """Return bridges and devices that guests hang on without a network of libvirt's."""
    return [nic.source for guest in host.guests for nic in guest.nics if nic.source]


def pool_of(disk: Disk, pools: Iterable[Pool]) -> Pool | None:
    """Return the pool that a disk's image lies in: the one it names, or the one with the longest path above it."""
    if not disk.source:
        return None
    if disk.type == "volume":
        name = disk.source.split("/", 1)[0]
        return next((pool for pool in pools if pool.name == name), None)
    above = [pool for pool in pools if pool.path and disk.source.startswith(pool.path.rstrip("/") + "/")]
    return max(above, key=lambda pool: len(pool.path or ""), default=None)
