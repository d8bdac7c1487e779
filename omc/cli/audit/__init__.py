"""`omc audit`: checks the hosts that the store knows by all rules; its sub-commands explain the rules.

A sub-command is a file here with a `command`, and a line in COMMANDS.
"""

from collections.abc import Mapping

from omc.cli.command import Lazy
from omc.cli.patterned import PatternGroup

COMMANDS: Mapping[str, Lazy] = {
    "explain": Lazy("omc.cli.audit.explain", "Explain one rule: why it matters, its source, what it reads."),
    "migrate": Lazy("omc.cli.audit.migrate", "Say whether a guest would run on another host, and what blocks it."),
    "rules": Lazy("omc.cli.audit.rules", "List all rules."),
}

command = PatternGroup(
    "audit",
    COMMANDS,
    own="omc.cli.audit.auditing",
    help="Check the hosts that the PATTERNs select (Ansible's, `kvm*:!rack3:&prod`; default: all), and what runs on "
    "them, by all rules. Reads the store and asks no host, except with --ssh; omc inventory collects.",
)
