"""How the host backs, limits and schedules a domain: `<cpu>`, `<cputune>`, `<memoryBacking>` and their like.

Each reader gives the guest's fields that its element sets; `memory` and `cpu_tuning` are gathered from several
elements, so those two are plain dicts until `parse` builds the structs.
"""

from collections.abc import Callable

from omc.inventory.domain.facts import Facts
from omc.inventory.markup import Element, integer, scaled, size, switch
from omc.model import Cpu, CpuFeature, NumaCell, Pin


def read_vcpu(element: Element) -> Facts:
    """Read `<vcpu placement= cpuset= current=>MAXIMUM</vcpu>`."""
    maximum, current = integer(element.text), integer(element.get("current"))
    return {
        "vcpus_maximum": maximum,
        "vcpus": maximum if current is None else current,
        "cpu_tuning": {"placement": element.get("placement"), "cpuset": element.get("cpuset")},
    }


def read_cputune(element: Element) -> Facts:
    """Read `<cputune>`: weights, quotas, pins."""
    tuning: Facts = {}
    pins = []
    for child in element:
        if child.tag in _CPU_NUMBERS:
            tuning[_CPU_NUMBERS[child.tag]] = integer(child.text)
        elif child.tag in _PINS:
            number = child.get(_PINS[child.tag][1])
            what = _PINS[child.tag][0] if number is None else f"{_PINS[child.tag][0]} {number}"
            pins.append(Pin(what=what, cpus=child.get("cpuset", "")))
    tuning["pins"] = tuple(pins)
    return {"cpu_tuning": tuning}


_CPU_NUMBERS = {
    "shares": "shares",
    "period": "period_microseconds",
    "quota": "quota_microseconds",
    "emulator_quota": "emulator_quota_microseconds",
}
_PINS = {"vcpupin": ("vcpu", "vcpu"), "iothreadpin": ("iothread", "iothread"), "emulatorpin": ("emulator", "")}


def read_cpu(element: Element) -> Facts:
    """Read `<cpu>` with its topology, features and NUMA cells."""
    values: Facts = {
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
    return {"cpu": Cpu(**values)}


def _cpu_model(element: Element, values: Facts) -> None:
    values["model"] = element.text
    values["fallback"] = element.get("fallback")


def _cpu_vendor(element: Element, values: Facts) -> None:
    values["vendor"] = element.text


def _topology(element: Element, values: Facts) -> None:
    for name in ("sockets", "dies", "clusters", "cores", "threads"):
        values[name] = integer(element.get(name))


def _numa(element: Element, values: Facts) -> None:
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


_CPU_READERS: dict[str, Callable[[Element, Facts], None]] = {
    "model": _cpu_model,
    "vendor": _cpu_vendor,
    "topology": _topology,
    "numa": _numa,
}


def read_memory_backing(element: Element) -> Facts:
    """Read `<memoryBacking>`."""
    memory: Facts = {}
    for child in element:
        if child.tag == "hugepages":
            sizes = (scaled(page.get("size"), page.get("unit")) for page in child.iter("page"))
            memory["huge_pages"] = True
            memory["huge_page_bytes"] = tuple(size for size in sizes if size is not None)
        elif child.tag in _BACKING_FLAGS:
            memory[_BACKING_FLAGS[child.tag]] = True
        elif child.tag in _BACKING_WORDS:
            memory[child.tag] = child.get(_BACKING_WORDS[child.tag])
    return {"memory": memory}


_BACKING_FLAGS = {"locked": "locked", "nosharepages": "no_share_pages", "discard": "discard"}
_BACKING_WORDS = {"source": "type", "access": "mode", "allocation": "mode"}


def read_memtune(element: Element) -> Facts:
    """Read `<memtune>`; libvirt leaves out what has no limit."""
    limits = ("hard_limit", "soft_limit", "swap_hard_limit")
    return {"memory": {f"{child.tag}_bytes": size(child) for child in element if child.tag in limits}}


def read_numatune(element: Element) -> Facts:
    """Read `<numatune><memory mode= nodeset=>`."""
    memory = element.find("memory")
    if memory is None:
        return {}
    return {"memory": {"numa_mode": memory.get("mode"), "numa_nodes": memory.get("nodeset")}}


def read_blkiotune(element: Element) -> Facts:
    """Read the weight of `<blkiotune>`."""
    weight = element.find("weight")
    return {"block_weight": None if weight is None else integer(weight.text)}
