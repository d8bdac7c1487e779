"""What a domain starts as and on: `<os>`, `<features>`, `<clock>`, `<seclabel>`, `<launchSecurity>`."""

from collections.abc import Callable

from omc.inventory.domain.facts import Facts
from omc.inventory.markup import Element, switch
from omc.model import Boot, Firmware, Timer

DAC_LABEL = "dac_label"
"""The fact's name of a label by ownership, until `parse` knows whether there is a stronger one."""

BIOS_MACHINES = frozenset({"x86_64", "i686"})


def read_os(element: Element) -> Facts:
    """Read `<os>`: kind, machine, firmware and what is booted."""
    found: dict[str, Element] = {}
    devices = []
    for child in element:
        if child.tag == "boot":
            devices.append(child.get("dev", ""))
        elif type(child.tag) is str:
            found.setdefault(child.tag, child)
    facts: Facts = {}
    kind = found.get("type")
    if kind is not None:
        facts.update(os_type=kind.text, arch=kind.get("arch"), machine=kind.get("machine"))
    menu = found.get("bootmenu")
    facts["boot"] = Boot(
        devices=tuple(devices),
        kernel=_text(found, "kernel"),
        initrd=_text(found, "initrd"),
        command_line=_text(found, "cmdline"),
        menu=menu is not None and menu.get("enable") == "yes",
    )
    facts["firmware"] = _firmware(element, found, facts)
    return facts


def _text(found: dict[str, Element], tag: str) -> str | None:
    child = found.get(tag)
    return None if child is None else child.text


def _firmware(element: Element, found: dict[str, Element], facts: Facts) -> Firmware:
    selected, loader = element.get("firmware"), found.get("loader")
    flash = loader is not None and loader.get("type") == "pflash"
    kind = selected or ("efi" if flash or "nvram" in found else None)
    direct = "kernel" in found and facts.get("machine") is None  # Cloud Hypervisor: no machine, no BIOS
    if kind is None and facts.get("os_type") == "hvm" and facts.get("arch") in BIOS_MACHINES and not direct:
        kind = "bios"
    features = _firmware_features(found.get("firmware"))
    secure = None if loader is None else switch(loader.get("secure"))
    return Firmware(
        type=kind,
        loader=None if loader is None else loader.text,
        nvram=_nvram(found.get("nvram")),
        secure_boot=_secure_boot(kind, features, secure=secure),
        auto=selected is not None,
        enrolled_keys=features.get("enrolled-keys"),
    )


def _firmware_features(element: Element | None) -> dict[str, bool]:
    """Read `<firmware><feature enabled='yes' name='secure-boot'/></firmware>`."""
    if element is None:
        return {}
    return {child.get("name", ""): child.get("enabled") == "yes" for child in element if child.tag == "feature"}


def _secure_boot(kind: str | None, features: dict[str, bool], *, secure: bool | None) -> bool | None:
    """Decide from what was asked of the firmware, and from the loader that it got; without keys nothing is checked."""
    if kind != "efi":
        return False if kind == "bios" else None
    wanted = features.get("secure-boot", secure)
    return wanted and features.get("enrolled-keys", True)


def _nvram(element: Element | None) -> str | None:
    """Read the file of the variables: older XML has it as text, newer may have a `<source>`."""
    if element is None:
        return None
    source = element.find("source")
    if source is not None:
        return source.get("file") or source.get("dev") or source.get("name")
    return (element.text or "").strip() or None


def read_features(element: Element) -> Facts:
    """Read `<features>`: those that are on, and of hyperv each enlightenment."""
    facts: Facts = {}
    names = []
    for child in element:
        if child.get("state") == "off":
            continue
        names.append(str(child.tag))
        if child.tag == "hyperv":
            facts["hyperv"] = _enlightenments(child)
        elif child.tag == "kvm":
            names.extend(f"kvm-{each.tag}" for each in child if each.get("state") == "on")
    facts["features"] = tuple(names)
    return facts


def _enlightenments(element: Element) -> tuple[str, ...]:
    names = [str(child.tag) for child in element if child.get("state") == "on"]
    return ("passthrough", *names) if element.get("mode") == "passthrough" else tuple(names)


def read_clock(element: Element) -> Facts:
    """Read `<clock>` with its timers."""
    timers = (
        Timer(
            name=timer.get("name", ""),
            present=switch(timer.get("present")),
            tick_policy=timer.get("tickpolicy"),
        )
        for timer in element
        if timer.tag == "timer"
    )
    return {"clock_offset": element.get("offset"), "timers": tuple(timers)}


def read_security_label(element: Element) -> Facts:
    """Read `<seclabel>`; that of dac, which is always there, counts where there is no other (see `parse`)."""
    kind, model = element.get("type"), element.get("model")
    label = f"{model}/{kind}" if model else kind
    return {DAC_LABEL if model == "dac" else "security_label": label}


def read_launch_security(element: Element) -> Facts:
    """Read the kind of `<launchSecurity>`; its secrets are never read."""
    return {"launch_security": element.get("type")}


def read_resource(element: Element) -> Facts:
    """Read `<resource><partition>`."""
    partition = element.find("partition")
    return {"partition": None if partition is None else partition.text}


READERS: dict[str, Callable[[Element], Facts]] = {
    "os": read_os,
    "features": read_features,
    "clock": read_clock,
    "seclabel": read_security_label,
    "launchSecurity": read_launch_security,
    "resource": read_resource,
}
