"""One host put together: raw answers in, a Host with everything and its issues out. Pure: nobody is asked."""

from collections.abc import Mapping
from functools import partial

import msgspec

from omc.inventory.domain import surroundings_of
from omc.inventory.guests import Guests
from omc.inventory.host import read_host
from omc.inventory.issues import Issues
from omc.inventory.known import KnownGuest
from omc.inventory.network import read_network
from omc.inventory.storage import read_pool, read_volume
from omc.model import Guest, Host, Issue, Network, Pool
from omc.ports import RawHost, RawPool


class Assembled(msgspec.Struct, frozen=True):
    """A host, and the digest of each guest's XML by UUID (what `known` is asked with next time)."""

    host: Host
    digests: Mapping[str, str]


def assemble(  # noqa: PLR0913 - a host's place in the site is three facts
    raw: RawHost, *, name: str, uri: str, groups: tuple[str, ...], collected_at: str, known: Mapping[str, KnownGuest]
) -> Assembled:
    """Make a Host of what a driver read; raises nothing for what is missing or broken: that is an Issue."""
    issues = Issues(name, raw.faults)
    fields = read_host(raw, issues)
    pools = _pools(raw, issues)
    networks = _networks(raw, issues)
    surroundings = surroundings_of(pools or (), networks or ())
    guests, digests = Guests(issues, known, surroundings).read_all(raw.guests)
    _unasked(raw, guests, issues)
    reason = issues.failure()
    host = Host(
        name=name,
        uri=uri,
        groups=groups,
        collected_at=collected_at,
        guests=guests,
        pools=pools,
        networks=networks,
        status="ok" if reason is None else "partial",
        status_reason=reason,
        issues=tuple(issues.found),
        **fields,
    )
    return Assembled(host, digests)


def _pools(raw: RawHost, issues: Issues) -> tuple[Pool, ...] | None:
    if raw.pools is None:
        return None
    read = (_pool(pool, issues) for pool in raw.pools)
    return tuple(pool for pool in read if pool is not None)


def _pool(raw: RawPool, issues: Issues) -> Pool | None:
    subject = f"pool/{raw.name}"
    volumes = None
    if raw.volumes is not None:
        read = (
            issues.attempt(subject, "a volume", partial(read_volume, xml, pool=raw.name, where=issues.host))
            for xml in raw.volumes
        )
        volumes = tuple(volume for volume in read if volume is not None)
    return issues.attempt(subject, "the configuration", partial(read_pool, raw, volumes=volumes, where=issues.host))


def _networks(raw: RawHost, issues: Issues) -> tuple[Network, ...] | None:
    if raw.networks is None:
        return None
    read = (
        issues.attempt(
            f"network/{network.name}", "the configuration", partial(read_network, network, where=issues.host)
        )
        for network in raw.networks
    )
    return tuple(network for network in read if network is not None)


def _unasked(raw: RawHost, guests: tuple[Guest, ...], issues: Issues) -> None:
    """Name what was not asked for, where there would be something to ask."""
    if raw.read_only and raw.domain_capabilities is None:
        what = "what guests may have here (domain capabilities)"
        issues.add("host", "needs-read-write", what, "the connection is read-only")
    silent = [guest for guest in guests if guest.agent_connected and guest.agent is None]
    if silent and not any(issue.code == "no-agent" for issue in issues.found):
        issue = Issue(
            host=issues.host,
            subject="host",
            code="no-agent",
            what=f"what the agents of {len(silent)} guests say",
            why="agents are asked only on request",
            hint="run with --agent",
        )
        issues.found.append(issue)
