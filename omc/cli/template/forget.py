"""`omc template forget`: an end to pending handlers that never succeed."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.asking import Asked, chosen_hosts
from omc.cli.template.each import EachHost
from omc.cli.template.working import connected
from omc.errors import Exit, UsageError
from omc.ports import Shell
from omc.text import plural

if TYPE_CHECKING:
    from omc.templates.remote.job import Outcome

Handler = tuple[str, ...]


@_command("forget")
@click.argument("pattern", shell_complete=completion.host_patterns)
@click.option(
    "--handler", "wanted", metavar="COMMAND", help="Only this one, in the words of omc template status. Default: all."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.become_option
@pass_run
def command(run: Run, *, pattern: str, wanted: str | None, yes: bool) -> Exit:
    """Forget handlers that are pending on the hosts of PATTERN, without running them.

    A handler that did not succeed stays pending and runs before the next change, again and again. Forget it where it
    cannot succeed any more, and do by hand what it was for. Shows them and asks.
    """
    hosts = chosen_hosts(run, Asked(pattern))
    with connected(run, hosts) as connections:
        work = EachHost(run, connections)
        pending = {name: _chosen(found, wanted) for name, found in work.on_each(hosts, _pending).items()}
        pending = {name: handlers for name, handlers in pending.items() if handlers}
        if not pending:
            return _nothing(run, wanted, failed=work.failed)
        for name, handlers in pending.items():
            for handler in handlers:
                run.output.answer(f"{name}: {shlex.join(handler)}")
        count = sum(map(len, pending.values()))
        question = f"forget {plural(count, 'handler')} on {plural(len(pending), 'host')}?"
        if not yes and not run.output.ask(question, hint="these are forgotten with --yes"):
            return Exit.HOSTS_FAILED if work.failed else Exit.CHANGES

        def forgotten(shell: Shell, name: str, deadline: float) -> "Outcome":
            from omc.errors import HostError
            from omc.templates.remote.upkeep import forget
            from omc.templates.telling import message_of

            outcome = forget(shell, pending[name], deadline=deadline)
            if outcome.status != "unchanged":
                raise HostError(message_of(outcome), code=outcome.code or "failed")
            return outcome

        done = work.on_each([run.site.hosts[name] for name in pending], forgotten)
    run.output.info(f"forgotten on {plural(len(done), 'host')}")
    return Exit.HOSTS_FAILED if work.failed else Exit.OK


def _pending(shell: Shell, name: str, deadline: float) -> Sequence[Handler]:
    from omc.errors import HostError
    from omc.templates.obstacles import BECOME
    from omc.templates.remote.look import look

    state = look(shell, (), deadline=deadline)
    if state.powerless:
        message = f"{state.powerless} may not see what is pending there"
        raise HostError(message, where=name, code="permission", hint=BECOME)
    return state.pending_handlers


def _chosen(found: Sequence[Handler], wanted: str | None) -> Sequence[Handler]:
    return [handler for handler in found if wanted in (None, shlex.join(handler), " ".join(handler))]


def _nothing(run: Run, wanted: str | None, *, failed: bool) -> Exit:
    if failed:
        return Exit.HOSTS_FAILED
    if wanted is not None:
        raise UsageError(f"no such handler is pending: {wanted}", hint="omc template status shows them")
    run.output.info("no handler is pending")
    return Exit.OK
