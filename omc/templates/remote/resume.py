"""Going on with a run that was cut off on a host, and running what handlers are pending there."""

import msgspec

from omc.ports import Shell
from omc.templates.remote.answer import outcome
from omc.templates.remote.change import run_values
from omc.templates.remote.job import Outcome
from omc.templates.remote.script import script


def resume(shell: Shell, run: str, host: str, *, deadline: float) -> Outcome:
    """Finish what was being put in place or back; where no file was in place yet, the run leaves nothing.

    "restored" with code "interrupted" says that; "unchanged" that the run was over and its host has nothing left to
    do (with code "restored" or "rolled_back" all was put back, with "unconfirmed" by its own timer, with "not_begun"
    it has nothing of this run);
    "waiting" that it waits to be confirmed, the timer armed.
    """
    values = run_values(run, host)
    found = outcome(shell.run(script("resume", values), deadline=deadline), "the resumption")
    if found.code == "restored":
        code = "unconfirmed" if found.message == "unconfirmed" else "restored"
        return msgspec.structs.replace(found, code=code, message="")
    return found
