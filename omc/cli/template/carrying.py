"""What apply, rollback and resume share: a run is written down, carried out in sight of a person, and concluded."""

import shlex
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from omc import __version__
from omc.cli.context import Run
from omc.cli.template.afterwards import tell_how_to_keep, tell_what_is_left
from omc.errors import Exit, OmcError, UsageError
from omc.ports import RunHost, RunOptions, TemplateRun
from omc.text import plural

if TYPE_CHECKING:
    from omc.ports import Runs
    from omc.templates.batches import Share
    from omc.templates.carry import Holding, How
    from omc.templates.gate import Gate

Function = Callable[..., Any]

LAST = "last"
"""What stands for the name of the newest run."""

_MOST_NAMED = 5


_KEPT = ("confirm_seconds", "batch", "max_fail", "health")
"""The fields of Care that a run keeps."""


class Care(NamedTuple):
    """With how much care a run is carried out, as the command line says it."""

    batch: str | None = None
    max_fail: str | None = None
    health: str | None = None
    report: Path | None = None
    junit: Path | None = None
    yes: bool = False
    confirm_seconds: int | None = None

    def check(self) -> None:
        """Raise UsageError for what cannot be meant, before any host is asked."""
        from omc.templates.health import check_words

        self.shares()
        self.most_failures()
        if self.health is not None:
            check_words(self.health)
        for path in filter(None, (self.report, self.junit)):
            _demand_writable(path)

    def options(self, *, disruptive: bool = False, force: bool = False) -> RunOptions:
        """Return what a run keeps of it."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return RunOptions(**kept, disruptive=disruptive, force=force)

    def as_begun(self, begun: RunOptions) -> "Care":
        """Return it with what a run was begun with, where it says nothing itself."""
        return self._replace(**{name: getattr(begun, name) for name in _KEPT if getattr(self, name) is None})

    @property
    def holds(self) -> bool:
        """Whether hosts wait to be confirmed until the health check of their batch has spoken."""
        return self.health is not None and self.confirm_seconds is not None

    def shares(self) -> "tuple[Share, ...]":
        """Return the sizes of the batches."""
        from omc.templates.batches import ALL, parse

        return ALL if self.batch is None else parse(self.batch)

    def most_failures(self) -> "Share | None":
        """Return how many failures stop the run; None: none does."""
        from omc.templates.batches import parse_share

        return None if self.max_fail is None else parse_share(self.max_fail)


def _demand_writable(path: Path) -> None:
    """Raise UsageError where a report could not be written in the end; a pipe or a device is taken as it is."""
    try:
        is_new = not path.exists()
        if is_new or path.is_file():
            path.open("ab").close()
        if is_new:
            path.unlink()
    except OSError as error:
        raise UsageError(
            f"the report cannot be written: {error.strerror}", where=str(path), hint="nothing was changed"
        ) from error


def confirm_option(function: Function) -> Function:
    """Add --confirm."""
    return click.option(
        "--confirm",
        "confirm_seconds",
        type=click.IntRange(5, 86_400),
        metavar="SECONDS",
        help="Each host puts everything back by itself unless a new connection reaches it by then. With --health: "
        "and unless its batch is well by then.",
    )(function)


def care_options(function: Function) -> Function:
    """Add --batch, --max-fail, --health, --report, --junit and --yes."""
    file: Any = click.Path(dir_okay=False, path_type=Path)
    for decorate in (
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--junit", type=file, metavar="FILE", help="Write what came of it as JUnit's XML."),
        click.option("--report", type=file, metavar="FILE", help="Write what came of it as JSON."),
        click.option(
            "--health",
            metavar="COMMAND|URL",
            help="After each batch; the next one begins only when it ends with 0, or answers 2xx, within 60 s.",
        ),
        click.option(
            "--max-fail",
            metavar="N|N%",
            help="Begin no other host when so many failed, those that could not be reached included.",
        ),
        click.option("--batch", metavar="N|N%,…", help="So many hosts, then so many …; the last size repeats."),
    ):
        function = decorate(function)
    return function


class Printer:
    """Tells a person how a run goes on, a line a host."""

    def __init__(self, run: Run, begun: TemplateRun, hosts: int) -> None:
        self._run, self._begun = run, begun
        self._hosts = hosts
        self._done = 0

    def batch(self, number: int, batches: int, hosts: Sequence[str]) -> None:
        """A batch begins."""
        if batches > 1:
            self._run.output.info(f"batch {number} of {batches}: {plural(len(hosts), 'host')}")

    def host(self, host: RunHost) -> None:
        """A host is done."""
        from omc.templates.afterwards import again_command
        from omc.templates.carry import HELD
        from omc.templates.resuming import BEFORE
        from omc.templates.task import FAILED

        if host.status == "not_begun":
            return
        if host.code == HELD:
            self._run.output.answer(f"{host.host}: changed, to be confirmed when it is well")
            return
        self._done += 1
        took = f" ({host.seconds:.1f} s)" if host.seconds is not None else ""
        status = "changed before" if host.code == BEFORE else host.status.replace("_", " ")
        self._run.output.answer(f"[{self._done}/{self._hosts}] {host.host}: {status}{took}")
        if host.status in FAILED:
            hint = _hint(host, again_command(self._begun, [host.host]))
            self._run.output.error(host.message or host.code, where=host.host, hint=hint)
        elif host.status == "skipped":
            self._run.output.note(host.message, where=host.host)
        for command in host.pending_handlers:
            self._run.output.warning(
                f"stays pending: {shlex.join(command)}", where=host.host, hint="it runs at the next apply or resume"
            )

    def health(self, reason: str) -> None:
        """The health check ended."""
        if reason:
            self._run.output.error(f"the health check failed: {reason}")
        else:
            self._run.output.info("the health check says that all is well")


def _hint(host: RunHost, again: str) -> str:
    if host.confirm_until is not None:
        when = datetime.fromisoformat(host.confirm_until).astimezone()
        if when > datetime.now(UTC):
            return f"the host itself puts everything back at {when:%H:%M:%S}"
        return f"it has put everything back by itself at about {when:%H:%M:%S}; to be sure: {again}"
    if host.status == "unknown":
        return f"find out, and finish it: {again}"
    return {
        "locked": "wait for it, or see omc template history",
        "changed_since_plan": "plan again: omc template plan",
        "confirm": "apply templates with libvirt objects in a run of their own, without --confirm",
        "unfinished": "finish that run first: omc template plan says with what",
        "state_folder": "is it full or read-only? A user who is not root needs ansible_become: true",
        "waiting": "wait until it is confirmed, or put back by its host",
    }.get(host.code, "")


def new_run(run: Run, hosts: Sequence[RunHost], **fields: Any) -> TemplateRun:
    """Return a run that begins now."""
    from omc.templates.runs import new_name, rfc3339, this_process

    now = datetime.now(UTC)
    return TemplateRun(
        run=new_name(now),
        started_at=rfc3339(now),
        actor=run.actor,
        process=this_process(),
        omc_version=__version__,
        hosts=tuple(hosts),
        **fields,
    )


def how(run: Run, care: Care, name: str, holding: "Holding | None" = None) -> "How":
    """Return how a run is carried out."""
    from omc.templates.carry import How
    from omc.templates.health import SECONDS, unhealthy

    health = care.health

    def ask(hosts: Sequence[str], seconds: float | None) -> str:
        assert health is not None
        surroundings = {"OMC_RUN": name, "OMC_HOSTS": " ".join(hosts)}
        return unhealthy(health, surroundings, SECONDS if seconds is None else min(seconds, SECONDS), trying=tell)

    def tell(reason: str, seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        run.output.info(f"not well yet, asked again until {until.astimezone():%H:%M:%S}: {reason}")

    return How(parallel=run.parallel, batches=care.shares(), health=ask if health else None, holding=holding)


@contextmanager
def stoppable(run: Run, gate: "Gate") -> Iterator[None]:
    """Let the first Ctrl-C (or SIGTERM) end the run after the hosts that are under way, and the second one at once."""

    def stop(number: int, frame: object) -> None:  # noqa: ARG001 - signal's signature
        if gate.status == "interrupted":
            raise KeyboardInterrupt
        gate.close("interrupted", "it was interrupted")
        run.output.info("the hosts under way are finished, then it ends; again leaves them to themselves")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def conclude(run: Run, runs: "Runs", done: TemplateRun, care: Care) -> Exit:
    """End the run in the store, say the totals and what is left, write the reports; return the exit code."""
    from omc.templates.afterwards import again_command, undone
    from omc.templates.health import UNWELL

    runs.finish(done.run, done.status, done.reason)
    totals: dict[str, int] = {}
    for host in done.hosts:
        totals[host.status] = totals.get(host.status, 0) + 1
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in totals.items())
    run.output.answer(f"run {done.run} {done.status}: {counts}")
    left = [host.host for host in done.hosts if host.status == "not_begun"] if done.reason else []
    if done.reason:
        hint = f"the rest: {again_command(done, [host.host for host in undone(done)])}" if left else ""
        if done.reason.startswith(UNWELL) and done.kind != "rollback":
            hint = f"put it back: omc template rollback {done.run}" + (f"; or {hint}" if hint else "")
        run.output.error(f"{done.status}: {done.reason}", where=", ".join(left), hint=hint)
    tell_what_is_left(run, done, named=left)
    if done.kind != "rollback":
        tell_how_to_keep(run, done)
    write_reports(done, care)
    if done.status == "interrupted":
        return Exit.INTERRUPTED
    return Exit.OK if done.status == "ok" else Exit.HOSTS_FAILED


def write_reports(done: TemplateRun, care: Care) -> None:
    """Write the report files that were asked for."""
    from omc.templates.report import as_json, as_junit

    for path, made in ((care.report, as_json), (care.junit, as_junit)):
        if path is None:
            continue
        try:
            path.write_bytes(made(done))
        except OSError as error:
            raise OmcError(f"the report cannot be written: {error.strerror}", where=str(path)) from error


def demand_yes(run: Run, care: Care, question: str, *, otherwise: str = "nothing was changed") -> bool:
    """Ask unless --yes was given; return whether to go on, and say what is so `otherwise`."""
    if care.yes or run.output.ask(question):
        return True
    run.output.info(otherwise)
    return False


def find_run(runs: "Runs", name: str) -> TemplateRun:
    """Return the run of a name, of the beginning of one, or "last", with the status that is true now.

    Raises UsageError where there is none, or more than one.
    """
    from omc.templates.runs import with_real_status

    names = runs.names(limit=1) if name == LAST else runs.names(name, limit=_MOST_NAMED) if name else ()
    found = runs.run(names[0]) if len(names) == 1 else None
    if len(names) > 1:
        raise UsageError(f"more than one run begins with {name!r}", hint=f"which one? {', '.join(names)}")
    if found is None:
        raise UsageError(f"there is no run {name!r}", hint="omc template history lists them")
    return with_real_status(found, datetime.now(UTC))
