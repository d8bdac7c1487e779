"""The floor that omc is measured against: bare libvirt-python that asks for the same facts and drops every answer.

It is fixed: a figure of today compares with one of next year. It opens all hosts in parallel, several connections each
where omc does so, and has as many calls in flight. Two ways of asking:

- plain: a call a guest and fact (live and inactive XML, autostart, managed save, snapshots, addresses);
- lean: one filtered list for all guests where libvirt has one, and no second XML of a guest that does not run.

Used as a program of its own that imports nothing of omc: `python floor.py FILE --hosts 20 --lanes 2`, FILE with one
URI a line. `--serial` asks everything one after the other over one connection a host.
"""

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import libvirt

_STATS = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_BLOCK
_STATS_FLAGS = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING
_FILTERS = (
    libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART,
    libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
    libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT,
)
_LEASE = libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE

Call = Callable[[], object]


def attempt(call: Call) -> None:
    """Make a call; what this driver does not give costs its round trip like any other answer."""
    with suppress(libvirt.libvirtError):
        call()


def read_guest(domain: libvirt.virDomain) -> None:
    """Ask for every fact of one guest, a call each."""
    attempt(domain.XMLDesc)
    attempt(lambda: domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    attempt(domain.autostart)
    attempt(domain.hasManagedSaveImage)
    attempt(domain.listAllSnapshots)
    if domain.ID() >= 0:
        attempt(lambda: domain.interfaceAddresses(_LEASE))


def read_guest_lean(domain: libvirt.virDomain) -> None:
    """Ask for the XML of one guest, the inactive one too where it runs; the rest came with the filtered lists."""
    attempt(domain.XMLDesc)
    if domain.ID() >= 0:
        attempt(lambda: domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
        attempt(lambda: domain.interfaceAddresses(_LEASE))


def read_pool(pool: libvirt.virStoragePool) -> None:
    """Ask for one pool and all its volumes."""
    attempt(pool.XMLDesc)
    attempt(pool.info)
    with suppress(libvirt.libvirtError):
        for volume in pool.listAllVolumes():
            attempt(volume.XMLDesc)


def read_network(network: libvirt.virNetwork) -> None:
    """Ask for one network and its leases."""
    attempt(network.XMLDesc)
    attempt(network.DHCPLeases)


def calls_of(connection: libvirt.virConnect, share: int, arguments: argparse.Namespace) -> list[Call]:
    """Give the calls of one connection: its share of the guests, and of the first one also all else."""
    domains = connection.listAllDomains()
    read = read_guest_lean if arguments.lean else read_guest
    calls: list[Call] = [partial(read, domain) for domain in domains[share :: arguments.connections]]
    if share > 0:
        return calls
    calls.append(partial(attempt, partial(connection.getAllDomainStats, _STATS, _STATS_FLAGS)))
    if arguments.lean:
        calls += [partial(attempt, partial(connection.listAllDomains, flag)) for flag in _FILTERS]
    with suppress(libvirt.libvirtError):
        calls += [partial(read_pool, pool) for pool in connection.listAllStoragePools()]
    with suppress(libvirt.libvirtError):
        calls += [partial(read_network, network) for network in connection.listAllNetworks()]
    return calls


def read_share(uri: str, share: int, arguments: argparse.Namespace) -> int:
    """Read one connection's share of a host with some calls in flight; the number of tasks."""
    connection = libvirt.openReadOnly(uri)
    calls = calls_of(connection, share, arguments)
    if arguments.lanes == 1:
        for call in calls:
            call()
    else:
        with ThreadPoolExecutor(arguments.lanes) as pool:
            list(pool.map(lambda call: call(), calls))
    connection.close()
    return len(calls)


def read_host(uri: str, arguments: argparse.Namespace) -> int:
    """Read one host over its connections, all at the same time."""
    if arguments.connections == 1:
        return read_share(uri, 0, arguments)
    with ThreadPoolExecutor(arguments.connections) as pool:
        return sum(pool.map(lambda share: read_share(uri, share, arguments), range(arguments.connections)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read every host of the file and say how many tasks that were."""
    parser = argparse.ArgumentParser(description="Read hosts over libvirt and drop the answers.")
    parser.add_argument("uris", type=Path)
    parser.add_argument("--hosts", type=int, default=1, help="hosts at a time")
    parser.add_argument("--connections", type=int, default=1, help="connections a host")
    parser.add_argument("--lanes", type=int, default=4, help="calls in flight a connection")
    parser.add_argument("--lean", action="store_true", help="filtered lists instead of calls a guest")
    parser.add_argument("--serial", action="store_true", help="one call after the other")
    chosen = parser.parse_args(arguments)
    if chosen.serial:
        chosen.hosts = chosen.connections = chosen.lanes = 1
    libvirt.registerErrorHandler(lambda *_: None, None)
    with ThreadPoolExecutor(chosen.hosts) as pool:
        print(sum(pool.map(lambda uri: read_host(uri, chosen), chosen.uris.read_text().split())))


if __name__ == "__main__":
    main()
