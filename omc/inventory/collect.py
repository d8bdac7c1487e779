"""Collect hosts into the store: all in parallel, each on its own, recorded as they finish.

One deadline bounds the whole: what a host has given by then is kept, a host that was not reached is named. Nothing is
printed; the observer hears of every host as it is done.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from omc import fleet
from omc.errors import HostError, OmcError
from omc.inventory.assemble import Assembled, assemble
from omc.model import Host, Issue
from omc.ports import Hypervisor, ReadOptions

if TYPE_CHECKING:
    from omc.inventory.store import Store
    from omc.site import SiteHost

ASSEMBLE_SECONDS = 0.7
"""After the deadline of the reading this much is left to make sense of what arrived at the last moment."""

IN_FLIGHT_MOST = 16
IN_FLIGHT_LEAST = 4


class CollectOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to collect."""

    timeout_seconds: float = 30.0
    connect_timeout_seconds: float = 5.0
    parallel: int = 32
    read_write: bool = False
    agent: bool = False
    agent_seconds: float = 5.0
    actor: str = ""
    selection: str = ""


class HostDone(msgspec.Struct, frozen=True):
    """One host is done: for a progress bar and for the log."""

    name: str
    status: str
    reason: str | None
    seconds: float
    guests: int


class CollectSummary(msgspec.Struct, frozen=True):
    """How a collect went; `failed` names the hosts that are not "ok"."""

    run: int
    hosts: int
    guests: int
    seconds: float
    failed: tuple[str, ...]


def collect(
    targets: Sequence["SiteHost"],
    *,
    store: "Store",
    reader: Callable[[str], Hypervisor],
    options: CollectOptions,
    observer: Callable[[HostDone], None] = lambda _: None,
) -> CollectSummary:
    """Read every host and record what came; raises nothing for a host, StoreError where nothing can be recorded.

    `reader` gives the part that reads a URI (`omc.providers.hypervisor_for`).
    """
    started = time.monotonic()
    run = store.begin(actor=options.actor, selection=options.selection)
    done: list[HostDone] = []
    outcome = "interrupted"
    try:
        for assembled in _read_all(targets, store, reader, options):
            store.record(run, assembled.host, assembled.digests)
            done.append(_done(assembled.host))
            observer(done[-1])
        outcome = "finished"
    finally:
        store.finish(run, outcome)
    return CollectSummary(
        run=run,
        hosts=len(done),
        guests=sum(host.guests for host in done),
        seconds=time.monotonic() - started,
        failed=tuple(host.name for host in done if host.status != "ok"),
    )


def _read_all(
    targets: Sequence["SiteHost"], store: "Store", reader: Callable[[str], Hypervisor], options: CollectOptions
) -> Iterator[Assembled]:
    deadline = time.monotonic() + options.timeout_seconds
    request = ReadOptions(
        deadline=deadline,
        connect_seconds=options.connect_timeout_seconds,
        in_flight=max(IN_FLIGHT_LEAST, IN_FLIGHT_MOST // max(1, len(targets))),
        read_write=options.read_write,
        agent=options.agent,
        agent_seconds=options.agent_seconds,
    )
    results = fleet.run(
        targets,
        partial(read_one, store=store, reader=reader, request=request),
        parallel=options.parallel,
        deadline=deadline + ASSEMBLE_SECONDS,
        name=lambda target: target.name,
    )
    for result in results:
        if result.error is None:
            yield msgspec.structs.replace(
                result.get(), host=msgspec.structs.replace(result.get().host, collect_seconds=round(result.seconds, 3))
            )
        else:
            yield Assembled(unreachable(result.item, result.error, result.seconds), {})


def read_one(
    target: "SiteHost", *, store: "Store", reader: Callable[[str], Hypervisor], request: ReadOptions
) -> Assembled:
    """Read one host and make a Host of it; raises HostError where it cannot be reached."""
    raw = reader(target.uri).read(target.uri, request)
    return assemble(
        raw,
        name=target.name,
        uri=target.uri,
        groups=target.groups,
        collected_at=now(),
        known=store.known(target.name),
    )


def unreachable(target: "SiteHost", error: OmcError, seconds: float) -> Host:
    """Give a Host without facts that says why; the store keeps what it knew of that host."""
    code = error.code if isinstance(error, HostError) else "failed"
    issue = Issue(
        host=target.name,
        subject="host",
        code=code,
        what="the whole host",
        why=error.message,
        hint=error.hint,
        failed=True,
    )
    return Host(
        name=target.name,
        uri=target.uri,
        status="unreachable",
        status_reason=error.message,
        collect_seconds=round(seconds, 3),
        groups=target.groups,
        issues=(issue,),
    )


def now() -> str:
    """Give this moment as RFC 3339 UTC with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _done(host: Host) -> HostDone:
    return HostDone(host.name, host.status, host.status_reason, host.collect_seconds or 0.0, len(host.guests))
