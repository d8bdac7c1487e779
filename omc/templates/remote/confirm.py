"""Confirming a change: said over a new connection, it calls off the host's own timer."""

from omc.ports import Shell
from omc.templates.remote.answer import outcome
from omc.templates.remote.change import run_values
from omc.templates.remote.job import Outcome
from omc.templates.remote.script import script


def confirm(shell: Shell, run: str, host: str, *, deadline: float) -> Outcome:
    """Confirm a run on a host: "changed" where it stays; refused with "reverted" where the host put it back already."""
    values = run_values(run, host)
    return outcome(shell.run(script("confirm", values), deadline=deadline), "the confirmation")
