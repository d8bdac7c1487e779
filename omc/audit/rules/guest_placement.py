"""Rules on where a guest's CPUs and memory are on the host."""

from collections.abc import Iterator

from omc.audit.guests import is_active, is_machine, listed, of_host, scope
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule
from omc.cpus import parse
from omc.model import Guest, Host

_MIB = 1024**2


@guest_rule(
    "G36",
    severity="warning",
    title="Guest is larger than a NUMA cell of its host and does not know",
    reason="Half of its memory is then behind another CPU, and its kernel places processes as if all were near.",
    source="libvirt, formatdomain: NUMA node tuning, guest NUMA topology; Proxmox VE, qm(1): NUMA",
    fix="virsh edit {guest}: <cpu><numa> with a cell for each that it covers, and <numatune>; or make it smaller",
    reads=("Guest.vcpus", "Guest.memory_bytes", "Guest.cpu", "Guest.memory", "Guest.type", "Host.cells"),
)
def wider_than_cell(guest: Guest, seen: Seen) -> Verdicts:
    """Found on hosts of several cells, for guests with neither NUMA cells of their own nor a tuning."""
    if not is_machine(guest) or guest.cpu.numa or guest.memory.numa_mode is not None:
        return
    cells = seen.host.cells
    if not cells:
        yield of_host("the host's NUMA cells were not read")
    elif len(cells) > 1:
        cpus = max(cell.cpu_count for cell in cells)
        memory = max(cell.memory_bytes or 0 for cell in cells)
        if cpus and (guest.vcpus or 0) > cpus:
            yield Found(message=f"{guest.vcpus} vCPUs, a cell has {cpus} CPUs")
        if memory and (guest.memory_bytes or 0) > memory:
            sizes = f"{(guest.memory_bytes or 0) // _MIB} MiB, a cell has {memory // _MIB} MiB"
            yield Found(message=sizes)


@guest_rule(
    "G37",
    severity="warning",
    title="Pins of vCPUs collide, or lead to CPUs that are not there",
    reason="Two vCPUs with one CPU for each alone take turns, which pinning was to prevent; a pin to a CPU that is "
    "gone keeps the guest from starting.",
    source="libvirt, formatdomain: CPU Tuning, vcpupin",
    fix="virsh vcpupin {guest} shows them; virsh vcpupin {guest} VCPU CPUS --config (and --live while it runs)",
    reads=("Guest.cpu_tuning", "Guest.state", "Host.cells", "Host.guests"),
)
def colliding_pins(guest: Guest, seen: Seen) -> Verdicts:
    """Found for CPUs that two running guests have for one vCPU alone; pins to whole cells may overlap."""
    if not guest.cpu_tuning.pins:
        return
    present = _present(seen.host)
    if present is None:
        yield of_host("the host's CPUs were not read")
    else:
        gone = sorted({cpu for pin in guest.cpu_tuning.pins for cpu in _numbers(pin.cpus)} - present)
        if gone:
            told = f"pinned to CPUs that the host does not have: {listed([str(cpu) for cpu in gone])}"
            yield Found(message=told, fix=_pinned(guest))
    own = set(_alone(guest))
    for other in seen.host.guests if own and is_active(guest) else ():
        shared = own.intersection(_alone(other)) if other.uuid != guest.uuid and is_active(other) else ()
        if shared:
            told = f"shares CPU {listed([str(cpu) for cpu in sorted(shared)])} with {other.name}"
            yield Found(message=told, fix=_pinned(guest))


def _pinned(guest: Guest) -> str:
    return f"virsh vcpupin {{guest}} shows them; virsh vcpupin {{guest}} VCPU CPUS {scope(guest)}"


def _present(host: Host) -> set[int] | None:
    """Return the CPUs that are online; None where nobody says."""
    if host.cells:
        return {cpu for cell in host.cells for cpu in _numbers(cell.cpus)}
    return None


def _numbers(cpus: str) -> list[int]:
    try:
        return parse(cpus)
    except ValueError:
        return []


def _alone(guest: Guest) -> Iterator[int]:
    """Give the CPUs that a vCPU is pinned to and to no other one."""
    for pin in guest.cpu_tuning.pins:
        numbers = _numbers(pin.cpus) if pin.what.startswith("vcpu") else []
        if len(numbers) == 1:
            yield numbers[0]


