"""`omc capacity`: what there is, what is promised, what still fits; its sub-commands show one side of it.

A sub-command is a file here with a `command`, and a line in COMMANDS.
"""

from collections.abc import Mapping

from omc.cli.command import Lazy
from omc.cli.patterned import PatternGroup

COMMANDS: Mapping[str, Lazy] = {
    "pools": Lazy("omc.cli.capacity.pools", "Storage pools: taken, promised, free; shared storage once."),
    "losses": Lazy("omc.cli.capacity.losses", "N+1 and N+2: is there room for the guests of hosts that are lost?"),
    "forecast": Lazy("omc.cli.capacity.forecasting", "When a pool or a cluster is full, from what was collected."),
}

command = PatternGroup(
    "capacity",
    COMMANDS,
    own="omc.cli.capacity.counting",
    help="Count what the hosts that the PATTERNs select have and what their guests were given, and how many more fit. "
    "Reads the store and asks no host; omc inventory collects.",
)
