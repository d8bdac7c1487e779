"""Ending a run on a host whose libvirt objects are defined, or put back: what nobody but the controller knows."""

from omc.ports import Shell
from omc.templates.remote.answer import outcome
from omc.templates.remote.change import run_values
from omc.templates.remote.job import Outcome
from omc.templates.remote.script import script


def complete(shell: Shell, run: str, host: str, *, deadline: float) -> Outcome:
    """Run the handlers that follow the objects, and leave the machine to other runs.

    "changed", or "rolled_back" where the run was being put back; "unchanged" with code "already" where it was over;
    "failed" with code "handler" where one failed: the run is then to be put back.
    """
    values = run_values(run, host)
    return outcome(shell.run(script("complete", values), deadline=deadline), "the end of the run")
