"""Guests as hosts of an Ansible inventory: what `--list` and `--host` of an inventory script print.

Groups: `host_NAME` (the host that a guest is on), `state_running` …, `tag_NAME` (of omc's own metadata) and `os_NAME`.
Ansible takes a text with braces in an inventory for a template and runs it on the machine that Ansible runs on; every
text of a guest that could be one is therefore marked `__ansible_unsafe`, which keeps it a text.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv6Address, ip_address

from omc.errors import UsageError
from omc.inventory.export.names import group_name, host_names
from omc.model import Guest

_TEMPLATE = ("{", "#jinja2")
_TRUST = {"lease": 0, "agent": 1, "arp": 2}


def inventory(guests: Sequence[Guest]) -> dict[str, object]:
    """Return the whole inventory: groups, and all variables in `_meta`."""
    memberships = {(guest.host, guest.uuid): _groups(guest) for guest in guests}
    groups: dict[str, list[str]] = {name: [] for names in memberships.values() for name in names}
    names = host_names(guests, frozenset(groups))
    for key, members in memberships.items():
        for group in members:
            groups[group].append(names[key])
    hostvars = {names[guest.host, guest.uuid]: variables(guest) for guest in guests}
    listed: dict[str, object] = {name: {"hosts": hosts} for name, hosts in sorted(groups.items())}
    return {"_meta": {"hostvars": hostvars}, "all": {"children": ["ungrouped", *sorted(groups)]}, **listed}


def variables_of(guests: Sequence[Guest], name: str) -> dict[str, object]:
    """Return the variables of the guest that the inventory calls `name`. Raise UsageError where there is none."""
    groups = frozenset(group for guest in guests for group in _groups(guest))
    names = host_names(guests, groups)
    for guest in guests:
        if names[guest.host, guest.uuid] == name:
            return variables(guest)
    near = get_close_matches(name, names.values(), n=3)
    hint = f"meant {' or '.join(near)}?" if near else "--list shows the names"
    raise UsageError(f"the inventory has no {name!r}", hint=hint)


def variables(guest: Guest) -> dict[str, object]:
    """Return the variables of one guest; `ansible_host` only where an address is known."""
    address = connect_address(guest)
    facts: dict[str, object] = {
        "omc_host": guest.host,
        "omc_name": guest.name,
        "omc_uuid": guest.uuid,
        "omc_state": guest.state,
        "omc_title": guest.title,
        "omc_vcpus": guest.vcpus,
        "omc_memory_bytes": guest.memory_bytes,
        "omc_os": operating_system(guest),
        "omc_tags": list(guest.metadata.tags),
        "omc_attributes": dict(guest.metadata.attributes),
        "omc_addresses": [str(address) for address in _addresses(guest)],
    }
    kept = {name: _harmless(value) for name, value in facts.items() if value not in (None, [], {})}
    return {"ansible_host": address, **kept} if address else kept


def connect_address(guest: Guest) -> str | None:
    """Return the address to connect to: what the host gave out goes before what the guest claims."""
    return next((str(address) for address in _addresses(guest)), None)


def operating_system(guest: Guest) -> str | None:
    """Return the operating system in short: what the agent says (`debian-12`), else libosinfo's id (`debian-12`)."""
    if guest.agent and guest.agent.os_id:
        return "-".join(part for part in (guest.agent.os_id, guest.agent.os_version) if part)
    if guest.metadata.os_id:
        return "-".join(guest.metadata.os_id.rstrip("/").split("/")[-2:])
    return None


def _groups(guest: Guest) -> list[str]:
    system = operating_system(guest)
    named = [("host", guest.host), ("state", guest.state), *(("tag", tag) for tag in guest.metadata.tags)]
    if system:
        named.append(("os", system))
    return list(dict.fromkeys(group_name(kind, value) for kind, value in named))


def _addresses(guest: Guest) -> list[IPv4Address | IPv6Address]:
    """Return the addresses that other machines can reach, the most trustworthy source first, IPv4 before IPv6."""
    found = [
        (_TRUST.get(known.source, 3), address.version, address)
        for nic in guest.nics
        for known in nic.addresses
        if (address := _reachable(known.address))
    ]
    return list(dict.fromkeys(address for *_, address in sorted(found, key=lambda entry: entry[:2])))


def _reachable(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    useless = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    return None if useless else address


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return {"__ansible_unsafe": value} if any(mark in value for mark in _TEMPLATE) else value
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    if isinstance(value, dict):
        return {key: _harmless(item) for key, item in value.items()}
    return value
