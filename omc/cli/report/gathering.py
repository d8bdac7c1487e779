"""What all reports have in common on the command line: their options, and the facts that they are made from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from omc import __version__
from omc.cli import moments, options
from omc.cli.context import Run
from omc.cli.inventory.fresh import Answer, Asked, known, name_failed, selected, tell_age, untried
from omc.errors import Exit, UsageError

if TYPE_CHECKING:
    from omc.model import Host
    from omc.report.source import About, Audited, Source

Function = TypeVar("Function", bound=Callable[..., Any])


class Wanted(NamedTuple):
    """What a command line asks for."""

    path: Path
    patterns: tuple[str, ...] = ()
    limit: str | None = None
    at: str | None = None
    no_findings: bool = False


def report_options(function: Function) -> Function:
    """Add the options of every report; the command gets the fields of `Wanted`."""
    file_help = "Write it there, in one step; an old one is replaced. - is stdout."
    findings_help = "Leave out what omc audit finds; no rule is checked."
    for decorate in (
        click.option("--no-findings", is_flag=True, help=findings_help),
        options.at_option,
        options.limit_option,
        click.option("-f", "--file", "path", required=True, type=click.Path(path_type=Path), help=file_help),
        options.patterns_argument,
    ):
        function = decorate(function)
    return function


def gather(run: Run, wanted: Wanted) -> "tuple[Source, Exit]":
    """Return what to report on, and the exit code that the states of the hosts ask for.

    Raise UsageError where the store knows none of the hosts. Says how old the facts are, and names hosts that failed.
    """
    from omc.cli.report.findings import audited
    from omc.report.source import Source

    hosts = selected(run, Asked(patterns=wanted.patterns, limit=wanted.limit))
    names = [host.name for host in hosts]
    answer = _past(run, wanted.at, names) if wanted.at else _present(run, names)
    about = _about(run, wanted, answer)
    never = untried(run, answer.states)
    found: Audited | None = None
    if wanted.at and not wanted.no_findings:
        run.output.note("no findings: rules are checked on what holds now, not with --at")
    elif not wanted.no_findings:
        found = audited(run, answer, now=about.made_at)
    return Source(
        about, lambda: _hosts(run, names, never, at=wanted.at), found, run.audit_settings.clusters
    ), answer.code


def tell(run: Run, wanted: Wanted, source: "Source", code: Exit) -> Exit:
    """Say where the report is, name the hosts that failed, and return the exit code."""
    if str(wanted.path) != "-":
        run.output.info(f"written: {wanted.path}")
    if not wanted.at:
        name_failed(run, Answer((), run.store.freshness([*source.about.partial, *source.about.unread]), code))
    return code


def _about(run: Run, wanted: Wanted, answer: Answer) -> "About":
    from omc.report.source import About

    words = [*wanted.patterns, *([f"--limit {wanted.limit}"] if wanted.limit else [])]
    return About(
        site=run.site.root.resolve().name or "this machine",
        made_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        version=__version__,
        selection=" ".join(words) or "all",
        at=wanted.at,
        names=tuple(answer.hosts),
        unread=tuple(state.host for state in answer.states if not state.collected_at),
        partial=tuple(state.host for state in answer.states if state.collected_at and state.status != "ok"),
    )


def _hosts(run: Run, names: Sequence[str], never: "Iterable[Host]", *, at: str | None) -> "Iterator[Host]":
    import msgspec

    from omc.model import Host

    yield from map(msgspec.json.Decoder(Host).decode, run.store.documents(names, at=at))
    yield from never


def _past(run: Run, at: str, names: Sequence[str]) -> Answer:
    """Return the hosts as they were then. Raise UsageError where the store has none: an empty report is none."""
    if not any(True for _ in run.store.documents(names, at=at)):
        first = run.store.beginning()
        begins = moments.said(datetime.fromisoformat(first)) if first else ""
        hint = f"the store begins at {begins}" if first and at < first else "omc inventory collects"
        raise UsageError("the store knows none of these hosts at that time: nothing is written", hint=hint)
    return Answer(names, (), Exit.OK)


def _present(run: Run, names: Sequence[str]) -> Answer:
    answer = known(run, names)
    tell_age(run, answer)
    return answer
