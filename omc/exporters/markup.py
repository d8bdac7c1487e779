"""The XML of a guest as its metrics need it: what it is, its disks and interfaces, its snapshots' times.

Nothing here trusts its input: a document type declaration is refused, and what is not there is an empty text.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from omc.names import AGENT_CHANNEL

Element = ET.Element
Pairs = tuple[tuple[str, str], ...]

_OMC = "{urn:omc:guest:1}"
_NOVA = ("{http://openstack.org/xmlns/libvirt/nova/1.1}", "{http://openstack.org/xmlns/libvirt/nova/1.0}")
_KINDS = ("disk", "interface", "hostdev", "filesystem", "tpm")
_CREATED = re.compile(r"<creationTime>([0-9]{1,12})</creationTime>")
_LIMITS = {
    **{f"{way}_bytes_sec": f"limit_{way}_bytes" for way in ("total", "read", "write")},
    **{f"{way}_iops_sec": f"limit_{way}_requests" for way in ("total", "read", "write")},
    **{f"{way}_bytes_sec_max": f"limit_burst_{way}_bytes" for way in ("total", "read", "write")},
    **{f"{way}_iops_sec_max": f"limit_burst_{way}_requests" for way in ("total", "read", "write")},
    **{f"{way}_bytes_sec_max_length": f"limit_burst_{way}_bytes_length_seconds" for way in ("total", "read", "write")},
    **{
        f"{way}_iops_sec_max_length": f"limit_burst_length_{way}_requests_seconds" for way in ("total", "read", "write")
    },
    "size_iops_sec": "size_iops_bytes",
}


class Device:
    """A disk or an interface: its name in metrics, what it is, and its figures by metric."""

    def __init__(self, name: str, pairs: Pairs, figures: dict[str, int], *, up: bool = True) -> None:
        self.name = name
        self.pairs = pairs
        self.figures = figures
        self.up = up


def parse(text: str) -> Element | None:
    """Parse libvirt's XML; None where it is none, or declares what could grow."""
    if not text or "<!DOCTYPE" in text:
        return None
    try:
        return ET.fromstring(text)  # noqa: S314 - a declaration that could define entities was refused above
    except (ET.ParseError, ValueError):
        return None


def machine(root: Element) -> Pairs:
    """Say what the guest is."""
    kind = root.find("os/type")
    attributes = kind.attrib if kind is not None else {}
    return (
        ("os_type", (kind.text or "") if kind is not None else ""),
        ("arch", attributes.get("arch", "")),
        ("machine", attributes.get("machine", "")),
        ("title", root.findtext("title", "")),
    )


def openstack(root: Element, *, of_every_guest: bool = False) -> Pairs | None:
    """Say which instance of OpenStack the guest is; None, or little more than its UUID, where it is none."""
    found = ((space, root.find(f"metadata/{space}instance")) for space in _NOVA)
    space, instance = next(((space, one) for space, one in found if one is not None), ("", None))
    if instance is None:
        if not of_every_guest:
            return None
        instance = ET.Element("instance")
    flavor = instance.find(f"{space}flavor")
    user = instance.find(f"{space}owner/{space}user")
    project = instance.find(f"{space}owner/{space}project")
    return (
        ("instance_name", instance.findtext(f"{space}name", "")),
        ("instance_id", root.findtext("uuid", "")),
        ("flavor_name", flavor.get("name", "") if flavor is not None else ""),
        ("user_name", (user.text or "") if user is not None else ""),
        ("user_id", user.get("uuid", "") if user is not None else ""),
        ("project_name", (project.text or "") if project is not None else ""),
        ("project_id", project.get("uuid", "") if project is not None else ""),
    )


def figures(root: Element) -> dict[str, int]:
    """Give what the XML says in numbers, by metric; what it does not say is left out."""
    period = _attributes(root, "devices/memballoon/stats").get("period", "0")
    channels = (channel.find("target") for channel in root.iterfind("devices/channel"))
    agents = [target.get("state") for target in channels if target is not None and target.get("name") == AGENT_CHANNEL]
    number, threads = root.get("id", ""), root.findtext("iothreads", "0")
    return {
        **({"id": int(number)} if _is_number(number) else {}),
        **({"agent_connected": int("connected" in agents)} if agents and number else {}),
        "iothreads": int(threads) if _is_number(threads) else 0,
        "vcpus_pinned": _pinned(root),
        "memory_hugepages": int(root.find("memoryBacking/hugepages") is not None),
        "memory_stats_period_seconds": int(period) if _is_number(period) else 0,
    }


