"""Targets for Prometheus's http_sd and file_sd: hosts with their groups and variables, guests by address. Pure.

Variables whose name sounds like a secret, URLs with a password in them, and what ansible-vault sealed are never given
out. Addresses of guests are what the guests say, so one that could not be a guest's own (loopback, link-local,
multicast) is left out, and each carries its source. Labels begin with `__meta_omc_`: Prometheus drops them
unless a relabeling keeps them.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

import msgspec

from omc.errors import SiteError
from omc.site import Sealed, Site, SiteHost, resolve

PREFIX = "__meta_omc_"
MOST_CHARACTERS = 1_000
_SECRET = re.compile(r"pass|secret|token|key|credential|private|vault|cert|become|auth", re.IGNORECASE)
_PASSWORD_IN_URL = re.compile(r"://[^/\s]*:[^/\s]*@")
_NO_LABEL = re.compile(r"[^a-zA-Z0-9_]")


class TargetGroup(msgspec.Struct, frozen=True):
    """One entry of http_sd's answer."""

    targets: tuple[str, ...]
    labels: dict[str, str]


class GuestAddress(msgspec.Struct, frozen=True, kw_only=True):
    """One address of one guest, as the store knows it."""

    host: str
    guest: str
    uuid: str
    state: str
    address: str
    source: str  # agent, lease, arp
    tags: tuple[str, ...] = ()


def host_groups(site: Site) -> Iterator[TargetGroup]:
    """Give one group a host: its name is the target, for /probe."""
    for host in site.hosts.values():
        yield TargetGroup((host.name,), host_labels(site, host))


def guest_groups(site: Site, addresses: Iterable[GuestAddress]) -> Iterator[TargetGroup]:
    """Give one group an address of a guest on a host of the site; the same address of a guest comes once."""
    labels_of = {name: host_labels(site, host) for name, host in site.hosts.items()}
    seen: set[tuple[str, str, str]] = set()
    for found in addresses:
        address = _usable(found.address)
        key = (found.host, found.uuid, address)
        if not address or found.host not in labels_of or key in seen:
            continue
        seen.add(key)
        target = f"[{address}]" if ":" in address else address
        yield TargetGroup((target,), labels_of[found.host] | _guest_labels(found, address))


def host_labels(site: Site, host: SiteHost) -> dict[str, str]:
    """Return the labels of a host: name, URI, groups, and its variables that are plain values and no secret."""
    uri = host.uri.partition("?")[0]
    labels = {"host": host.name, "uri": uri, "groups": _listed(host.groups), "problem": host.problem}
    labels |= {f"group_{_name(group)}": "true" for group in host.groups}
    for variable in host.variables:
        value = _plain(site, host, variable) if variable != "libvirt_uri" else None  # its options name key files
        if value is not None:
            labels[f"var_{_name(variable)}"] = value
    labels["address"] = labels.get("var_ansible_host", host.name)
    return {f"{PREFIX}{name}": value for name, value in labels.items() if value}


def _guest_labels(found: GuestAddress, address: str) -> dict[str, str]:
    labels = {
        "guest": found.guest,
        "guest_uuid": found.uuid,
        "guest_state": found.state,
        "guest_address": address,
        "guest_address_family": "ipv6" if ":" in address else "ipv4",
        "guest_address_source": found.source,
        "guest_tags": _listed(found.tags),
    }
    return {f"{PREFIX}{name}": value for name, value in labels.items() if value}


def _listed(names: Iterable[str]) -> str:
    """Join names with a comma on either side, so that a relabeling can match one of them: `.*,web,.*`."""
    joined = ",".join(names)
    return f",{joined}," if joined else ""


def _name(text: str) -> str:
    return _NO_LABEL.sub("_", text)


def _plain(site: Site, host: SiteHost, variable: str) -> str | None:
    if _SECRET.search(variable) or isinstance(host.variables[variable], Sealed | list | dict):
        return None
    try:
        value = resolve(site, host, variable)
    except SiteError:
        return None  # `omc site check` tells why; here it is one label less
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float) or _PASSWORD_IN_URL.search(str(value)):
        return None
    return str(value)[:MOST_CHARACTERS]


def _usable(text: str) -> str:
    """Return an address in its usual spelling; "" for one that no guest can be reached at."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    beyond = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    return "" if beyond else str(address)
