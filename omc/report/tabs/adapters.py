"""vHBA and vNIC: a row a storage adapter or network interface of a host."""

from omc.model import Device
from omc.report.hosts import HostPart, host_parts_tab
from omc.report.tab import Column, HostScene

_LOOPBACK = "lo"


def adapters(scene: HostScene, kind: str) -> list[Device] | None:
    """Return the host's devices of a kind but for the loopback, which leads nowhere; None where they were not read."""
    devices = scene.host.devices
    return None if devices is None else [one for one in devices if one.kind == kind and one.interface != _LOOPBACK]


def _type(part: HostPart) -> str:
    return "Fibre Channel" if part.item.wwn else "SCSI"


HBA = host_parts_tab(
    "vHBA",
    "storage adapter of a host",
    (
        Column("Device", "text", lambda part: part.item.name, "libvirt's name"),
        Column("Type", "text", _type, "Fibre Channel (it has a WWN) or SCSI"),
        Column("Pci", "text", lambda part: part.item.parent, "libvirt's name of the device above it"),
        Column("Driver", "text", lambda part: part.item.driver, "of the host's kernel"),
        Column("Model", "text", lambda part: part.item.product, ""),
        Column("WWN", "text", lambda part: part.item.wwn, "port name"),
    ),
    parts=lambda scene: adapters(scene, "scsi_host"),
)

NIC = host_parts_tab(
    "vNIC",
    "network interface of a host",
    (
        Column("Network Device", "text", lambda part: part.item.interface or part.item.name, ""),
        Column("Driver", "text", lambda part: part.item.driver, "of the host's kernel"),
        Column("Speed", "number", lambda part: part.item.speed_mbits, "Mbit/s"),
        Column("MAC", "text", lambda part: part.item.address, ""),
        Column("PCI", "text", lambda part: part.item.parent, "libvirt's name of the device above it"),
    ),
    more=(
        Column("omc Link", "text", lambda part: part.item.link_state, "up, down …"),
        Column("omc Vendor", "text", lambda part: part.item.vendor, ""),
        Column("omc Product", "text", lambda part: part.item.product, ""),
        Column("omc NUMA node", "number", lambda part: part.item.numa_node, ""),
        Column("omc Virtual functions", "number", lambda part: part.item.virtual_functions, "SR-IOV: it has now"),
        Column("omc Part of", "text", lambda part: part.item.physical_function, "SR-IOV: physical function"),
    ),
    parts=lambda scene: adapters(scene, "net"),
)
