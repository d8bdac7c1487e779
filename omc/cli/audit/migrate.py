"""`omc audit migrate`: would a guest run on another host, and what stands in its way."""

from typing import TYPE_CHECKING

import click

from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.fresh import known, name_failed
from omc.errors import Exit, UsageError
from omc.inventory.formats import Column, Listing, structure
from omc.text import safe

if TYPE_CHECKING:
    from omc.audit.migrate.move import Check
    from omc.audit.migrate.verdict import Verdict
    from omc.model import Guest

COLUMNS = (Column("status"), Column("area"), Column("message", "prose"), Column("fix", "prose"))


@_command("migrate")
@click.argument("guest", shell_complete=completion.names)
@click.argument("host", shell_complete=completion.names)
@click.option("--live/--offline", default=None, help="While it runs, or shut off. Default: live where it runs.")
@click.option("--all", "everything", is_flag=True, help="Show what is fine, too.")
@options.output_option
@pass_run
def command(  # noqa: PLR0913 - one a option
    run: Run, guest: str, host: str, *, live: bool | None, everything: bool, format_name: str | None
) -> Exit:
    """Say whether GUEST would run on HOST, what blocks it there, and what to type. Reads the store, asks no host."""
    import msgspec

    from omc.audit.migrate.move import FINE, Move
    from omc.audit.migrate.verdict import judge
    from omc.model import Guest, Host

    it = msgspec.json.decode(run.store.guest(guest), type=Guest)
    there = msgspec.json.decode(run.store.host(host), type=Host)
    if there.name == it.host:
        raise UsageError(f"{it.name} is on {it.host} already", hint="name another host")
    here = msgspec.json.decode(run.store.host(it.host), type=Host)
    if there.collected_at is None:
        raise UsageError(f"{there.name} was never read", hint=f"omc inventory --read-write {there.name}")
    answer = known(run, [here.name, there.name])
    verdict = judge(Move.of(it, here, there, live=live))
    shown = [check for check in verdict.checks if everything or check.status != FINE]
    name = run.output.format_or_default(format_name)
    whole = structure(name)
    if whole is not None:
        run.output.write([whole.one(msgspec.json.encode(verdict))])
    elif name == "table":
        for check in shown:
            _show(run, check)
    else:
        run.output.listing(Listing(COLUMNS, [(one.status, one.area, one.message, one.fix) for one in shown]), name)
    _tell(run, it, verdict)
    name_failed(run, answer)
    return answer.code or (Exit.CHANGES if verdict.blocked else Exit.OK)


def _show(run: Run, check: "Check") -> None:
    """Show a check as a person reads it; a command is never cut, because it is typed again."""
    run.output.answer(f"{check.status:<8} {check.area:<9} {safe(check.message)}")
    if check.fix:
        run.output.answer(f"{'':<18} fix: {safe(check.fix)}")


def _tell(run: Run, guest: "Guest", verdict: "Verdict") -> None:
    how = "live" if verdict.live else "offline"
    path = safe(f"{verdict.source}/{guest.name}")
    run.output.info(f"{path} on {verdict.target}, {how}: {verdict.verdict}")
