"""What libvirt adds to a definition that does not say it: tables, from what libvirt 8 to 12 do.

One line each. What is missing here is seen as a change that is not one, once: after an apply the plan knows that this
rendered definition made this present one (`omc.templates.objects.comparison`).
"""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

ANY = ""

_ATTRIBUTES: Mapping[tuple[str, str], tuple[str, ...]] = {
    # guest
    ("vcpu", "placement"): ("static",),
    ("type", "arch"): (ANY,),
    ("type", "machine"): (ANY,),
    ("cpu", "match"): ("exact",),
    ("cpu", "check"): (ANY,),
    ("cpu", "migratable"): ("on",),
    ("model", "fallback"): ("allow", "forbid"),
    ("topology", "dies"): ("1",),
    ("topology", "clusters"): ("1",),
    ("disk", "device"): ("disk",),
    ("driver", "name"): ("qemu",),
    ("driver", "type"): ("raw",),
    ("target", "tray"): ("closed",),
    ("target", "port"): (ANY,),
    ("target", "type"): ("isa-serial", "serial", "pci-serial", "system-serial"),
    ("controller", "index"): (ANY,),
    ("controller", "model"): (ANY,),
    ("controller", "ports"): (ANY,),
    ("graphics", "port"): ("-1",),
    ("graphics", "autoport"): ("yes",),
    ("listen", "address"): ("127.0.0.1",),
    ("audio", "id"): (ANY,),
    ("model", "vram"): (ANY,),
    ("model", "ram"): (ANY,),
    ("model", "vgamem"): (ANY,),
    ("model", "heads"): ("1",),
    ("model", "primary"): ("yes",),
    ("model", "type"): ("cirrus", "vga", "qxl", "virtio", "rtl8139"),
    ("input", "bus"): (ANY,),
    ("memballoon", "model"): ("virtio",),
    ("hostdev", "managed"): ("no",),
    ("hostdev", "mode"): ("subsystem",),
    ("backend", "model"): ("random",),
    ("backend", "version"): ("2.0",),
    ("tpm", "model"): ("tpm-tis", "tpm-crb"),
    ("filesystem", "accessmode"): ("passthrough",),
    # network
    ("network", "connections"): (ANY,),
    ("bridge", "stp"): ("on",),
    ("bridge", "delay"): ("0",),
    ("ip", "family"): ("ipv4",),
    # secret, nwfilter
    ("secret", "ephemeral"): ("no",),
    ("secret", "private"): ("no",),
    ("filter", "chain"): ("root",),
    ("filter", "priority"): (ANY,),
    ("rule", "priority"): ("500",),
}
"""Element and attribute → the values that libvirt gives it; ANY is any."""

_ALWAYS = {"alias", "address"}
_SIMPLE = {
    ("domain", "uuid"), ("network", "uuid"), ("pool", "uuid"), ("secret", "uuid"), ("filter", "uuid"),
    ("network", "mac"), ("interface", "mac"), ("devices", "emulator"), ("serial", "target"), ("console", "target"),
    ("target", "model"), ("video", "model"), ("target", "permissions"), ("tpm", "backend"), ("filesystem", "driver"),
}  # fmt: skip
"""Parent and element: added where the parent has none of that name."""

_BUSES = {"hd": "ide", "sd": "scsi", "vd": "virtio", "fd": "fdc", "xv": "xen", "ub": "uml"}
"""How the name of a disk begins → the bus that libvirt then takes."""

_CONTROLLERS = {"usb", "pci", "ide", "sata", "scsi", "virtio-serial", "fdc", "ccid", "isa"}

IDENTITIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "disk": (("target", "dev"),),
    "interface": (("mac", "address"),),
    "controller": (("", "type"), ("", "index")),
    "filesystem": (("target", "dir"),),
    "channel": (("target", "name"),),
    "feature": (("", "name"),),
    "timer": (("", "name"),),
    "graphics": (("", "type"),),
    "input": (("", "type"), ("", "bus")),
    "portgroup": (("", "name"),),
    "host": (("", "mac"), ("", "name"), ("", "ip")),
    "ip": (("", "address"),),
    "filterref": (("", "filter"),),
    "parameter": (("", "name"),),
    "memnode": (("", "cellid"),),
    "vcpupin": (("", "vcpu"),),
}
"""Element → where an attribute stands that makes it what it is: two with different ones are two things."""


