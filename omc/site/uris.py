"""Gives every host of a site its URI, and names the variables that leave a host without one by file and line."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

import msgspec

from omc.site.entities import Site, SiteHost
from omc.site.mistakes import Mistakes, VariableError
from omc.site.resolve import Scope
from omc.site.uri import uri_of

MOST_NAMED = 3


def with_uris(site: Site) -> tuple[Mapping[str, SiteHost], list[VariableError]]:
    """Return the hosts of a site with their URIs, and every fault that leaves one of them without.

    Such a host has a `problem` and a URI that nothing opens.
    """
    hosts: dict[str, SiteHost] = {}
    every: list[VariableError] = []
    for name, host in site.hosts.items():
        faults: list[VariableError] = []
        uri = uri_of(Scope(site, host), faults)
        if faults:
            uri, problem = f"unresolved:///{quote(name)}", "; ".join(map(_in_words, faults))
            hosts[name] = msgspec.structs.replace(host, uri=uri, problem=problem)
        else:
            hosts[name] = msgspec.structs.replace(host, uri=uri)
        every.extend(faults)
    return hosts, every


def add_faults(faults: list[VariableError], place_of: Callable[[VariableError], str], mistakes: Mistakes) -> None:
    """Add faults to the mistakes, those of one place as one mistake that names the hosts."""
    hosts: dict[tuple[str, str, str], dict[str, None]] = {}
    for fault in faults:
        hosts.setdefault((place_of(fault), fault.message, fault.hint), {})[fault.host] = None
    for (place, message, hint), names in hosts.items():
        mistakes.add(place, f"{message} ({_named(list(names))})", hint)


def _named(names: list[str]) -> str:
    if len(names) == 1:
        return f"host {names[0]}"
    if len(names) <= MOST_NAMED:
        return f"hosts {', '.join(names[:-1])} and {names[-1]}"
    return f"hosts {', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"


def _in_words(fault: VariableError) -> str:
    return f"{fault.message} ({fault.hint})" if fault.hint else fault.message
