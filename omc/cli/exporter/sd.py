"""`omc exporter sd`: the site's hosts, or the guests' addresses, as Prometheus's file_sd and http_sd read them."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.options import patterns_argument
from omc.errors import OmcError


@_command("sd")
@patterns_argument
@click.option("--role", type=click.Choice(["host", "guest"]), default="host", help="What is a target. Default: host.")
@click.option(
    "--file", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write there, in one step, not to stdout."
)
@pass_run
def command(run: Run, *, patterns: tuple[str, ...], role: str, path: Path | None) -> None:
    """List the hosts that the PATTERNs select as targets for Prometheus, with groups and variables as labels.

    With --role guest: the addresses of their guests, as the store knows them; `omc inventory` collects them. Variables
    that sound like a secret are left out.
    """
    import msgspec

    from omc.exporters.discovery import guest_groups, host_groups

    hosts = {host.name: host for host in run.select(patterns)}
    site = msgspec.structs.replace(run.site, hosts=hosts)
    if role == "guest":
        from omc.cli.exporter.addresses import guest_addresses

        groups = list(guest_groups(site, guest_addresses(run.open_store(create=False))))
    else:
        groups = list(host_groups(site))
    document = msgspec.json.format(msgspec.json.encode(groups)) + b"\n"
    if path is None:
        run.output.write([document])
    else:
        write_in_one_step(path, document)


def write_in_one_step(path: Path, content: bytes) -> None:
    """Put content in the place of a file, so that a reader sees the old one or the new one, whole, at any instant.

    A file that was there keeps who may read it; a new one is for all to read.
    """
    beside = ""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            beside = file.name
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            _let_read(file.fileno(), path)
        Path(beside).replace(path)
    except OSError as error:
        if beside:
            Path(beside).unlink(missing_ok=True)
        message = f"cannot be written: {error.strerror or error}"
        hint = f"make the folder {path.parent}, or let this user write to it"
        raise OmcError(message, where=str(path), hint=hint) from None


def _let_read(descriptor: int, path: Path) -> None:
    """Give a file the mode of the one whose place it takes, and its owner as far as this user may."""
    old = path.stat() if path.is_file() else None
    if old is not None:
        with suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, old.st_mode & 0o777 if old is not None else 0o644)
