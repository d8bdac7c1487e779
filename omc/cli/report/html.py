"""`omc report html`: the page."""

from pathlib import Path
from typing import Any

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.report.gathering import Wanted, gather, report_options, tell
from omc.cli.report.room import room_of
from omc.cli.report.writing import write_file
from omc.errors import Exit

GUESTS_HELP = "List at most so many guests, those with the most severe findings; default 2000."


@_command("html")
@click.option("--guests", "most_guests", type=click.IntRange(min=0), default=2000, metavar="COUNT", help=GUESTS_HELP)
@click.option("--title", default="", metavar="TEXT", help="What stands at its head. Default: the site's folder.")
@report_options
@pass_run
def command(run: Run, /, most_guests: int, title: str, **asked: Any) -> Exit:
    """Write one page for people who decide: totals, findings, capacity, a drawing of the hosts, and tables of them.

    One file that loads nothing from elsewhere, can be read without JavaScript and prints well. PATTERN selects hosts
    (Ansible's, `kvm*:!rack3:&prod`; default: all). Exits 3 where a host could not be read lately.
    """
    from omc.report import html

    wanted = Wanted(**asked)
    source, code = gather(run, wanted)
    room = room_of(run, source)

    def write(path: Path) -> None:  # a bar is shown once the audit is done
        with run.output.progress("writing", source.about.names) as bar:
            html.write(source, path, html.Wishes(room, most_guests, bar.step, title))

    write_file(run, wanted.path, write)
    return tell(run, wanted, source, code)
