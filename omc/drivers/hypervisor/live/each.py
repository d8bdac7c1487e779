"""What costs a call a guest and is therefore asked only on request: jobs, physical CPUs, disk errors, block jobs.

One task a guest makes all of its calls, one after the other: of each guest at most one call is ever unanswered.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import GONE, fault, is_broken, number
from omc.drivers.hypervisor.guests import GuestDraft
from omc.ports import Value

CALL_SECONDS = 3.0
"""A guest whose calls take longer is left: it hangs since its statistics came."""

Found = dict[str, Value]
Disks = dict[str, str]
"""A guest's disks as its statistics number them: "0" → "vda"."""


def submit(calls: Calls, drafts: list[GuestDraft], groups: frozenset[str]) -> None:
    """Queue one task for every guest; what it finds stands with its statistics, which must be there."""
    wanted = [extra for group, extra in _EXTRAS.items() if group in groups]
    for draft in drafts:
        calls.submit(draft.subject, wanted[0].call, partial(_read, calls, draft, wanted))


def _read(calls: Calls, draft: GuestDraft, wanted: "list[_Extra]", session: Session) -> None:
    domain = session.domain(draft.uuid)
    values = draft.stats if draft.stats is not None else {}
    for extra in wanted:
        try:
            values.update(extra.ask(domain, _disks(values)))
        except libvirt.libvirtError as error:
            if is_broken(error) or number(error) in GONE:
                raise
            if number(error) == libvirt.VIR_ERR_OPERATION_INVALID:
                return  # it stopped in between
            calls.faults.append(fault(error, draft.subject, extra.call))


def _disks(values: Found) -> Disks:
    names = ((key.split("."), value) for key, value in values.items() if key.startswith("block."))
    return {parts[1]: str(name) for parts, name in names if len(parts) == 3 and parts[2] == "name"}


def _job(domain: libvirt.virDomain, _: Disks) -> Found:
    return {f"job.{name}": value for name, value in domain.jobStats(0).items()}


def _vcpu_cpu(domain: libvirt.virDomain, _: Disks) -> Found:
    """Give the CPU of the host on which each virtual CPU ran last, and on how many it may run."""
    infos, allowed = domain.vcpus()
    found: Found = {f"vcpu_cpu.{vcpu}.cpu": cpu for vcpu, _, _, cpu in infos if cpu >= 0}
    for (vcpu, *_), cpus in zip(infos, allowed, strict=True):
        found[f"vcpu_cpu.{vcpu}.allowed"] = sum(cpus)
    return found


def _block_error(domain: libvirt.virDomain, disks: Disks) -> Found:
    """Give 0 for a disk without an error, else virDomainDiskErrorCode."""
    errors = domain.diskErrors(0)
    found: Found = {}
    for place, name in disks.items():
        found |= {f"block_error.{place}.name": name, f"block_error.{place}.code": errors.get(name, 0)}
    return found


def _block_job(domain: libvirt.virDomain, disks: Disks) -> Found:
    found: Found = {}
    for place, name in disks.items():
        if job := domain.blockJobInfo(name, libvirt.VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES):
            found[f"block_job.{place}.name"] = name
            found |= {f"block_job.{place}.{key}": value for key, value in job.items()}
    return found


class _Extra(NamedTuple):
    """A group of values that costs calls of its own."""

    call: str
    ask: Callable[[libvirt.virDomain, Disks], Found]


_EXTRAS = {
    "job": _Extra("virDomainGetJobStats", _job),
    "vcpu_cpu": _Extra("virDomainGetVcpus", _vcpu_cpu),
    "block_error": _Extra("virDomainGetDiskErrors", _block_error),
    "block_job": _Extra("virDomainGetBlockJobInfo", _block_job),
}

GROUPS = frozenset(_EXTRAS)
OF_DISKS = frozenset({"block_error", "block_job"})
"""Groups that need the names of disks, and so the group block."""
