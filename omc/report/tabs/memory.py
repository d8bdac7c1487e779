"""vMemory: a row a guest, with its memory, how that is backed, and what is in use."""

from omc.model import MemoryUsage
from omc.report import words
from omc.report.guests import Part, guests_tab
from omc.report.tab import Column
from omc.report.tabs.info import known

_NONE = MemoryUsage()


def usage(part: Part) -> MemoryUsage:
    """Return what is in use; all of it None where nothing was read."""
    return part.guest.memory_usage or _NONE


def _ballooned(part: Part) -> int | None:
    size, now = part.guest.memory_bytes, part.guest.memory_current_bytes
    return None if size is None or now is None else words.mib(max(size - now, 0))


def _pluggable(part: Part) -> bool | None:
    return bool(part.guest.memory_maximum_bytes and part.guest.memory_slots) if known(part.guest) else None


def _page_sizes(part: Part) -> str | None:
    return words.joined(f"{size // 1024} KiB" for size in part.guest.memory.huge_page_bytes)


def _yes(part: Part, value: bool) -> bool | None:  # noqa: FBT001 - a fact, not a switch
    return value if known(part.guest) else None


COLUMNS = (
    Column("Size MiB", "mib", lambda part: words.mib(part.guest.memory_bytes), "that it starts with"),
    Column(
        "Memory Reservation Locked To Max",
        "boolean",
        lambda part: _yes(part, part.guest.memory.locked),
        "never swapped",
    ),
    Column("Consumed", "mib", lambda part: words.mib(usage(part).rss_bytes), "MiB that QEMU has on the host"),
    Column("Ballooned", "mib", _ballooned, "MiB that the balloon took away"),
    Column("Limit", "mib", lambda part: words.mib(part.guest.memory.hard_limit_bytes), "MiB; beyond it is killed"),
    Column("Hot Add", "boolean", _pluggable, "modules can be plugged"),
)
MORE = (
    Column("omc Current MiB", "mib", lambda part: words.mib(part.guest.memory_current_bytes), "the balloon leaves it"),
    Column("omc Maximum MiB", "mib", lambda part: words.mib(part.guest.memory_maximum_bytes), "can be plugged up to"),
    Column("omc Slots", "number", lambda part: part.guest.memory_slots, "for modules"),
    Column("omc Available MiB", "mib", lambda part: words.mib(usage(part).available_bytes), "the guest says it sees"),
    Column("omc Usable MiB", "mib", lambda part: words.mib(usage(part).usable_bytes), "without swapping, it says"),
    Column("omc Unused MiB", "mib", lambda part: words.mib(usage(part).unused_bytes), "wholly unused, it says"),
    Column("omc Reported at", "time", lambda part: words.moment(usage(part).updated_at), "UTC, by the guest"),
    Column("omc Huge pages", "boolean", lambda part: _yes(part, part.guest.memory.huge_pages), "backed by them"),
    Column("omc Huge page sizes", "text", _page_sizes, "empty: the host's default"),
    Column("omc Source", "text", lambda part: part.guest.memory.source, "anonymous, file, memfd"),
    Column("omc Access", "text", lambda part: part.guest.memory.access, "shared, private"),
    Column("omc NUMA mode", "text", lambda part: part.guest.memory.numa_mode, "strict, interleave, preferred …"),
    Column("omc NUMA nodes", "text", lambda part: part.guest.memory.numa_nodes, "cells of the host"),
    Column("omc Balloon", "text", lambda part: part.guest.memory.balloon, "model"),
    Column("omc Balloon period s", "number", lambda part: part.guest.memory.balloon_period_seconds, "empty: never"),
    Column("omc Soft limit MiB", "mib", lambda part: words.mib(part.guest.memory.soft_limit_bytes), "under pressure"),
)

TAB = guests_tab("vMemory", "guest", COLUMNS, more=MORE)
