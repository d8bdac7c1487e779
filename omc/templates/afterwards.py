"""What a run left to do: which hosts a resume goes on with, which it cannot, and what to type. Pure."""

import shlex
from collections.abc import Iterable, Sequence

from omc.ports import AppliedFile, RunHost, RunOptions, TemplateRun
from omc.templates.remote.state import Unfinished
from omc.templates.task import FAILED

_BEGUN = ("planned", "unknown", "waiting", "failed", "not_begun")
_UNHEARD = ("planned", "unknown", "waiting")
_TRIED_AGAIN = ("restored", "refused", "unreachable")
_NOT_AGAIN = ("unconfirmed", "unhealthy", "reverted", "newer_run", "changed_since_plan", "blocked")
"""A change that cut its host off or made it ill is made again by a person alone, and so is one over a newer one; of one
that something stood in the way of, not all is known."""


def goes_on(host: RunHost) -> bool:
    """Tell whether a resume has something to do on a host, or to try again: what was planned for it is known then."""
    is_tried_again = host.status in _TRIED_AGAIN and host.code not in _NOT_AGAIN and bool(host.files)
    return host.status in _BEGUN or is_tried_again


def apart(run: TemplateRun) -> list[RunHost]:
    """Return the hosts that were not done and that no resume does; what a later run changed needs nothing more."""
    missed = (host for host in run.hosts if host.status in FAILED and host.code != "newer_run")
    return [host for host in missed if not goes_on(host)]


def undone(run: TemplateRun) -> list[RunHost]:
    """Return the hosts that a rollback did not put back."""
    return [host for host in run.hosts if host.status in (*FAILED, "not_begun", "planned")]


def again_command(run: TemplateRun, hosts: Iterable[str]) -> str:
    """Return what goes on with a run on these hosts; the values of -e are not known, for they may be secrets."""
    if run.kind == "rollback":
        words = map(shlex.quote, [*hosts, *option_words(run.options)])
        return " ".join([f"omc template rollback {run.undoes}", *words])
    return " ".join([f"omc template resume {run.run}", *_variables(run)])


def finishing_command(unfinished: Unfinished, run: TemplateRun | None) -> str:
    """Return what finishes what a host calls unfinished; `run` is that run, where the store knows it."""
    host = next((one for one in run.hosts if one.host == unfinished.host), None) if run is not None else None
    is_over = unfinished.step == "restoring" and host is not None and not goes_on(host)
    if unfinished.step == "undoing" or is_over:  # then it is a rollback that was cut off
        return f"omc template rollback {unfinished.run} {shlex.quote(unfinished.host)}"
    return again_command(run, ()) if run is not None else f"omc template resume {unfinished.run}"


def apply_command(run: TemplateRun, hosts: Iterable[str]) -> str:
    """Return what applies the run's templates to these hosts as they are now."""
    words = map(shlex.quote, option_words(run.options))
    return " ".join(["omc template apply", shlex.quote(",".join(hosts)), *run.templates, *_variables(run), *words])


def option_words(options: RunOptions) -> list[str]:
    """Return the options as they stand on a command line."""
    given = {
        "--confirm": options.confirm_seconds,
        "--batch": options.batch,
        "--max-fail": options.max_fail,
        "--health": options.health,
    }
    flags = {"--disruptive": options.disruptive, "--force": options.force}
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    return [*words, *(name for name, is_set in flags.items() if is_set)]


def _variables(run: TemplateRun) -> list[str]:
    return [f"-e {name}=…" for name in run.variables]


def unheard(run: TemplateRun, applied: Sequence[AppliedFile]) -> list[RunHost]:
    """Return the hosts of which nobody knows how the run ended, without those that a later run has changed since."""
    return [host for host in run.hosts if host.status in _UNHEARD and host.files and not newer_run(run, host, applied)]


def newer_run(run: TemplateRun, host: RunHost, applied: Sequence[AppliedFile]) -> AppliedFile | None:
    """Return the first of a host's files that a later run has changed; `applied` is what was last applied."""
    paths = {file.path for file in host.files}
    later = (file for file in applied if file.host == host.host and file.path in paths and file.run > run.run)
    return next(later, None)
