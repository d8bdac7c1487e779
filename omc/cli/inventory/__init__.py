"""`omc inventory`: collects and shows the hosts by itself; its sub-commands list, show, compare and export."""

from collections.abc import Mapping

from omc.cli.command import Lazy
from omc.cli.patterned import PatternGroup

_LISTS = "omc.cli.inventory.lists"
COMMANDS: Mapping[str, Lazy] = {
    "hosts": Lazy(_LISTS, "List hosts."),
    "guests": Lazy(_LISTS, "List guests."),
    "disks": Lazy(_LISTS, "List disks of guests."),
    "nics": Lazy(_LISTS, "List network interfaces of guests."),
    "addresses": Lazy(_LISTS, "List addresses of guests, with who says so."),
    "snapshots": Lazy(_LISTS, "List snapshots of guests."),
    "pools": Lazy(_LISTS, "List storage pools."),
    "volumes": Lazy(_LISTS, "List volumes of storage pools."),
    "networks": Lazy(_LISTS, "List virtual networks."),
    "leases": Lazy(_LISTS, "List DHCP leases."),
    "issues": Lazy(_LISTS, "List what could not be read, and why."),
    "show": Lazy("omc.cli.inventory.show", "Show one guest or host, whole."),
    "diff": Lazy("omc.cli.inventory.diff", "Show what changed since a time."),
    "history": Lazy("omc.cli.inventory.history", "Show all changes of one guest or host."),
    "sql": Lazy("omc.cli.inventory.sql", "Ask the store in SQL, read-only."),
    "export": Lazy("omc.cli.inventory.export", "Export for Ansible or as a graph."),
}

command = PatternGroup(
    "inventory",
    COMMANDS,
    own="omc.cli.inventory.collecting",
    help="Collect the hosts of the site that the PATTERNs select (Ansible's, `kvm*:!rack3:&prod`; default: all) and "
    "show them. With --max-age, what was collected lately is shown from the store.",
)
