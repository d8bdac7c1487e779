"""`omc init`: a new site in a folder, made from the reference site."""

import shlex
import shutil
from pathlib import Path

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import OmcError, UsageError


@_command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@pass_run
def command(run: Run, folder: Path) -> None:
    """Make a new site in FOLDER: the reference site with comments, to be edited.

    What is there already is never overwritten.
    """
    from omc.site import reference_root

    source = reference_root()
    for name in ("inventory", "templates", "exporters"):
        if (folder / name).exists() or (folder / name).is_symlink():
            raise UsageError("there is something already", where=str(folder / name), hint="choose an empty folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("inventory", "templates", "exporters"):
            shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    except OSError as error:
        raise OmcError(error.strerror or str(error), where=str(error.filename or folder)) from error
    hosts, place = shlex.quote(str(folder / "inventory" / "hosts.yaml")), shlex.quote(str(folder))
    run.output.info(f"a new site: edit {hosts}, then: cd {place} && omc inventory")
