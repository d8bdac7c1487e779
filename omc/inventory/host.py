"""The host's own facts, from libvirt's node calls and capabilities; guests, pools and networks are read elsewhere."""

from functools import partial
from typing import Any

from msgspec import structs

from omc.inventory.capabilities import read_capabilities, read_domain_capabilities
from omc.inventory.devices import read_device
from omc.inventory.hardware import read_hardware
from omc.inventory.issues import Issues
from omc.model import Device, DomainCapabilities, HostCell, HostCpu, HugePages
from omc.ports import RawHost

Fields = dict[str, Any]


def read_host(raw: RawHost, issues: Issues) -> Fields:
    """Read the fields of a Host that do not come from its guests, pools and networks; what is no XML is an issue."""
    where = issues.host
    fields: Fields = {
        "driver": raw.driver,
        "hostname": raw.hostname,
        "libvirt_version": version(raw.libvirt_version),
        "hypervisor_version": version(raw.hypervisor_version),
        "read_only": raw.read_only,
        "memory_free_bytes": _free_memory(raw),
        "ksm": {name: value for name, value in (raw.memory_parameters or {}).items() if type(value) is int},
    }
    cpu: Fields = {}
    if raw.capabilities is not None:
        read = partial(read_capabilities, raw.capabilities, where=where)
        found = issues.attempt("host", "what the host can do", read) or {}
        cpu = found.pop("cpu", {})
        fields.update(found)
    fields["cells"] = tuple(_with_free(cell, raw) for cell in fields.get("cells", ()))
    fields["memory_bytes"] = _node(raw, cpu) or _total_memory(fields["cells"])
    fields["cpu"] = HostCpu(**cpu)
    if raw.sysinfo is not None:
        fields["hardware"] = issues.attempt("host", "hardware", partial(read_hardware, raw.sysinfo, where=where))
    fields["devices"] = _devices(raw, issues)
    fields["domain_capabilities"] = _domain_capabilities(raw, issues)
    return fields


def version(number: int | None) -> str | None:
    """Write libvirt's version number: 9000000 is "9.0.0"; 0 is what a driver says that has none."""
    if not number:
        return None
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def _node(raw: RawHost, cpu: Fields) -> int | None:
    """Add virNodeGetInfo's counts to the CPU's fields and return the host's memory.

    Its sockets are those of one NUMA node; where the topology is uneven libvirt says one node with one socket.
    """
    if raw.node is None:
        return None
    model, memory, count, mhz, nodes, sockets, cores, threads = raw.node
    cpu.update(
        count=count,
        mhz=mhz or None,
        sockets=nodes * sockets,
        cores_per_socket=cores,
        threads_per_core=threads,
        arch=cpu.get("arch") or model,
    )
    return memory << 20


def _total_memory(cells: tuple[HostCell, ...]) -> int | None:
    sizes = [cell.memory_bytes for cell in cells if cell.memory_bytes is not None]
    return sum(sizes) if sizes else None


def _free_memory(raw: RawHost) -> int | None:
    if raw.memory is not None and "free" in raw.memory:
        return raw.memory["free"] * 1024
    return sum(raw.cell_free_bytes.values()) if raw.cell_free_bytes else None


def _with_free(cell: HostCell, raw: RawHost) -> HostCell:
    free = (raw.free_pages or {}).get(cell.id, {})
    pages = tuple(
        HugePages(size_bytes=page.size_bytes, total=page.total, free=free.get(page.size_bytes // 1024))
        for page in cell.huge_pages
    )
    return structs.replace(cell, free_bytes=(raw.cell_free_bytes or {}).get(cell.id), huge_pages=pages)


def _devices(raw: RawHost, issues: Issues) -> tuple[Device, ...] | None:
    if raw.devices is None:
        return None
    read = (issues.attempt("host", "a device", partial(read_device, xml, where=issues.host)) for xml in raw.devices)
    return tuple(device for device in read if device is not None)


def _domain_capabilities(raw: RawHost, issues: Issues) -> tuple[DomainCapabilities, ...] | None:
    if raw.domain_capabilities is None:
        return None
    what = "what guests may have here (domain capabilities)"
    read = (
        issues.attempt("host", what, partial(read_domain_capabilities, xml, where=issues.host))
        for xml in raw.domain_capabilities
    )
    return tuple(found for found in read if found is not None)
