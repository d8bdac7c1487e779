"""Which columns of the store's views a list shows, and how a table puts them into words."""

from collections.abc import Mapping, Sequence

from omc.inventory.formats import Column
from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.query import known_column

# What the table and the pipe show without `--columns`, the most important first: a narrow terminal drops the last.
_NARROW: Mapping[str, str] = {
    "hosts": "name status guests_running guests vcpus cpus memory_bytes guest_memory_running_bytes pools "
    "libvirt_version hypervisor_version collected_at",
    "guests": "host name state vcpus memory_bytes address os disks nics snapshots autostart collected_at",
    "disks": "host guest target bus format capacity_bytes allocation_bytes physical_bytes chain_length source",
    "nics": "host guest mac model type source vlan address",
    "addresses": "host guest mac address prefix source",
    "snapshots": "host guest name created_at state parent current memory disks",
    "pools": "host name type state capacity_bytes allocation_bytes available_bytes volumes path",
    "volumes": "host pool name format capacity_bytes allocation_bytes physical_bytes path",
    "networks": "host name active forward bridge autostart addresses leases",
    "leases": "host network mac address hostname expires_at",
    "issues": "host subject code what why hint",
}
LISTS = tuple(_NARROW)
_TITLES = {
    "guests_running": "running",
    "guest_memory_running_bytes": "allocated",
    "collected_at": "age",
    "state_since": "since",
    "libvirt_version": "libvirt",
    "hypervisor_version": "hypervisor",
    "chain_length": "chain",
    "pending_changes": "pending",
}
_KINDS = {"integer": "number", "number": "number", "boolean": "boolean"}
_PROSE = ("what", "why", "hint")
_STATUS = ("status", "state", "host_status")


def column(name: str, sql_type: str, *, wide: bool = False) -> Column:
    """Return how a column of that name and SQL type is shown."""
    kind = _KINDS.get(sql_type, "text")
    if name.endswith("_bytes"):
        kind = "bytes"
    elif name.endswith(("_at", "_since")):
        kind = "age"
    elif name in _STATUS:
        kind = "status"
    elif name == "os":
        kind = "os"
    elif name in _PROSE:
        kind = "prose"
    return Column(name, kind, _TITLES.get(name, ""), wide)


def columns_of(view: str, asked: str | None, *, whole: bool) -> Sequence[Column]:
    """Return the columns to show of a view: those asked for (`a,b`), all of them, or the narrow table's.

    Raise UsageError that names the view's columns for one that it does not have.
    """
    types = {known.name: known.type for known in VIEWS[view].columns}
    if asked is not None:
        names = [name.strip() for name in asked.split(",") if name.strip()] or [""]
    else:
        names = _NARROW[view].split()
        names += [name for name in types if name not in names] if whole else []
    for name in names:
        known_column(name, VIEWS[view], "--columns")
    return [column(name, types[name]) for name in dict.fromkeys(names)]
