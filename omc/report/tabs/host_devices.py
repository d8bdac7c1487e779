"""omcHostDevices: a row a device of the host that is given to a guest, which ties the guest to that host."""

from omc.report.guests import parts_tab
from omc.report.tab import Column

TAB = parts_tab(
    "omcHostDevices",
    "device of a host that is given to a guest",
    (),
    more=(
        Column("omc Type", "text", lambda part: part.item.type, "pci, usb, scsi, scsi_host, mdev"),
        Column("omc Source", "text", lambda part: part.item.source, "its address on the host"),
        Column("omc Managed", "boolean", lambda part: part.item.managed, "libvirt takes it from the host by itself"),
        Column("omc Driver", "text", lambda part: part.item.driver, "vfio …"),
    ),
    parts=lambda guest: guest.host_devices,
)
