"""Rules on a host's operating system, asked by --ssh: clock, memory pressure, end of life, drift."""

from collections import defaultdict

from omc.audit.machine import Machine
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule, shell_rule
from omc.audit.rules.host_cluster import counted
from omc.audit.systems import ENDS, system_named

_READS = ("shell",)


@shell_rule(
    "H12",
    severity="warning",
    title="Host's clock is off, or nothing keeps it right",
    reason="Logs do not fit together, certificates fail, and guests jump in time when they move.",
    source="cv4pve-diag WN0014; Ganeti, verify; RVTools, vHealth: NTP",
    fix="on {host}: install chrony, then timedatectl set-ntp true",
    reads=_READS,
    limits={"seconds": 5},
)
def clock_off(machine: Machine, seen: Seen) -> Verdicts:
    """Found where the clock differs from this machine's by more than the limit, or is not synchronized."""
    skew = _skew(machine)
    synchronized = machine.one("synchronized")
    if skew is not None and abs(skew) > seen.limits["seconds"]:
        way = "ahead of" if skew > 0 else "behind"
        yield Found(message=f"its clock is {abs(skew):.0f} s {way} that of the machine that asked")
    elif synchronized == "no":
        yield Found(message="nothing synchronizes its clock")
    elif synchronized is None:
        yield Missing(why="no timedatectl tells whether its clock is synchronized")


def _skew(machine: Machine) -> float | None:
    """Return how far the clock is out of what it can have been while it was asked; the host tells whole seconds."""
    clock, asked, answered = machine.number("clock"), machine.asked, machine.answered
    if clock is None or asked is None or answered is None:
        return None
    return max(clock - answered, 0.0) + min(clock + 1 - asked, 0.0)


@shell_rule(
    "H16",
    severity="warning",
    title="Host is short of memory",
    reason="What guests take for memory is on a disk: everything on the host gets slow, guests stop for seconds.",
    source="cv4pve-diag WN0030; Linux, Documentation/accounting/psi.rst",
    fix="move guests from {host}, or give them less",
    reads=_READS,
    limits={"swap_percent": 10, "stalled_percent": 10},
)
def short_of_memory(machine: Machine, seen: Seen) -> Verdicts:
    """Found where swap is in use, or tasks waited for memory in the last five minutes, by more than the limits."""
    try:
        memory = {name: float(value) for name, value in machine.pairs("memory").items()}
        stalled = float(machine.pairs("pressure").get("memory") or 0)
    except ValueError:
        memory, stalled = {}, 0.0
    total, free = memory.get("SwapTotal"), memory.get("SwapFree")
    if total is None or free is None:
        yield Missing(why="/proc/meminfo was not read")
        return
    used = 100 * (total - free) / total if total else 0.0
    if used > seen.limits["swap_percent"]:
        yield Found(message=f"{used:.0f} % of its swap are in use")
    if stalled > seen.limits["stalled_percent"]:
        yield Found(message=f"for {stalled:.0f} % of the last five minutes something waited for memory")


@shell_rule(
    "H32",
    severity="info",
    title="Host's distribution gets no more security updates",
    reason="Holes in QEMU and in the kernel stay open.",
    source="cv4pve-diag WN0003; the distributions' own pages",
    fix="plan the upgrade of {host}",
    reads=_READS,
)
def end_of_life(machine: Machine, seen: Seen) -> Verdicts:
    """Found where the last day is past; what the host itself says of that day wins over the table here."""
    os = machine.pairs("os")
    name = os.get("PRETTY_NAME") or os.get("ID") or ""
    system = system_named(os.get("ID", ""), os.get("VERSION_ID", ""), name)
    day = os.get("SUPPORT_END") or ENDS.get((system.family, system.version))
    if day is None:
        yield Missing(why=f"no last day is known of {name or 'its operating system'}")
    elif seen.now[:10] > day:
        yield Found(message=f"{name}: the last day was {day}")


@fleet_rule(
    "H35",
    severity="warning",
    title="Hosts of a cluster are set up differently",
    reason="What works on one fails on another: names that do not resolve, logs an hour apart, other packages.",
    source="cv4pve-diag WN0005 to WN0008",
    fix="bring the hosts of {subject} to one configuration: omc template plan",
    reads=("cluster", *_READS),
)
def drift(seen: Seen) -> Verdicts:
    """Found once a cluster and thing: kernel, time zone, name servers, package sources."""
    for cluster in seen.fleet.clusters:
        if len(cluster.hosts) < 2:
            continue
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for host in cluster.hosts:
            machine = seen.machine(host.name)
            if isinstance(machine, Missing):
                yield Missing(why=machine.why, host=host.name, subject="host")
                continue
            for what, value in _setup(machine).items():
                found[what][value].append(host.name)
        for what, names in found.items():
            if len(names) > 1:
                yield Found(message=f"{what}: {counted(names)}", subject=f"cluster/{cluster.name}")


def _setup(machine: Machine) -> dict[str, str]:
    return {
        "kernel": machine.one("kernel") or "unknown",
        "time zone": (machine.one("zone") or "unknown").partition(" ")[0],
        "name servers": " ".join(machine.all("nameserver")) or "none",
        "package sources (checksum)": machine.one("repositories") or "none",
    }
