"""Makes the store fresh enough for an answer: collects where it is too old, and else says how old it is."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from omc.cli import moments
from omc.cli.context import Run
from omc.errors import Exit, UsageError
from omc.text import human_age, safe

if TYPE_CHECKING:
    from omc.inventory.store import Freshness
    from omc.model import Host
    from omc.site import SiteHost


class Asked(NamedTuple):
    """What a command line asks for: which hosts, how fresh, and what to read when collecting."""

    patterns: tuple[str, ...] = ()
    limit: str | None = None
    max_age: float | None = None
    at: str | None = None
    agent: bool | None = None  # None: as the site's settings say
    read_write: bool | None = None
    quiet: bool = False  # the age of the answer is said with -v only


class Answer(NamedTuple):
    """The hosts that the answer is about, and the exit code that their states ask for."""

    hosts: Sequence[str]
    states: "Sequence[Freshness]"
    code: Exit


FEW = 100
"""So many hosts are read from the store once and kept; more are read again and take no memory."""

CLOCKS_APART_SECONDS = 10.0
"""A collect that seems to come from the future is taken for fresh up to here: a team's clocks differ a little."""


def freshen(run: Run, asked: Asked) -> Answer:
    """Select the hosts, collect those that are too old (all of them where one is), and say what a reader must know.

    Raise UsageError where a collect is asked for and excluded at once.
    """
    if asked.at and (asked.agent or asked.read_write):
        raise UsageError("--at collects nothing", hint="leave out --agent and --read-write, or --at")
    hosts = selected(run, asked)
    names = [host.name for host in hosts]
    if asked.at:
        tell_beginning(run, asked.at)
        return Answer(names, (), Exit.OK)
    if _too_old(run, asked, names):
        from omc.cli.inventory.collecting import collect_hosts

        collect_hosts(run, asked, hosts)
        states = run.store.freshness(names)
    else:
        states = run.store.freshness(names)
        say = run.output.detail if asked.quiet else run.output.info
        say(_age_in_words(states))
    return _answer(names, states)


def known(run: Run, names: Sequence[str]) -> Answer:
    """Return what the store knows of the hosts, without asking them. Raise UsageError where it knows none."""
    states = run.store.freshness(names)
    if not any(state.attempted_at for state in states):
        raise UsageError(
            "the store knows none of these hosts: nothing was collected yet", hint="omc inventory collects"
        )
    return _answer(names, states)


def untried(run: Run, states: "Sequence[Freshness]") -> "list[Host]":
    """Return the hosts that were never asked: the store has none of them, and nothing is known but the site's words."""
    from omc.model import Host

    why = "never collected: omc inventory"
    return [
        Host(
            name=state.host,
            uri="",
            status="unreachable",
            status_reason=why,
            groups=tuple(run.site.hosts[state.host].groups),
        )
        for state in states
        if not state.attempted_at
    ]


def documents(run: Run, answer: Answer) -> Callable[[], Iterable[bytes]]:
    """Return what gives the hosts' documents as often as it is called, those that were never tried included."""
    import msgspec

    unread = [msgspec.json.encode(host) for host in untried(run, answer.states)]

    def read() -> Iterable[bytes]:
        yield from run.store.documents(answer.hosts)
        yield from unread

    few = list(read()) if len(answer.hosts) <= FEW else None
    return lambda: read() if few is None else few


def _answer(names: Sequence[str], states: "Sequence[Freshness]") -> Answer:
    failed = any(state.status != "ok" for state in states)
    return Answer(names, states, Exit.HOSTS_FAILED if failed else Exit.OK)


def selected(run: Run, asked: Asked) -> "list[SiteHost]":
    """Return the hosts that the patterns select and `--limit` leaves. Raise UsageError where that is none."""
    hosts = run.select(asked.patterns)
    if asked.limit:
        limited = {host.name for host in run.select([asked.limit])}
        hosts = [host for host in hosts if host.name in limited]
        if not hosts:
            raise UsageError("no host is left", hint=f"--limit {asked.limit} and the patterns have none in common")
    return hosts


def _too_old(run: Run, asked: Asked, names: Sequence[str]) -> bool:
    """Tell whether to collect first; what only a collect of its own reads is in the store of no other one."""
    max_age = run.site.settings.max_age_seconds if asked.max_age is None else asked.max_age
    if max_age <= 0 or asked.agent or asked.read_write:
        return True
    attempts = [state.attempted_at for state in run.store.freshness(names)]
    return not all(attempt and -CLOCKS_APART_SECONDS <= _age(attempt) <= max_age for attempt in attempts)


def _age_in_words(states: "Sequence[Freshness]") -> str:
    """Say how old the oldest facts are, or the oldest attempt where no host answered; `name_failed` says the rest."""
    read = [state.collected_at for state in states if state.status != "unreachable"]
    word, times = ("collected", read) if read else ("tried", [state.attempted_at for state in states])
    oldest = max(map(_age, times), default=0.0)
    return f"{word} {human_age(oldest)} ago (--max-age 0 collects now)"


def tell_age(run: Run, answer: Answer) -> None:
    """Say how old the oldest facts of the store are, where they are older than the site takes for fresh."""
    times = [state.collected_at for state in answer.states if state.collected_at]
    if not times:
        return
    age = max(map(_age, times))
    told = f"the oldest facts were collected {human_age(age)} ago"
    if age > run.site.settings.max_age_seconds:
        run.output.note(told, hint="omc inventory collects")
    else:
        run.output.detail(told)


def tell_beginning(run: Run, time: str) -> None:
    """Say where the store knows nothing of that time, and since when it knows something."""
    first = run.store.beginning()
    if first is None:
        run.output.note("the store is empty: nothing was collected yet", hint="omc inventory collects")
    elif time < first:
        when = moments.said(datetime.fromisoformat(first))
        run.output.info(f"the store begins at {when} and knows nothing of the time before")


def name_failed(run: Run, answer: Answer) -> None:
    """Name every host that is not ok, those with the same reason together."""
    reasons: dict[tuple[str, str], list[Freshness]] = {}
    for state in answer.states:
        if state.status != "ok":
            reasons.setdefault((state.status or "never collected", state.status_reason or ""), []).append(state)
    for (status, reason), states in reasons.items():
        stale = [state for state in states if status == "unreachable" and state.collected_at]
        names = ", ".join(state.host for state in states)
        age = max((_age(state.collected_at) for state in stale), default=0.0)
        known = f"; shown as collected {human_age(age)} ago" if stale else ""
        told = safe(f"{status}: {reason}" if reason else status)
        run.output.error(f"{told}{known}", where=names, hint=f"omc inventory issues {states[0].host}")


def _age(moment: str | None) -> float:
    return time.time() - datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() if moment else 0.0
