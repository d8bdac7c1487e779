"""What a host can do: its capabilities, and the domain capabilities of each kind of guest, from XML."""

from collections.abc import Iterator
from typing import Any

from omc.inventory.markup import Element, document, integer, scaled, size
from omc.model import Architecture, CpuFeature, DomainCapabilities, HostCell, HugePages, Machine, SecurityModel

Fields = dict[str, Any]

_TOLD = frozenset({"yes", "no"})


def read_capabilities(xml: str, *, where: str) -> Fields:
    """Read `<capabilities>` as fields of a Host, and `cpu` as a dict of HostCpu's fields. Raises OmcError."""
    root = document(xml, tag="capabilities", where=where)
    fields: Fields = {"cpu": {}}
    host = root.find("host")
    for child in () if host is None else host:
        if child.tag == "uuid":
            fields["uuid"] = child.text
        elif child.tag == "cpu":
            _cpu(child, fields)
        elif child.tag == "iommu":
            fields["iommu"] = child.get("support") == "yes"
        elif child.tag == "power_management":
            fields["suspend_modes"] = tuple(str(mode.tag) for mode in child)
        elif child.tag == "migration_features":
            _migration(child, fields)
        elif child.tag == "topology":
            fields["cells"] = tuple(_cell(cell) for cell in child.iter("cell"))
        elif child.tag == "secmodel":
            fields["security_models"] = (*fields.get("security_models", ()), _security_model(child))
    fields["architectures"] = tuple(_architecture(guest) for guest in root.iter("guest"))
    return fields


def _text(element: Element, path: str) -> str | None:
    found = element.find(path)
    return None if found is None else found.text


def _cpu(element: Element, fields: Fields) -> None:
    microcode = element.find("microcode")
    fields["cpu"] = {
        "arch": _text(element, "arch"),
        "model": _text(element, "model"),
        "vendor": _text(element, "vendor"),
        "microcode": None if microcode is None else microcode.get("version"),
        "features": tuple(feature.get("name", "") for feature in element if feature.tag == "feature"),
    }
    sizes = (scaled(pages.get("size"), pages.get("unit")) for pages in element if pages.tag == "pages")
    fields["page_sizes_bytes"] = tuple(size for size in sizes if size is not None)


def _migration(element: Element, fields: Fields) -> None:
    fields["live_migration"] = element.find("live") is not None
    transports = (transport.text for transport in element.iter("uri_transport"))
    fields["migration_transports"] = tuple(text for text in transports if text)


def _security_model(element: Element) -> SecurityModel:
    return SecurityModel(model=_text(element, "model") or "none", doi=_text(element, "doi") or None)


def _cell(element: Element) -> HostCell:
    """Read a NUMA cell; pages of the CPU's own size are no huge pages."""
    memory, distances = element.find("memory"), element.find("distances")
    numbers = sorted(number for cpu in element.iterfind("cpus/cpu") if (number := integer(cpu.get("id"))) is not None)
    pages = [child for child in element if child.tag == "pages"]
    return HostCell(
        id=integer(element.get("id")) or 0,
        memory_bytes=None if memory is None else size(memory),
        cpus=cpu_list(numbers),
        cpu_count=len(numbers),
        huge_pages=tuple(_huge_pages(page) for page in pages[1:]),
        distances={}
        if distances is None
        else {each.get("id", ""): integer(each.get("value")) or 0 for each in distances},
    )


def _huge_pages(element: Element) -> HugePages:
    return HugePages(size_bytes=scaled(element.get("size"), element.get("unit")) or 0, total=integer(element.text) or 0)


