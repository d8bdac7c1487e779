"""What the host itself is: its node, NUMA cells, huge pages, devices and network interfaces. Pure."""

import re
from collections import Counter
from collections.abc import Iterator

from omc.exporters import markup
from omc.exporters.families import Found
from omc.ports import RawHost

NODE = ("cpus", "cpu_frequency_hertz", "numa_cells", "sockets", "cores_per_socket", "threads_per_core")
"""Metrics of virNodeGetInfo, from its third field on."""

MEGABIT = 1_000_000 // 8

_CAPABILITY = re.compile(r"<capability type='([a-z0-9_]+)'")
_OF_GUESTS = re.compile(r"(vnet|macvtap|macvlan|vif|tap)\d+(\.\d+)?")
"""Names that libvirt and QEMU give to the host's side of guests' interfaces: those come and go with the guests."""


def node(host: RawHost) -> Iterator[Found]:
    """Give what virNodeGetInfo says, and the counts of things whose content is nobody's business."""
    for name, count in (("libvirt_network_filters", host.network_filters), ("libvirt_secrets", host.secrets)):
        yield name, count, ()
    if host.node is None:
        return
    architecture, mebibytes, cpus, megahertz, *topology = host.node
    root = markup.parse(host.capabilities or "")
    model = root.findtext("host/cpu/model", "") if root is not None else ""
    own = (("hypervisor", host.driver), ("arch", architecture), ("cpu_model", model))
    yield "libvirt_node_info", 1, own
    yield "libvirt_node_memory_bytes", mebibytes << 20, ()
    for name, value in zip(NODE, (cpus, megahertz * 1_000_000 or None, *topology), strict=True):  # 0 MHz: not known
        yield f"libvirt_node_{name}", value, ()


def numa(host: RawHost) -> Iterator[Found]:
    """Give memory and pages of each NUMA cell."""
    root = markup.parse(host.capabilities or "")
    for cell in root.iterfind("host/topology/cells/cell") if root is not None else ():
        number = cell.get("id", "")
        memory = cell.findtext("memory", "")
        if memory.isdigit():
            yield "libvirt_node_numa_memory_total_bytes", int(memory) * 1024, (("cell", number),)
        for pages in cell.iterfind("pages"):
            size, amount = pages.get("size", ""), pages.text or ""
            if size.isdigit() and amount.isdigit():
                own = (("cell", number), ("page_size_bytes", str(int(size) * 1024)))
                yield "libvirt_node_hugepages", int(amount), own
    for free_cell, free in (host.cell_free_bytes or {}).items():
        yield "libvirt_node_numa_memory_free_bytes", free, (("cell", str(free_cell)),)
    for free_cell, sizes in (host.free_pages or {}).items():
        for kibibytes, amount_free in sizes.items():
            own = (("cell", str(free_cell)), ("page_size_bytes", str(kibibytes * 1024)))
            yield "libvirt_node_hugepages_free", amount_free, own


def devices(host: RawHost) -> Iterator[Found]:
    """Count the devices by what they can do."""
    found = (_CAPABILITY.search(xml) for xml in host.devices or ())
    for capability, amount in sorted(Counter(match.group(1) for match in found if match).items()):
        yield "libvirt_node_devices", amount, (("capability", capability),)


def interfaces(host: RawHost) -> Iterator[Found]:
    """Give the host's own interfaces: whether each is up, as libvirt's interface driver says, and its link."""
    for one in host.interfaces or ():
        if not _OF_GUESTS.fullmatch(one.name):
            yield "libvirt_interface_active", one.active, (("interface", one.name),)
    seen = set()
    for xml in host.devices or ():
        root = markup.parse(xml) if "<capability type='net'" in xml else None
        name = root.findtext("capability/interface", "") if root is not None else ""
        link = root.find("capability/link") if root is not None else None
        if not name or link is None or name in seen or _OF_GUESTS.fullmatch(name):
            continue
        seen.add(name)
        yield from _link((("interface", name),), link)


def _link(name: tuple[tuple[str, str], ...], link: markup.Element) -> Iterator[Found]:
    state, speed = link.get("state", "unknown"), link.get("speed", "")
    if state != "unknown":
        yield "libvirt_interface_link_up", state == "up", name
    if speed.isdigit():
        yield "libvirt_interface_speed_bytes_per_second", int(speed) * MEGABIT, name