@guest_rule(
    "G38",
    severity="info",
    title="Pinned guest without the rest of what makes pinning pay",
    reason="Whoever pins each vCPU wants steady speed: the emulator's own threads, small pages, KSM and a CPU model "
    "of the past take it away again.",
    source="libvirt, KVM real time guest configuration; oVirt, high performance guests",
    fix="virsh edit {guest}: <emulatorpin>, <memoryBacking><hugepages/><nosharepages/>, <cpu mode='host-passthrough'>",
    reads=("Guest.cpu_tuning", "Guest.memory", "Guest.cpu", "Guest.vcpus", "Guest.type", "Host.ksm"),
)
def half_pinned(guest: Guest, seen: Seen) -> Verdicts:
    """Found where every vCPU has a CPU of its own and something of the set is missing."""
    alone = list(_alone(guest))
    if not is_machine(guest) or not guest.vcpus or len(alone) < guest.vcpus:
        return
    lacking = []
    if not any(pin.what == "emulator" for pin in guest.cpu_tuning.pins):
        lacking.append("emulatorpin")
    if not guest.memory.huge_pages:
        lacking.append("huge pages")
        if seen.host.ksm.get("shm_pages_shared", 0) and not guest.memory.no_share_pages:
            lacking.append("nosharepages (KSM shares pages here)")
    if guest.cpu.mode not in {"host-passthrough", "host-model", "maximum"}:
        lacking.append("the host's CPU model")
    if lacking:
        yield Found(message=f"without {listed(lacking)}")


@guest_rule(
    "G47",
    severity="warning",
    title="Hard limit on memory leaves QEMU too little",
    reason="The limit is on all of QEMU, not on the guest: beyond it the kernel kills the guest. libvirt's manual "
    "advises against it.",
    source="libvirt, formatdomain: Memory Tuning, hard_limit",
    fix="virsh memtune {guest} --hard-limit -1 --config (and --live while it runs), or a limit with room for QEMU",
    reads=("Guest.memory", "Guest.memory_bytes", "Guest.type"),
    limits={"percent": 10, "mebibytes": 256},
)
def tight_limit(guest: Guest, seen: Seen) -> Verdicts:
    """Found below the guest's memory and the two limits together; for containers the limit is the size."""
    limit = guest.memory.hard_limit_bytes
    if not is_machine(guest) or limit is None:
        return
    if guest.memory_bytes is None:
        yield Missing(why="the guest's memory was not read")
        return
    needed = guest.memory_bytes * (1 + seen.limits["percent"] / 100) + seen.limits["mebibytes"] * _MIB
    if limit < needed:
        sizes = f"{limit // _MIB} MiB for {guest.memory_bytes // _MIB} MiB of the guest"
        fix = f"virsh memtune {{guest}} --hard-limit -1 {scope(guest)}, or a limit with room for QEMU"
        yield Found(message=f"{sizes}: {needed / _MIB:.0f} MiB would do", fix=fix)


@guest_rule(
    "G57",
    severity="info",
    title="CPUs can be plugged into a guest whose CPUs are placed",
    reason="A vCPU that comes later has no pin, and belongs to a cell that was planned for fewer.",
    source="RVTools, vHealth: CPU hot add and NUMA; libvirt, formatdomain: CPU Allocation",
    fix="virsh setvcpus {guest} COUNT --maximum --config, equal to what it has; or pin the later ones too",
    reads=("Guest.vcpus", "Guest.vcpus_maximum", "Guest.cpu_tuning", "Guest.type"),
)
def plugged_later(guest: Guest, _: Seen) -> Verdicts:
    """Found where some vCPUs are pinned, and not all that the guest may get."""
    if not is_machine(guest) or guest.vcpus is None or guest.vcpus_maximum is None:
        return
    pinned = sum(pin.what.startswith("vcpu") for pin in guest.cpu_tuning.pins)
    if pinned and guest.vcpus < guest.vcpus_maximum and pinned < guest.vcpus_maximum:
        yield Found(message=f"{guest.vcpus} of {guest.vcpus_maximum} vCPUs are plugged, {pinned} are pinned")
