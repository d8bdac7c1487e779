"""Collect hosts into the store: all in parallel, each on its own, recorded as they finish.

One deadline bounds the whole: what a host has given by then is kept, a host that was not reached is named. Nothing is
printed; the observer hears of every host as it is done.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from omc import fleet
from omc.errors import HostError, StoreError
from omc.model import Host, Issue
from omc.ports import Hypervisor, ReadOptions
from omc.text import public_uri

if TYPE_CHECKING:
    from omc.inventory.store import Store
    from omc.site import SiteHost

Read = tuple[Host, Mapping[str, str]]
"""A host, and the digest of each guest's XML by UUID."""

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


def collect(
    targets: Sequence["SiteHost"],
    *,
    store: Callable[[], "Store"],
    reader: Callable[[str], Hypervisor],
    options: CollectOptions,
    observer: Callable[[HostDone], None] = lambda _: None,
) -> None:
    """Read every host and record what came; raises nothing for a host, StoreError where nothing can be recorded.

    `store` opens the store; it is called, in this thread, when the hosts are already asked: loading and opening cost
    0.1 s. `reader` gives the part that reads a URI (`omc.providers.hypervisor_for`). The run's outcome is "ok",
    "partial" (a host was not wholly read), "interrupted", or "failed" (the store took no more).
    """
    opening = _Opening()
    results = _start(targets, opening, reader, options)
    opened = opening.open(store)
    run = opened.begin(actor=options.actor, selection=options.selection)
    outcome = "ok"
    try:
        for result in results:
            host, digests = result.value or (unreachable(result), {})
            _record(opened, run, host, digests)
            outcome = outcome if host.status == "ok" else "partial"
            observer(HostDone(host.name, host.status, host.status_reason, result.seconds, len(host.guests)))
    except BaseException as error:
        with suppress(StoreError):  # the first one is told
            opened.finish(run, "failed" if isinstance(error, StoreError) else "interrupted")
        raise
    opened.finish(run, outcome)


class _Opening:
    """The store, for threads that read hosts while it is being opened."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._store: Store | None = None

    def open(self, store: Callable[[], "Store"]) -> "Store":
        """Open the store; where that fails, whoever waits for it gives up."""
        try:
            self._store = store()
            import omc.inventory.assemble  # noqa: F401 - loaded here, where nobody waits for it
        finally:
            self._done.set()
        return self._store

    def get(self) -> "Store":
        """Wait for the store."""
        self._done.wait()
        if self._store is None:
            raise StoreError("the store could not be opened")
        return self._store


def _record(store: "Store", run: int, host: Host, digests: Mapping[str, str]) -> None:
    """Record a host, once more where that failed: a database that was restarted meanwhile takes a new connection."""
    try:
        store.record(run, host, digests)
    except StoreError:
        store.record(run, host, digests)


def _start(
    targets: Sequence["SiteHost"], opening: _Opening, reader: Callable[[str], Hypervisor], options: CollectOptions
) -> Iterator[fleet.Result["SiteHost", Read]]:
    deadline = time.monotonic() + options.timeout_seconds
    request = ReadOptions(
        deadline=deadline,
        connect_seconds=options.connect_timeout_seconds,
        in_flight=max(IN_FLIGHT_LEAST, IN_FLIGHT_MOST // max(1, len(targets))),
        read_write=options.read_write,
        agent=options.agent,
        agent_seconds=options.agent_seconds,
    )
    return fleet.run(
        targets,
        partial(read_one, store=opening.get, reader=reader, request=request),
        parallel=options.parallel,
        deadline=deadline + ASSEMBLE_SECONDS,
        name=lambda target: target.name,
    )


def read_one(
    target: "SiteHost", *, store: Callable[[], "Store"], reader: Callable[[str], Hypervisor], request: ReadOptions
) -> Read:
    """Read one host and make a Host of it; raises HostError where it cannot be reached."""
    if target.problem:
        raise HostError(target.problem, code="uri", hint="omc site check")
    started = time.monotonic()
    raw = reader(target.uri).read(target.uri, request)
    seconds = round(time.monotonic() - started, 3)
    from omc.inventory.assemble import assemble  # loaded while the host answered, see `_Opening`

    known = store().known(target.name)
    made = assemble(
        raw, name=target.name, uri=public_uri(target.uri), groups=target.groups, collected_at=now(), known=known
    )
    return msgspec.structs.replace(made.host, collect_seconds=seconds), made.digests


def unreachable(result: fleet.Result["SiteHost", Read]) -> Host:
    """Give a Host without facts that says why; the store keeps what it knew of that host."""
    error, target = result.error or HostError("no answer"), result.item
    issue = Issue(
        host=target.name,
        subject="host",
        code=error.code if isinstance(error, HostError) else "failed",
        what="the whole host",
        why=error.message,
        hint=error.hint,
        failed=True,
    )
    return Host(
        name=target.name,
        uri=public_uri(target.uri),
        status="unreachable",
        status_reason=error.message,
        collect_seconds=round(result.seconds, 3),
        groups=target.groups,
        issues=(issue,),
    )


def now() -> str:
    """Give this moment as RFC 3339 UTC with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
