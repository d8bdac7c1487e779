"""vUSB: a row a USB device of the host that is given to a guest."""

from omc.model import Guest, HostDevice
from omc.report.guests import Part, parts_tab
from omc.report.tab import Column


def _devices(guest: Guest) -> list[HostDevice]:
    return [device for device in guest.host_devices if device.type == "usb"]


def _connected(part: Part) -> bool:
    return part.guest.active


COLUMNS = (
    Column("Device Node", "text", lambda part: part.item.source, "VENDOR:PRODUCT or BUS.DEVICE"),
    Column("Device Type", "text", lambda part: part.item.type, "usb"),
    Column("Connected", "boolean", _connected, "the guest runs"),
)

TAB = parts_tab("vUSB", "USB device of a host that is given to a guest", COLUMNS, parts=_devices)
