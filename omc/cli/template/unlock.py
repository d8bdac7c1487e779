"""`omc template unlock`: who holds a machine, and an end to a holder that hangs."""

import time
from typing import TYPE_CHECKING

import click

from omc import fleet
from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.asking import Asked, chosen_hosts
from omc.cli.template.working import connected
from omc.errors import Exit
from omc.text import plural

if TYPE_CHECKING:
    from omc.site import SiteHost
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
    held = failed = 0
    with connected(run, hosts) as connections:

        def one(host: "SiteHost") -> "Outcome":
            from omc.templates.remote.upkeep import unlock

            deadline = time.monotonic() + run.connect_seconds * 2
            with connections.to(host.name, deadline) as shell:
                return unlock(shell, deadline=deadline, force=force)

        deadline = time.monotonic() + run.timeout_seconds
        results = fleet.run(hosts, one, parallel=run.parallel, deadline=deadline, name=lambda host: host.name)
        for result in fleet.in_order(hosts, results):
            if result.error is not None:
                failed += 1
                run.output.error(result.error.message, where=result.item.name, hint=result.error.hint)
                continue
            held += result.get().status == "refused"
            run.output.answer(f"{result.item.name}: {_told(result.get())}")
    return Exit.HOSTS_FAILED if failed else Exit.CHANGES if held else Exit.OK


def _told(outcome: "Outcome") -> str:
    from omc.templates.telling import message_of

    if outcome.status == "unchanged":
        return "nobody holds it"
    return "what held it was ended" if outcome.status == "changed" else message_of(outcome)
