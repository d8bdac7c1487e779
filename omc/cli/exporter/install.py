"""`omc exporter install`: units, rules, configurations and dashboards to where systemd and Prometheus look for them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omc.exporters.install import Placement

PARTS = ("systemd", "rules", "prometheus", "dashboards")


@_command("install")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this; default: all.")
@click.option("--root", type=click.Path(file_okay=False, path_type=Path), default="/", help="Below it; default: /.")
@click.option("--yes", is_flag=True, help="Write; without it, only show what would be written.")
@pass_run
def command(run: Run, *, parts: tuple[str, ...], root: Path, yes: bool) -> Exit:
    """Show what would be put where, as differences to what is there; with --yes, put it there.

    Units go to etc/systemd/system, their user to etc/sysusers.d, all else to etc/prometheus/omc. A site's own files win
    over those that come with omc. Nothing is started or reloaded. Exits 4 where something is left to be written.
    """
    from omc.exporters.install import placements
    from omc.exporters.table import FOLDER
    from omc.site import find_site, reference_root

    site = find_site(Path(run.options.site) if run.options.site else None, run.environ, Path.cwd())
    folders = [top / FOLDER for top in (reference_root(), site) if top is not None]
    found = placements(folders, parts or PARTS, root)
    pending = [placement for placement in found if placement.change != "same"]
    for placement in pending:
        _show(run, placement)
    if yes:
        _write(run, pending)
    left = [] if yes else pending
    run.output.answer(
        f"{len(found) - len(pending)} as they should be, {len(pending)} {'written' if yes else 'to write'}"
    )
    if left:
        run.output.note("nothing was written", hint="again with --yes writes them")
    return Exit.CHANGES if left else Exit.OK


def _show(run: Run, placement: "Placement") -> None:
    run.output.answer(f"{placement.change}: {placement.target}")
    if placement.change == "changed" and placement.target.suffix != ".json":
        run.output.answer("\n".join(placement.difference()))


def _write(run: Run, pending: "Sequence[Placement]") -> None:
    from omc.cli.exporter.sd import write_in_one_step
    from omc.exporters.install import PARTS as KNOWN

    for placement in pending:
        _make_folder(placement.target.parent)
        write_in_one_step(placement.target, placement.content)
    steps = dict.fromkeys(KNOWN[placement.part].then for placement in pending)
    for step in filter(None, steps):
        run.output.info(f"now: {step}")


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, for all to read whatever root's umask: Prometheus has a user of its own."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)
