"""`omc report`: the whole fleet in one file.

A sub-command is a file here with a `command`, and a line in COMMANDS. `gathering` gives each the same options and what
it reports on, `writing` puts the file in its place.
"""

from collections.abc import Mapping

from omc.cli.command import Lazy, LazyGroup

COMMANDS: Mapping[str, Lazy] = {
    "xlsx": Lazy("omc.cli.report.xlsx", "A workbook with the tabs and columns of RVTools, and more."),
    "html": Lazy("omc.cli.report.html", "A page for people who decide: totals, findings, capacity, a drawing."),
}

command = LazyGroup(
    "report",
    COMMANDS,
    help="The whole fleet in one file, from what the store knows; no host is asked. omc inventory collects.",
)
