"""`omc template unlock`: who holds a machine, and an end to a holder that hangs."""

from typing import TYPE_CHECKING

import click

from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.asking import Asked, chosen_hosts
from omc.cli.template.each import EachHost
from omc.cli.template.working import connected
from omc.errors import Exit
from omc.ports import Shell
from omc.text import plural

if TYPE_CHECKING:
    from omc.templates.remote.job import Outcome


@_command("unlock")
@click.argument("pattern", shell_complete=completion.host_patterns)
@click.option("--force", is_flag=True, help="End the process that holds the machine; what it was about is unfinished.")
@click.option("--yes", is_flag=True, help="With --force: do not ask.")
@options.become_option
@pass_run
def command(run: Run, *, pattern: str, force: bool, yes: bool) -> Exit:
    """Say which run holds the hosts of PATTERN; with --force, end what holds them.

    A lock ends by itself with the process on the host that has it, so this is for one that hangs. The run that it
    belonged to can be resumed or rolled back then. Exits 4 where a host is held.
    """
    hosts = chosen_hosts(run, Asked(pattern))
    question, hint = f"end what holds {plural(len(hosts), 'host')}?", "without --force it says who that is; add --yes"
    if force and not yes and not run.output.ask(question, hint=hint):
        return Exit.CHANGES
    with connected(run, hosts) as connections:
        work = EachHost(run, connections)

        def unlocked(shell: Shell, _: str, deadline: float) -> "Outcome":
            from omc.templates.remote.upkeep import unlock

            return unlock(shell, deadline=deadline, force=force)

        found = work.on_each(hosts, unlocked)
    for name, outcome in found.items():
        run.output.answer(f"{name}: {_told(outcome)}")
    is_held = any(outcome.status == "refused" for outcome in found.values())
    return Exit.HOSTS_FAILED if work.failed else Exit.CHANGES if is_held else Exit.OK


def _told(outcome: "Outcome") -> str:
    from omc.templates.telling import message_of

    if outcome.status == "unchanged":
        return "nobody holds it"
    return "what held it was ended" if outcome.status == "changed" else message_of(outcome)
