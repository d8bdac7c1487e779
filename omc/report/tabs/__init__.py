"""The tabs of a workbook, a file for each or for two that belong together; a new one is a file here and a name in TABS.

The order is RVTools' own; those that it does not have follow.
"""

from collections.abc import Sequence

from omc.report.tab import Tab
from omc.report.tabs import (
    adapters,
    cdrom,
    cluster,
    cpu,
    datastore,
    disk,
    health,
    host,
    host_devices,
    info,
    issues,
    memory,
    metadata,
    network,
    partition,
    pending,
    snapshot,
    source,
    switches,
    tools,
    usb,
    volume,
)

TABS: Sequence[Tab] = (
    *(info.TAB, cpu.TAB, memory.TAB, disk.TAB, partition.TAB, network.TAB, cdrom.TAB, usb.TAB, snapshot.TAB, tools.TAB),
    *(source.TAB, cluster.TAB, host.TAB, adapters.HBA, adapters.NIC, switches.SWITCH, switches.PORT),
    *(datastore.TAB, volume.TAB, health.TAB, metadata.TAB),
    *(issues.TAB, pending.TAB, host_devices.TAB),
)