def _pinned(root: Element) -> int:
    """Count the virtual CPUs that are held to some CPUs: each by itself, or all by what the guest has for the rest."""
    vcpu = root.find("vcpu")
    if vcpu is not None and vcpu.get("cpuset") and _is_number(vcpu.text or ""):
        return int(vcpu.text or "")
    return len(root.findall("cputune/vcpupin"))


def allocation(text: str) -> dict[str, int]:
    """Give what a guest may have as its statistics would: virtual CPUs, and memory in KiB, libvirt's unit in XML."""
    root = parse(text)
    vcpus, memory = (root.find(name) for name in ("vcpu", "memory")) if root is not None else (None, None)
    found = {
        "vcpu.current": vcpus.get("current", vcpus.text or "") if vcpus is not None else "",
        "balloon.maximum": (memory.text or "") if memory is not None else "",
    }
    return {key: int(text) for key, text in found.items() if _is_number(text)}


def devices(root: Element) -> dict[str, int]:
    """Count the devices that matter by kind."""
    return {kind: len(root.findall(f"devices/{kind}")) for kind in _KINDS}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def tags(root: Element) -> tuple[str, ...]:
    """Give the tags in omc's own metadata."""
    found = ((tag.text or "").strip() for tag in root.iterfind(f"metadata/{_OMC}guest/{_OMC}tag"))
    return tuple(dict.fromkeys(filter(None, found)))


def disks(root: Element) -> Iterator[Device]:
    """Give the disks in libvirt's order."""
    for disk in root.iterfind("devices/disk"):
        target, driver, source = _attributes(disk, "target"), _attributes(disk, "driver"), _attributes(disk, "source")
        pairs = (
            ("disk_type", disk.get("type", "")),
            ("device", disk.get("device", "disk")),
            ("target_bus", target.get("bus", "")),
            ("driver_name", driver.get("name", "")),
            ("driver_type", driver.get("type", "")),
            ("driver_cache", driver.get("cache", "")),
            ("driver_discard", driver.get("discard", "")),
            ("source_file", source.get("file") or source.get("dev") or source.get("name") or source.get("volume", "")),
            ("source_protocol", source.get("protocol", "")),
            ("serial", disk.findtext("serial", "")),
        )
        figures = {
            "read_only": int(disk.find("readonly") is not None),
            **_chain(disk),
            **{f"stats_{name}": limit for name, limit in _limits(disk).items()},
        }
        yield Device(target.get("dev", ""), pairs, figures)


def _chain(disk: Element) -> dict[str, int]:
    """Count the images below the disk's own; the definition of a guest that is off does not tell them."""
    if disk.find("backingStore") is None:
        return {}
    return {"backing_files": sum(1 for store in disk.iter("backingStore") if len(store))}


def _limits(disk: Element) -> dict[str, int]:
    found = {_LIMITS[limit.tag]: limit.text or "" for limit in disk.iterfind("iotune/*") if limit.tag in _LIMITS}
    return {name: int(text) for name, text in found.items() if _is_number(text) and int(text)}


def interfaces(root: Element) -> Iterator[Device]:
    """Give the interfaces in libvirt's order; one without a name on the host goes by its MAC address, or its alias."""
    for interface in root.iterfind("devices/interface"):
        source, port = _attributes(interface, "source"), _attributes(interface, "virtualport/parameters")
        mac = _attributes(interface, "mac").get("address", "")
        pairs = (
            ("interface_type", interface.get("type", "")),
            ("source_bridge", source.get("bridge") or source.get("network") or source.get("dev", "")),
            ("mac_address", mac),
            ("model_type", _attributes(interface, "model").get("type", "")),
            ("mtu_size", _attributes(interface, "mtu").get("size", "")),
            ("virtual_interface", port.get("interfaceid", "")),
        )
        name = _attributes(interface, "target").get("dev") or mac or _attributes(interface, "alias").get("name", "")
        yield Device(name, pairs, {}, up=_attributes(interface, "link").get("state", "up") != "down")


def _attributes(element: Element, path: str) -> dict[str, str]:
    found = element.find(path)
    return found.attrib if found is not None else {}


def created(documents: tuple[str, ...]) -> list[int]:
    """Give the times at which snapshots were made, by their XML, the oldest first."""
    found = (_CREATED.search(document) for document in documents)
    return sorted(int(match.group(1)) for match in found if match)