def is_added_attribute(path: tuple[str, ...], name: str, value: str, rendered: ET.Element) -> bool:
    """Tell whether libvirt adds this attribute by itself to an element like the rendered one."""
    if rendered.tag in _ALWAYS:
        return True
    match rendered.tag, name:
        case "model", _ if path[-2] == "interface":
            return False
        case "target", "bus":
            return value == _BUSES.get(rendered.get("dev", "")[:2], value)
        case "graphics", "listen":
            inner = rendered.find("listen")
            return value == "127.0.0.1" or (inner is not None and inner.get("address") == value)
        case "bridge", "name":
            return value.startswith("virbr")
    allowed = _ATTRIBUTES.get((rendered.tag, name), ())
    return ANY in allowed or value in allowed


def is_added_child(path: tuple[str, ...], child: ET.Element, rendered: ET.Element) -> bool:
    """Tell whether libvirt adds this element by itself where the rendered parent has none like it."""
    tag, parent = child.tag, path[-1]
    if tag in _ALWAYS and len(path) > 2:
        return rendered.find(tag) is None
    if rendered.find(tag) is None and ((parent, tag) in _SIMPLE or _is_default(parent, child, rendered)):
        return True
    if parent == "domain":
        return rendered.find(tag) is None and _is_plain(child, rendered)
    if parent == "os":
        return _is_firmware(child, rendered)
    return parent == "devices" and _is_plain_device(child, rendered)


def _is_default(parent: str, child: ET.Element, rendered: ET.Element) -> bool:
    """Tell whether a parent that has no such child gets this one."""
    match parent, child.tag:
        case "network", "bridge":
            return child.get("name", "").startswith("virbr")
        case "devices", "video":  # a screen without a card gets one
            return rendered.find("graphics") is not None
        case "graphics", "listen":
            return child.get("address") in (None, "127.0.0.1", rendered.get("listen"))
        case "disk", "driver":
            return {"name": "qemu", "type": "raw"}.items() >= child.attrib.items()
        case "disk", "readonly":
            return rendered.get("device") in ("cdrom", "floppy")
        case "interface", "model":
            return child.get("type") in ("rtl8139", "e1000", "e1000e")
        case "pool", "source":
            return len(child) == 0
    return False


def _is_plain(child: ET.Element, rendered: ET.Element) -> bool:
    match child.tag:
        case "currentMemory":
            return child.text == rendered.findtext("memory")
        case "cpu":
            return child.get("mode") == "custom" and child.get("check") in ("none", "partial") and len(child) <= 1
        case "clock":
            return child.get("offset") == "utc" and len(child) == 0
        case "on_poweroff" | "on_crash":
            return child.text == "destroy"
        case "on_reboot":
            return child.text == "restart"
        case "resource":
            return child.findtext("partition") == "/machine"
        case "seclabel":
            return child.get("type") == "dynamic"
        case "metadata":  # other programs' own, where the template has none
            return True
    return False


def _is_firmware(child: ET.Element, rendered: ET.Element) -> bool:
    if child.tag == "boot":
        return child.get("dev") == "hd" and rendered.find("boot") is None
    automatic = rendered.get("firmware") is not None
    asked = rendered.find("loader") is not None
    return (child.tag == "nvram" and (automatic or asked)) or (child.tag in ("loader", "firmware") and automatic)


def _is_plain_device(child: ET.Element, rendered: ET.Element) -> bool:
    match child.tag:
        case "controller":
            return child.get("type") in _CONTROLLERS and child.find("driver") is None
        case "input":
            return child.get("bus") in ("ps2", "xen") and child.get("type") in ("mouse", "keyboard")
        case "memballoon":
            return rendered.find("memballoon") is None and child.find("stats") is None
        case "audio":
            return rendered.find("audio") is None and child.get("type") in ("none", "spice")
        case "serial":
            return rendered.find("serial") is None and rendered.find("console") is not None
        case "console":
            return rendered.find("console") is None and rendered.find("serial") is not None
        case "watchdog":
            return rendered.find("watchdog") is None and child.get("model") == "itco"
        case "panic":
            return rendered.find("panic") is None and child.get("model") in ("pseries", "s390")
    return False


def same_machine(rendered: str, present: str) -> bool:
    """Tell whether a machine type stands for the versioned one that libvirt made of it."""
    names = {"pc": "pc-i440fx-", "q35": "pc-q35-", "virt": "virt-", "pseries": "pseries-"}
    return rendered in names and present.startswith(names[rendered])
