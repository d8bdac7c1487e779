"""IP and MAC addresses: the part of `ansible.utils` that configuration needs, under its names."""

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import (
    IPv4Interface,
    IPv4Network,
    IPv6Interface,
    IPv6Network,
    ip_interface,
    ip_network,
)
from typing import Any

Interface = IPv4Interface | IPv6Interface
Network = IPv4Network | IPv6Network
_MAC = re.compile(r"[0-9a-f]{12}")


def ipaddr(value: Any, query: str | int = "", version: int | None = None) -> Any:
    """Return an address or network, or what `query` asks of it; false where it is none, or none such.

    A list gives the list of those that are. `query` is address, prefix, netmask, hostmask, network, broadcast, subnet
    (network with prefix), host (address with prefix), net (only where it is a network), size, version, public, private,
    first_usable, last_usable, revdns, int, a number (that host of the network), or a network (only where it is in it).
    """
    if isinstance(value, list | tuple):
        found = [ipaddr(item, query, version) for item in value]
        return [item for item in found if item is not False]
    interface = _interface(value)
    if interface is None or (version is not None and interface.version != version):
        return False
    if isinstance(query, int) and not isinstance(query, bool):
        return f"{interface.network[query]}/{interface.network.prefixlen}"
    if query in _QUERIES:
        return _QUERIES[query](interface, "/" in str(value))
    if query == "":
        return str(value)
    network = _interface(query)
    if network is None:
        raise ValueError(f"ipaddr: expected one of {', '.join(_QUERIES)}, a number or a network, found {query!r}")
    return str(value) if _is_inside(interface.network, network.network) else False


def ipv4(value: Any, query: str | int = "") -> Any:
    """As `ipaddr`, of IPv4 alone."""
    return ipaddr(value, query, 4)


def ipv6(value: Any, query: str | int = "") -> Any:
    """As `ipaddr`, of IPv6 alone."""
    return ipaddr(value, query, 6)


def ipwrap(value: Any) -> Any:
    """Put brackets around an IPv6 address, for URLs and for addresses with a port; all else stays as it is."""
    interface = _interface(value)
    if interface is None or interface.version == 4:
        return value
    address, slash, prefix = str(value).partition("/")
    return f"[{address}]{slash}{prefix}"


def ipmath(value: str, amount: int) -> str:
    """Return the address that is so many after (or, below 0, before) another."""
    return str(ip_interface(value).ip + int(amount))


def ipsubnet(value: str, query: int | None = None, index: int | None = None) -> Any:
    """Count the subnets of a prefix length in a network, or return the one at `index`."""
    network = ip_interface(value).network
    if query is None:
        return str(network)
    prefix = int(query)
    if prefix < network.prefixlen:
        raise ValueError(f"ipsubnet: /{prefix} is larger than {network}")
    count = 2 ** (prefix - network.prefixlen)
    if index is None:
        return str(count)
    position = int(index) if index >= 0 else count + int(index)
    if not 0 <= position < count:
        return False
    size = 2 ** (network.max_prefixlen - prefix)
    return f"{network.network_address + position * size}/{prefix}"


def nthhost(value: str, query: int) -> str:
    """Return one address of a network by its number."""
    return str(ip_interface(value).network[int(query)])


def network_in_network(value: str, test: str) -> bool:
    """Tell whether an address or network is inside a network."""
    return _is_inside(ip_interface(test).network, ip_interface(value).network)


def cidr_merge(values: Sequence[str]) -> list[str]:
    """Merge networks that touch or hold each other."""
    from ipaddress import collapse_addresses

    merged: list[str] = []
    for version in (4, 6):
        networks: list[Any] = [network for network in map(ip_network, values) if network.version == version]
        merged += map(str, collapse_addresses(networks))
    return merged


def hwaddr(value: Any, query: str = "") -> Any:
    """Return a MAC address, false where it is none; `query` is linux (aa:bb:…), bare, unix, cisco or eui48."""
    bare = re.sub(r"[-:. ]", "", str(value)).lower()
    if not _MAC.fullmatch(bare):
        return False
    pairs = [bare[position : position + 2] for position in range(0, 12, 2)]
    shapes = {
        "": str(value),
        "bare": bare.upper(),
        "linux": ":".join(pairs),
        "unix": ":".join(pair.lstrip("0") or "0" for pair in pairs),
        "cisco": ".".join(bare[position : position + 4] for position in range(0, 12, 4)),
        "eui48": "-".join(pairs).upper(),
    }
    if query not in shapes:
        raise ValueError(f"hwaddr: expected one of {', '.join(filter(None, shapes))}, found {query!r}")
    return shapes[query]


def _interface(value: Any) -> Interface | None:
    if not isinstance(value, str):
        return None
    try:
        return ip_interface(value.strip())
    except ValueError:
        return None


def _is_inside(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _is_network(interface: Interface, _: bool) -> Any:
    network = interface.network
    is_network = network.num_addresses > 1 and interface.ip == network.network_address
    return str(network) if is_network else False


def _is_host(interface: Interface, with_prefix: bool) -> Any:
    network = interface.network
    if network.num_addresses > 1 and interface.ip == network.network_address:
        return False
    return f"{interface.ip}/{network.prefixlen}" if with_prefix or network.num_addresses == 1 else str(interface.ip)


def _usable(network: Network, position: int) -> Any:
    hosts = network.num_addresses
    if hosts <= 2:
        return str(network[0 if position == 0 else hosts - 1])
    last = hosts - (2 if network.version == 4 else 1)
    return str(network[1 if position == 0 else last])


_QUERIES: Mapping[Any, Callable[[Interface, bool], Any]] = {
    "address": lambda interface, _: str(interface.ip),
    "ip": lambda interface, _: str(interface.ip),
    "host": _is_host,
    "host/prefix": _is_host,
    "address/prefix": _is_host,
    "net": _is_network,
    "network": lambda interface, _: str(interface.network.network_address),
    "network/prefix": lambda interface, _: str(interface.network),
    "subnet": lambda interface, _: str(interface.network),
    "prefix": lambda interface, _: interface.network.prefixlen,
    "netmask": lambda interface, _: str(interface.network.netmask),
    "hostmask": lambda interface, _: str(interface.network.hostmask),
    "broadcast": lambda interface, _: str(interface.network.broadcast_address),
    "size": lambda interface, _: interface.network.num_addresses,
    "version": lambda interface, _: interface.version,
    "int": lambda interface, _: int(interface.ip),
    "revdns": lambda interface, _: f"{interface.ip.reverse_pointer}.",
    "private": lambda interface, _: str(interface.ip) if interface.ip.is_private else False,
    "public": lambda interface, _: str(interface.ip) if interface.ip.is_global else False,
    "first_usable": lambda interface, _: _usable(interface.network, 0),
    "last_usable": lambda interface, _: _usable(interface.network, -1),
}