def cpu_list(numbers: list[int]) -> str:
    """Write CPU numbers as libvirt does: "0-3,8"."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _architecture(element: Element) -> Architecture:
    arch = element.find("arch")
    if arch is None:
        return Architecture(arch="", os_type=_text(element, "os_type") or "")
    domains = [child for child in arch if child.tag == "domain"]
    return Architecture(
        arch=arch.get("name", ""),
        os_type=_text(element, "os_type") or "",
        emulator=_text(arch, "emulator") or next((_text(domain, "emulator") for domain in domains), None),
        types=tuple(domain.get("type", "") for domain in domains),
        machines=_machines([arch, *domains]),
    )


def _machines(parents: list[Element]) -> tuple[Machine, ...]:
    """Read the machine types; those that only one way of running has stand inside its `<domain>`."""
    machines: dict[str, Machine] = {}
    for parent in parents:
        for child in parent:
            if child.tag == "machine" and child.text and child.text not in machines:
                machines[child.text] = Machine(
                    name=child.text,
                    canonical=child.get("canonical"),
                    max_cpus=integer(child.get("maxCpus")),
                    deprecated=child.get("deprecated") == "yes",
                )
    return tuple(machines.values())


def read_domain_capabilities(xml: str, *, where: str) -> DomainCapabilities:
    """Read `<domainCapabilities>` of one architecture and type. Raises OmcError."""
    root = document(xml, tag="domainCapabilities", where=where)
    vcpu, system, cpu = root.find("vcpu"), root.find("os"), root.find("cpu")
    fields: Fields = {} if cpu is None else _cpu_modes(cpu)
    return DomainCapabilities(
        arch=_text(root, "arch") or "",
        type=_text(root, "domain") or "",
        machine=_text(root, "machine"),
        max_vcpus=None if vcpu is None else integer(vcpu.get("max")),
        firmware=() if system is None else tuple(_enumeration(system, "firmware")),
        secure_boot=None if system is None else _secure_loader(system),
        devices=_enumerations(root.find("devices")),
        features={
            str(child.tag): child.get("supported") == "yes"
            for child in root.iterfind("features/*")
            if child.get("supported") is not None
        },
        **fields,
    )


def _enumeration(element: Element, name: str) -> list[str]:
    for child in element:
        if child.tag == "enum" and child.get("name") == name:
            return [value.text for value in child if value.text]
    return []


def _secure_loader(system: Element) -> bool | None:
    loader = system.find("loader")
    return None if loader is None else "yes" in _enumeration(loader, "secure")


def _enumerations(devices: Element | None) -> dict[str, list[str]]:
    """Read every enumeration of `<devices>` as "DEVICE.NAME" → values."""
    found: dict[str, list[str]] = {}
    for device in () if devices is None else devices:
        for child in device:
            if child.tag == "enum":
                found[f"{device.tag}.{child.get('name', '')}"] = [value.text for value in child if value.text]
    return found


def _cpu_modes(cpu: Element) -> Fields:
    modes = [mode for mode in cpu if mode.tag == "mode" and mode.get("supported") == "yes"]
    like_host = next((mode for mode in modes if mode.get("name") == "host-model"), None)
    models = [model for mode in modes if mode.get("name") == "custom" for model in mode if model.tag == "model"]
    blockers = {
        each.get("model", ""): [feature.get("name", "") for feature in each.iter("feature")]
        for mode in modes
        for each in mode
        if each.tag == "blockers"
    }
    return {
        "cpu_modes": tuple(mode.get("name", "") for mode in modes),
        "host_model": None if like_host is None else _text(like_host, "model"),
        "host_model_features": None if like_host is None else tuple(_features(like_host)),
        "usable_models": tuple(model.text for model in models if model.text and model.get("usable") == "yes"),
        "blocked_models": {
            model.text: blockers.get(model.text, []) for model in models if model.text and model.get("usable") == "no"
        },
        "unknown_models": tuple(model.text for model in models if model.text and model.get("usable") not in _TOLD),
        "deprecated_models": tuple(model.text for model in models if model.text and model.get("deprecated") == "yes"),
    }


def _features(mode: Element) -> Iterator[CpuFeature]:
    for child in mode:
        if child.tag == "feature":
            yield CpuFeature(name=child.get("name", ""), policy=child.get("policy"))
