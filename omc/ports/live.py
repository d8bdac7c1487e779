"""A host that is read again and again over one connection: what the exporters ask."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import msgspec

from omc.ports.hypervisor import Fault, RawHost, Value


class LiveAgent(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest agent last said. All of it is the guest's own word."""

    up: bool  # it answered when it was last asked
    read_at: float | None = None  # time.time()
    values: Mapping[str, Value] = {}  # virDomainGetGuestInfo, as named there; time.offset: seconds ahead of our clock


class LiveGuest(msgspec.Struct, frozen=True, kw_only=True):
    """What one scrape read of one guest."""

    name: str
    uuid: str
    running: bool
    values: Mapping[str, Value]  # named as by virConnectGetAllDomainStats; job.* by virDomainGetJobStats
    complete: bool = True  # else its monitor did not answer, or nothing of it did
    agent: LiveAgent | None = None  # None: nobody wants to know, it has none, or it was not asked yet


class LiveFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What no scrape reads, because it would cost calls a guest: kept fresh in the background."""

    host: RawHost  # its guests have no stats
    read_at: float  # time.time()


class LiveReading(msgspec.Struct, frozen=True, kw_only=True):
    """What one scrape read of one host."""

    guests: tuple[LiveGuest, ...]
    facts: LiveFacts | None  # None: not read yet
    cpu: Mapping[str, int] = {}  # virNodeGetCPUStats, ns
    memory: Mapping[str, int] = {}  # virNodeGetMemoryStats, KiB
    seconds: Mapping[str, float] = {}  # part of the reading → how long it took
    faults: tuple[Fault, ...] = ()
    reconnects: int = 0
    listening: bool = False  # the host's events are heard, so that the facts follow a change within seconds
    library_version: int | None = None  # of the library here, numbered as RawHost.libvirt_version


class LiveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is read again and again."""

    refresh_seconds: float = 60.0
    refresh_deadline_seconds: float = 30.0
    volumes_per_pool: int = 1_000  # whose sizes are read, where somebody asks for them


class LiveHost(Protocol):
    """One host behind a connection that stays open. Thread-safe; one reading at a time."""

    def read(self, groups: frozenset[str], deadline: float) -> LiveReading:
        """Read these groups of statistics before the deadline; raises HostError where the host does not answer.

        Groups are state, cpu, balloon, vcpu, interface, block, perf, iothread, dirtyrate, memory, node; job, vcpu_cpu,
        block_error and block_job, which cost calls a guest; volumes and daemon, which come with the facts, and agent,
        which comes with the guests, once they were asked for.
        """

    def close(self) -> None:
        """Close the connection, without waiting for what does not answer."""


@runtime_checkable
class LiveProvider(Protocol):
    """A provider whose hosts can also be read again and again over one connection."""

    def live(self, uri: str, options: LiveOptions) -> LiveHost:
        """Give the reader of one host; connects at the first reading."""
