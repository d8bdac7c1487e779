"""vCluster: a row a cluster, the hosts between which guests move: a group that the site names, or all of its groups."""

from collections.abc import Iterable

from omc.model import Host
from omc.report import words
from omc.report.guests import values
from omc.report.source import Source
from omc.report.tab import Column, HostScene, Row, Tab
from omc.report.tabs.host import cores, memory, running, vcpus


class Cluster:
    """The sums of one; None where a host did not tell."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hosts = self.ready = 0
        self.guests = self.running = self.vcpus = self.guest_memory = 0
        self.cores: int | None = 0
        self.threads: int | None = 0
        self.mhz: int | None = 0
        self.memory: int | None = 0
        self.models: dict[str, None] = {}

    def add(self, host: Host) -> None:
        """Count one more host."""
        cpu = host.cpu
        self.hosts += 1
        self.ready += host.status != "unreachable"
        self.guests += len(host.guests)
        self.running += running(host) or 0
        self.vcpus += vcpus(host) or 0
        self.guest_memory += memory(host) or 0
        self.cores = _sum(self.cores, cores(host))
        self.threads = _sum(self.threads, cpu.count)
        self.mhz = _sum(self.mhz, (cores(host) or 0) * (cpu.mhz or 0) or None)
        self.memory = _sum(self.memory, host.memory_bytes)
        if cpu.model:
            self.models[cpu.model] = None


def _sum(total: int | None, more: int | None) -> int | None:
    return None if total is None or more is None else total + more


COLUMNS = (
    Column("Name", "text", lambda one: one.name, "group, or groups with + between them"),
    Column("NumHosts", "number", lambda one: one.hosts, "of the selection"),
    Column("numEffectiveHosts", "number", lambda one: one.ready, "that could be reached"),
    Column("TotalCpu", "number", lambda one: one.mhz, "MHz of all cores; empty where a host did not tell"),
    Column("NumCpuCores", "number", lambda one: one.cores, "empty where a host did not tell"),
    Column("NumCpuThreads", "number", lambda one: one.threads, "logical CPUs; empty where a host did not tell"),
    Column("TotalMemory", "mib", lambda one: words.mib(one.memory), "MiB; empty where a host did not tell"),
    Column("omc Guests", "number", lambda one: one.guests, "of hosts that were read"),
    Column("omc Guests running", "number", lambda one: one.running, "of hosts that were read"),
    Column("omc vCPUs", "number", lambda one: one.vcpus, "of guests that run"),
    Column("omc vRAM MiB", "mib", lambda one: words.mib(one.guest_memory), "of guests that run"),
    Column("omc CPU models", "long", lambda one: words.joined(one.models), "of its hosts"),
)


class _Clusters:
    def __init__(self, _: Source) -> None:
        self._clusters: dict[str, Cluster] = {}

    def of(self, scene: HostScene) -> Iterable[Row]:
        self._clusters.setdefault(scene.cluster, Cluster(scene.cluster)).add(scene.host)
        return ()

    def rest(self) -> Iterable[Row]:
        return (values(COLUMNS, one) for _, one in sorted(self._clusters.items()))


TAB = Tab("vCluster", "cluster", COLUMNS, _Clusters)
