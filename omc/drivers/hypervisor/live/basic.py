"""Fills in what bulk statistics lack for drivers other than QEMU, from the calls that they do have, by the same names.

Such a driver has no monitor that could stand still: a call a guest is asked in the scrape.
"""

import re
from collections.abc import Callable
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import GONE, is_broken, number
from omc.drivers.hypervisor.guests import GuestDraft
from omc.ports import Value

_MEMORY = {"rss": "rss", "swap_in": "swap_in", "swap_out": "swap_out", "unused": "unused", "available": "available"}
_INTERFACE = ("rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop")
_DISK = ("rd.reqs", "rd.bytes", "wr.reqs", "wr.bytes", "errors")


def submit(calls: Calls, drafts: list[GuestDraft], xml: dict[str, str]) -> None:
    """Queue one task for every guest whose statistics came without its CPU time; `xml` names its devices."""
    for draft in drafts:
        if "cpu.time" not in (draft.stats or {}) and not draft.gone:
            calls.submit(draft.subject, "virDomainGetInfo", partial(_read, draft, xml.get(draft.uuid, "")))


def _read(draft: GuestDraft, xml: str, session: Session) -> None:
    domain = session.domain(draft.uuid)
    values = _info(domain)
    if draft.id is not None:
        _optional(lambda: values.update(_memory(domain)))
        for place, target in enumerate(_targets("interface", xml)):
            _optional(partial(_numbers, values, f"net.{place}", target, _INTERFACE, domain.interfaceStats))
        for place, target in enumerate(_targets("disk", xml)):
            _optional(partial(_numbers, values, f"block.{place}", target, _DISK, domain.blockStats))
    draft.stats = {**values, **(draft.stats or {})}
    draft.state = draft.state or (int(values["state.state"]), 0)


def _info(domain: libvirt.virDomain) -> dict[str, Value]:
    try:
        state, most, memory, vcpus, cpu = domain.info()
    except libvirt.libvirtError as error:  # a container without its cgroup has no CPU time, and so no answer at all
        if is_broken(error) or number(error) in GONE:
            raise
        return {"state.state": domain.state(0)[0], "balloon.maximum": domain.maxMemory()}
    values: dict[str, Value] = {"state.state": state, "cpu.time": cpu}
    return {**values, "balloon.maximum": most, "balloon.current": memory, "vcpu.current": vcpus}


def _targets(element: str, xml: str) -> list[str]:
    """Find the names of devices in libvirt's own XML, in which no text holds a bare <."""
    found = re.findall(rf"<{element}[ >].*?</{element}>", xml, re.DOTALL)
    targets = (re.search(r"<target [^>]*dev='([^'&]+)'", device) for device in found)
    return [target.group(1) for target in targets if target]


def _memory(domain: libvirt.virDomain) -> dict[str, Value]:
    found = domain.memoryStats()
    return {f"balloon.{name}": found[key] for key, name in _MEMORY.items() if key in found}


def _numbers(
    values: dict[str, Value], prefix: str, target: str, names: tuple[str, ...], read: Callable[[str], tuple[int, ...]]
) -> None:
    found = read(target)
    values[f"{prefix}.name"] = target
    values.update({f"{prefix}.{name}": value for name, value in zip(names, found, strict=True) if value >= 0})


def _optional(read: Callable[[], None]) -> None:
    """Leave out what this driver does not give, or not of this guest."""
    try:
        read()
    except libvirt.libvirtError as error:
        if is_broken(error):
            raise
