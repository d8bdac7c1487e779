"""`omc inventory show`: one guest or one host, whole."""

from typing import Any

import click
import msgspec

from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.find import find_one, unknown
from omc.cli.inventory.fresh import Asked, freshen, name_failed
from omc.cli.inventory.history import print_recent
from omc.cli.inventory.sheet import guest_sheet, host_sheet
from omc.errors import Exit, OmcError
from omc.inventory.formats import Listing
from omc.inventory.formats.objects import safe_json
from omc.inventory.store import Found
from omc.model import Guest, Host

_SHEETS = ("table", "wide", "tsv")


@_command()
@click.argument("name", shell_complete=completion.names)
@options.output_option
@options.max_age_option
@options.at_option
@options.read_options
@pass_run
def command(run: Run, /, name: str, format_name: str | None, **asked: Any) -> Exit:
    """Show the guest or host NAME, whole: a name, HOST/GUEST, or a UUID.

    A guest: its disks with their chains, nics with addresses, snapshots, pending changes and history.
    """
    request = Asked(**asked)
    found, code = _find_fresh(run, name, request)
    document = _document(run, found, request.at)
    shown = run.output.format_or_default(format_name)
    if shown in _SHEETS:
        _print_sheet(run, found, document)
    elif shown == "json":
        run.output.write([safe_json(document) + b"\n"])
    elif shown in ("ndjson", "yaml"):
        run.output.listing(Listing((), (), [document]), shown)
    else:
        raise OmcError(f"{name} is not a list: {shown} cannot show it", hint="-o json or -o yaml")
    return code


def _find_fresh(run: Run, name: str, asked: Asked) -> tuple[Found, Exit]:
    """Find what the name stands for; collect its host if that is old, and all hosts if the store does not know it."""
    found = find_one(run, name)
    if found is None and name in run.site.hosts:
        found = Found("host", name, name, "")
    if found is None or found.host not in run.site.hosts:
        answer = freshen(run, asked)
    else:
        answer = freshen(run, asked._replace(limit=found.host))
    again = find_one(run, name)
    if again is None:
        raise unknown(run, name)
    name_failed(run, answer)
    return again, answer.code


def _document(run: Run, found: Found, at: str | None) -> bytes:
    if found.kind == "host":
        return run.store.host(found.path, at=at)
    return run.store.guest(f"{found.host}/{found.uuid}", at=at)


def _print_sheet(run: Run, found: Found, document: bytes) -> None:
    page = run.output.page
    if found.kind == "host":
        run.output.write(host_sheet(msgspec.json.decode(document, type=Host), page))
    else:
        run.output.write(guest_sheet(msgspec.json.decode(document, type=Guest), page))
    print_recent(run, found)
