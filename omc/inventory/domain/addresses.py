"""Addresses of a guest's nics: the ARP table's and the agent's by MAC, the leases' by MAC, each with its source."""

from collections.abc import Iterator, Mapping

from msgspec import structs

from omc.inventory.domain.agent import MOST
from omc.inventory.domain.surroundings import Surroundings
from omc.inventory.markup import whole
from omc.model import Address, Nic
from omc.ports import RawGuest, Value

LOOPBACK_MAC = "00:00:00:00:00:00"

SOURCES = {"agent": 0, "lease": 1, "arp": 2}
"""Order of the sources: the guest itself knows best, the ARP table least."""

Found = dict[str, dict[Address, None]]


def place_addresses(
    nics: tuple[Nic, ...], raw: RawGuest, *, surroundings: Surroundings, active: bool
) -> tuple[Nic, ...]:
    """Give each nic its addresses and the name that the guest has for it.

    A guest that does not run has none, whatever an old lease says. What the agent tells of interfaces that the guest
    made itself (bridges, containers) belongs to no nic and is left out, unless it shares a nic's MAC.
    """
    if not active:
        return tuple(_bare(nic) for nic in nics)
    found: Found = {}
    names: dict[str, str] = {}
    for mac, interface, address in _told(raw):
        found.setdefault(mac, {})[address] = None
        if address.source == "agent":
            names.setdefault(mac, interface)
    return tuple(_placed(nic, found, names, surroundings) for nic in nics)


def _bare(nic: Nic) -> Nic:
    return structs.replace(nic, addresses=(), guest_name=None) if nic.addresses or nic.guest_name else nic


def _placed(nic: Nic, found: Found, names: Mapping[str, str], surroundings: Surroundings) -> Nic:
    leases = surroundings.leases.get(nic.mac, ())
    told = found.get(nic.mac, {})
    if not leases and not told:
        return _bare(nic)
    addresses = dict.fromkeys((*told, *leases))
    ordered = sorted(addresses, key=lambda address: SOURCES.get(address.source, len(SOURCES)))
    return structs.replace(nic, addresses=tuple(ordered), guest_name=names.get(nic.mac))


def _told(raw: RawGuest) -> Iterator[tuple[str, str, Address]]:
    """Give MAC, interface and address of all that was read of this guest."""
    for entry in raw.addresses:
        mac = entry.mac.lower()
        if mac and mac != LOOPBACK_MAC:
            yield mac, entry.interface, Address(address=entry.address, prefix=entry.prefix, source=entry.source)
    if raw.agent:
        yield from _agent_interfaces(raw.agent)


def _agent_interfaces(agent: Mapping[str, Value]) -> Iterator[tuple[str, str, Address]]:
    """Read `if.N.hwaddr`, `if.N.addr.M.addr` … of virDomainGetGuestInfo."""
    for number in _numbers(agent, "if.count"):
        mac = str(agent.get(f"if.{number}.hwaddr", "")).lower()
        if not mac or mac == LOOPBACK_MAC:
            continue
        name = str(agent.get(f"if.{number}.name", ""))
        for entry in _numbers(agent, f"if.{number}.addr.count"):
            address = agent.get(f"if.{number}.addr.{entry}.addr")
            prefix = whole(agent.get(f"if.{number}.addr.{entry}.prefix"))
            if isinstance(address, str):
                yield mac, name, Address(address=address, prefix=prefix, source="agent")


def _numbers(values: Mapping[str, Value], key: str) -> range:
    return range(min(whole(values.get(key)) or 0, MOST))
