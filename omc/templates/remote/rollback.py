"""Putting back what a run put in place on a host."""

from omc.ports import Shell
from omc.templates.remote.answer import outcome
from omc.templates.remote.change import run_values
from omc.templates.remote.job import Outcome
from omc.templates.remote.script import script


def rollback(shell: Shell, run: str, host: str, *, deadline: float, force: bool = False) -> Outcome:
    """Put a run's old files back and run its handlers again; "unchanged" with code "already" where that was done.

    Refused with "newer_run" where a later run has one of the files, and with "changed_since" where one is no longer
    as the run left it; `message` says which. With `force` they are put back all the same, and what stood there is
    kept beside the old files on the host.
    """
    values = run_values(run, host) | {"force": "yes" if force else ""}
    return outcome(shell.run(script("rollback", values), deadline=deadline), "the rollback")
