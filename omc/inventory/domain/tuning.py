"""How the host backs, limits and schedules a domain: `<cpu>`, `<cputune>`, `<memoryBacking>` and their like.

Each reader adds to the guest's fields; `memory` and `cpu_tuning` are gathered from several elements, so those two are
plain dicts until `parse` builds the structs.
"""

from collections.abc import Callable
from typing import Any

from omc.inventory.markup import Element, integer, scaled, size, switch
from omc.model import Cpu, CpuFeature, NumaCell, Pin

Fields = dict[str, Any]


def read_vcpu(element: Element, fields: Fields) -> None:
    """Read `<vcpu placement= cpuset= current=>MAXIMUM</vcpu>`."""
    maximum = integer((element.text or "").strip())
    fields["vcpus_maximum"] = maximum
    current = integer(element.get("current"))
    fields["vcpus"] = maximum if current is None else current
    tuning = fields.setdefault("cpu_tuning", {})
    tuning["placement"] = element.get("placement")
    tuning["cpuset"] = element.get("cpuset")


def read_cputune(element: Element, fields: Fields) -> None:
    """Read `<cputune>`: weights, quotas, pins."""
    tuning, pins = fields.setdefault("cpu_tuning", {}), []
    for child in element:
        if child.tag in _CPU_NUMBERS:
            tuning[_CPU_NUMBERS[child.tag]] = integer(child.text)
        elif child.tag in _PINS:
            number = child.get(_PINS[child.tag][1])
            what = _PINS[child.tag][0] if number is None else f"{_PINS[child.tag][0]} {number}"
            pins.append(Pin(what=what, cpus=child.get("cpuset", "")))
    tuning["pins"] = tuple(pins)


_CPU_NUMBERS = {
    "shares": "shares",
    "period": "period_microseconds",
    "quota": "quota_microseconds",
    "emulator_quota": "emulator_quota_microseconds",
}
_PINS = {"vcpupin": ("vcpu", "vcpu"), "iothreadpin": ("iothread", "iothread"), "emulatorpin": ("emulator", "")}


def read_cpu(element: Element, fields: Fields) -> None:
    """Read `<cpu>` with its topology, features and NUMA cells."""
    values: Fields = {
        "mode": element.get("mode"),
        "match": element.get("match"),
        "check": element.get("check"),
        "migratable": switch(element.get("migratable")),
    }
    features = []
    for child in element:
        if child.tag == "feature":
            features.append(CpuFeature(name=child.get("name", ""), policy=child.get("policy")))
        elif child.tag in _CPU_READERS:
            _CPU_READERS[child.tag](child, values)
    values["features"] = tuple(features)
    fields["cpu"] = Cpu(**values)


def _cpu_model(element: Element, values: Fields) -> None:
    values["model"] = element.text
    values["fallback"] = element.get("fallback")


def _cpu_vendor(element: Element, values: Fields) -> None:
    values["vendor"] = element.text


def _topology(element: Element, values: Fields) -> None:
    for name in ("sockets", "dies", "clusters", "cores", "threads"):
        values[name] = integer(element.get(name))


def _numa(element: Element, values: Fields) -> None:
    values["numa"] = tuple(
        NumaCell(
            id=integer(cell.get("id")),
            cpus=cell.get("cpus"),
            memory_bytes=scaled(cell.get("memory"), cell.get("unit")),
            memory_access=cell.get("memAccess"),
        )
        for cell in element
        if cell.tag == "cell"
    )


_CPU_READERS: dict[str, Callable[[Element, Fields], None]] = {
    "model": _cpu_model,
    "vendor": _cpu_vendor,
    "topology": _topology,
    "numa": _numa,
}


def read_memory_backing(element: Element, fields: Fields) -> None:
    """Read `<memoryBacking>`."""
    memory = fields.setdefault("memory", {})
    for child in element:
        if child.tag == "hugepages":
            sizes = (scaled(page.get("size"), page.get("unit")) for page in child.iter("page"))
            memory["huge_pages"] = True
            memory["huge_page_bytes"] = tuple(size for size in sizes if size is not None)
        elif child.tag in _BACKING_FLAGS:
            memory[_BACKING_FLAGS[child.tag]] = True
        elif child.tag in _BACKING_WORDS:
            memory[child.tag] = child.get(_BACKING_WORDS[child.tag])


_BACKING_FLAGS = {"locked": "locked", "nosharepages": "no_share_pages", "discard": "discard"}
_BACKING_WORDS = {"source": "type", "access": "mode", "allocation": "mode"}


def read_memtune(element: Element, fields: Fields) -> None:
    """Read `<memtune>`; libvirt leaves out what has no limit."""
    memory = fields.setdefault("memory", {})
    for child in element:
        if child.tag in {"hard_limit", "soft_limit", "swap_hard_limit"}:
            memory[f"{child.tag}_bytes"] = size(child)


def read_numatune(element: Element, fields: Fields) -> None:
    """Read `<numatune><memory mode= nodeset=>`."""
    memory = element.find("memory")
    if memory is not None:
        values = fields.setdefault("memory", {})
        values["numa_mode"] = memory.get("mode")
        values["numa_nodes"] = memory.get("nodeset")


def read_blkiotune(element: Element, fields: Fields) -> None:
    """Read the weight of `<blkiotune>`."""
    weight = element.find("weight")
    fields["block_weight"] = None if weight is None else integer(weight.text)
