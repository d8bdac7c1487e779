"""`omc inventory show`: one guest or one host, whole."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.find import find_one, find_then, unknown
from omc.cli.inventory.fresh import Asked, freshen, name_failed, tell_beginning
from omc.cli.inventory.sheet import guest_sheet, history_sheet, host_sheet
from omc.errors import Exit, UsageError
from omc.inventory.formats import find, structure
from omc.inventory.store import Found
from omc.model import Guest, Host


@_command()
@click.argument("name", shell_complete=completion.names)
@options.output_option
@options.max_age_option()
@options.at_option
@options.read_options
@pass_run
def command(run: Run, /, name: str, format_name: str | None, **asked: Any) -> Exit:
    """Show the guest or host NAME, whole: a name, HOST/GUEST, or a UUID.

    A guest: its disks with their chains, nics with addresses, snapshots, pending changes and history.
    """
    shown = format_name or "table"
    if find(shown).KIND == "columns":
        raise UsageError(f"{shown} is for lists", hint="-o json, -o yaml or -o table show one thing")
    structured = structure(shown)
    request = Asked(**asked)
    found, code = _found(run, name, request)
    document = _document(run, found, request.at)
    run.output.write([structured.one(document)] if structured else _sheet(run, found, document, request.at))
    return code


def _found(run: Run, name: str, asked: Asked) -> tuple[Found, Exit]:
    """Find what the name stands for; collect its host if that is old, and all hosts if the store does not know it."""
    if asked.at:
        tell_beginning(run, asked.at)
        return find_then(run, name, asked.at), Exit.OK
    found = find_one(run, name)
    host = found.host if found else name
    answer = freshen(run, asked._replace(patterns=(host,)) if host in run.site.hosts else asked)
    again = find_one(run, name)
    if again is None:
        name_failed(run, answer)
        raise unknown(run, name, answer)
    name_failed(run, answer)
    return again, answer.code


def _document(run: Run, found: Found, at: str | None) -> bytes:
    if found.kind == "host":
        return run.store.host(found.host) if at is None else next(run.store.documents([found.host], at=at))
    if at is None:
        return run.store.guest(f"{found.host}/{found.uuid}")
    decode = msgspec.json.Decoder(_Key).decode
    documents = run.store.guest_documents([found.host], at=at)
    return next(document for document in documents if decode(document).uuid == found.uuid)


class _Key(msgspec.Struct):
    uuid: str


def _sheet(run: Run, found: Found, document: bytes, at: str | None) -> Iterator[bytes]:
    page = run.output.page
    if found.kind == "host":
        yield from host_sheet(msgspec.json.decode(document, type=Host), page)
    else:
        yield from guest_sheet(msgspec.json.decode(document, type=Guest), page)
    history = run.store.history(found.host if found.kind == "host" else f"{found.host}/{found.uuid}")
    yield from history_sheet([entry for entry in history if at is None or entry.seen_at <= at], page)
