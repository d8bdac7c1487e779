"""vCPU: a row a guest, with its vCPUs and how they are scheduled."""

from omc.model import Cpu
from omc.report import words
from omc.report.guests import Part, guests_tab
from omc.report.tab import Column
from omc.report.tabs.info import known


def sockets(part: Part) -> int | None:
    """Return the sockets; without a topology each vCPU is one."""
    cpu: Cpu = part.guest.cpu
    return cpu.sockets or (part.guest.vcpus_maximum or part.guest.vcpus if known(part.guest) else None)


def cores(part: Part) -> int | None:
    """Return the cores of a socket, those of all its dies and clusters."""
    cpu: Cpu = part.guest.cpu
    return (cpu.dies or 1) * (cpu.clusters or 1) * (cpu.cores or 1) if known(part.guest) else None


def _pluggable(part: Part) -> bool | None:
    now, most = part.guest.vcpus, part.guest.vcpus_maximum
    return None if now is None or most is None else most > now


def _features(part: Part) -> str | None:
    return words.joined(
        f"{feature.name} ({feature.policy})" if feature.policy else feature.name for feature in part.guest.cpu.features
    )


def _cells(part: Part) -> int | None:
    return len(part.guest.cpu.numa) or None


COLUMNS = (
    Column("CPUs", "number", lambda part: part.guest.vcpus, "vCPUs now"),
    Column("Sockets", "number", sockets, "as configured; without a topology each vCPU is a socket"),
    Column("Cores p/s", "number", cores, "cores a socket"),
    Column("Shares", "number", lambda part: part.guest.cpu_tuning.shares, "relative weight"),
    Column("Hot Add", "boolean", _pluggable, "more vCPUs can be plugged"),
)
MORE = (
    Column("omc CPUs maximum", "number", lambda part: part.guest.vcpus_maximum, "can be plugged up to"),
    Column("omc Threads p/c", "number", lambda part: part.guest.cpu.threads, "threads a core"),
    Column("omc CPU mode", "text", lambda part: part.guest.cpu.mode, "custom, host-model, host-passthrough, maximum"),
    Column("omc CPU model", "text", lambda part: part.guest.cpu.model, "a named model"),
    Column("omc CPU features", "long", _features, "that the configuration names"),
    Column("omc NUMA cells", "number", _cells, "that the guest sees"),
    Column("omc Placement", "text", lambda part: part.guest.cpu_tuning.placement, "static, auto"),
    Column("omc CPU set", "text", lambda part: part.guest.cpu_tuning.cpuset, "host CPUs of all its vCPUs"),
    Column(
        "omc Pins",
        "long",
        lambda part: words.joined(f"{pin.what}: {pin.cpus}" for pin in part.guest.cpu_tuning.pins),
        "host CPUs of one vCPU, iothread or the emulator",
    ),
    Column("omc Quota us", "number", lambda part: part.guest.cpu_tuning.quota_microseconds, "of each vCPU in a period"),
    Column("omc Period us", "number", lambda part: part.guest.cpu_tuning.period_microseconds, "of the quota"),
    Column("omc IO threads", "number", lambda part: part.guest.iothreads if known(part.guest) else None, "for disks"),
)

TAB = guests_tab("vCPU", "guest", COLUMNS, more=MORE)
