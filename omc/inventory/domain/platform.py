"""What a domain starts as and on: `<os>`, `<features>`, `<clock>`, `<seclabel>`, `<launchSecurity>`."""

from collections.abc import Callable
from typing import Any

from omc.inventory.markup import Element, switch
from omc.model import Boot, Firmware, Timer

Fields = dict[str, Any]

BIOS_MACHINES = frozenset({"x86_64", "i686"})


def read_os(element: Element, fields: Fields) -> None:
    """Read `<os>`: kind, machine, firmware and what is booted."""
    found: dict[str, Element] = {}
    devices = []
    for child in element:
        if child.tag == "boot":
            devices.append(child.get("dev", ""))
        elif type(child.tag) is str:
            found.setdefault(child.tag, child)
    kind = found.get("type")
    if kind is not None:
        fields["os_type"], fields["arch"], fields["machine"] = kind.text, kind.get("arch"), kind.get("machine")
    menu = found.get("bootmenu")
    fields["boot"] = Boot(
        devices=tuple(devices),
        kernel=_text(found, "kernel"),
        initrd=_text(found, "initrd"),
        command_line=_text(found, "cmdline"),
        menu=menu is not None and menu.get("enable") == "yes",
    )
    fields["firmware"] = _firmware(element, found, fields)


def _text(found: dict[str, Element], tag: str) -> str | None:
    child = found.get(tag)
    return None if child is None else child.text


def _firmware(element: Element, found: dict[str, Element], fields: Fields) -> Firmware:
    selected, loader = element.get("firmware"), found.get("loader")
    flash = loader is not None and loader.get("type") == "pflash"
    kind = selected or ("efi" if flash or "nvram" in found else None)
    if kind is None and fields.get("os_type") == "hvm" and fields.get("arch") in BIOS_MACHINES:
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


def read_features(element: Element, fields: Fields) -> None:
    """Read `<features>`: those that are on, and of hyperv each enlightenment."""
    names = []
    for child in element:
        if type(child.tag) is not str or child.get("state") == "off":
            continue
        names.append(child.tag)
        if child.tag == "hyperv":
            fields["hyperv"] = _enlightenments(child)
        elif child.tag == "kvm":
            names.extend(f"kvm-{each.tag}" for each in child if each.get("state") == "on")
    fields["features"] = tuple(names)


def _enlightenments(element: Element) -> tuple[str, ...]:
    names = [str(child.tag) for child in element if child.get("state") == "on"]
    return ("passthrough", *names) if element.get("mode") == "passthrough" else tuple(names)


def read_clock(element: Element, fields: Fields) -> None:
    """Read `<clock>` with its timers."""
    fields["clock_offset"] = element.get("offset")
    fields["timers"] = tuple(
        Timer(
            name=timer.get("name", ""),
            present=switch(timer.get("present")),
            tick_policy=timer.get("tickpolicy"),
        )
        for timer in element
        if timer.tag == "timer"
    )


def read_security_label(element: Element, fields: Fields) -> None:
    """Read `<seclabel>`; of several the mandatory one (selinux, apparmor) stands before dac, which is always there."""
    kind, model = element.get("type"), element.get("model")
    label = f"{model}/{kind}" if model else kind
    if model != "dac" or "security_label" not in fields:
        fields["security_label"] = label


def read_launch_security(element: Element, fields: Fields) -> None:
    """Read the kind of `<launchSecurity>`; its secrets are never read."""
    fields["launch_security"] = element.get("type")


def read_resource(element: Element, fields: Fields) -> None:
    """Read `<resource><partition>`."""
    partition = element.find("partition")
    fields["partition"] = None if partition is None else partition.text


READERS: dict[str, Callable[[Element, Fields], None]] = {
    "os": read_os,
    "features": read_features,
    "clock": read_clock,
    "seclabel": read_security_label,
    "launchSecurity": read_launch_security,
    "resource": read_resource,
}
