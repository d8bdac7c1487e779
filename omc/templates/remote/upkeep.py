"""Looking after what omc keeps on a host: a lock that somebody left, handlers that never succeed, old files of runs."""

from collections.abc import Sequence

from omc.ports import Shell
from omc.templates.remote.answer import outcome
from omc.templates.remote.change import KEPT_RUNS, run_values
from omc.templates.remote.job import Outcome
from omc.templates.remote.quote import token
from omc.templates.remote.script import script

_NO_RUN = ("upkeep", "upkeep")


def unlock(shell: Shell, *, deadline: float, force: bool = False) -> Outcome:
    """Say who holds the machine: "unchanged" where nobody does, else refused with the holder.

    With `force` the holder's process is killed, and what it was about is then unfinished: "changed", code "broken".
    """
    values = run_values(*_NO_RUN) | {"force": "yes" if force else ""}
    return outcome(shell.run(script("unlock", values), deadline=deadline), "the unlocking")


def clean(shell: Shell, *, deadline: float, keep_runs: int = KEPT_RUNS) -> Outcome:
    """Drop the old files of all runs but the last `keep_runs`, and of those that are not over."""
    values = run_values(*_NO_RUN) | {"keep_runs": keep_runs}
    return outcome(shell.run(script("clean", values), deadline=deadline), "the clean-up")


def forget(shell: Shell, handlers: Sequence[tuple[str, ...]], *, deadline: float) -> Outcome:
    """Drop pending handlers without running them; `pending_handlers` are those that are left."""
    values = run_values(*_NO_RUN) | {"tokens": " ".join(token(command) for command in handlers)}
    return outcome(shell.run(script("forget", values), deadline=deadline), "the upkeep")
