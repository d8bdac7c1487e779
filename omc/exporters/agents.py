"""The lines of what a guest agent says: file systems, operating system, users, clock. Pure.

Whoever is root in a guest can make its agent say anything, at any length, as often as it likes. So texts are cut, what
is no text for a person is replaced, and of everything that can be many there is a most.
"""

import re
from collections.abc import Iterator

from omc.exporters.exposition import Line, Values
from omc.exporters.families import Families, Pairs
from omc.ports import LiveAgent

MOST_FILESYSTEMS = 32
MOST_ADDRESSES = 32
MOST_CHARACTERS = 128

_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
_LOADS = {"1": "load.1m", "5": "load.5m", "15": "load.15m"}
_LOOPBACK = re.compile(r"127\.[0-9.]+\Z|::1\Z")
"""Addresses that every guest has, and that reach none."""

_ADDRESS = re.compile(r"if\.[0-9]+\.addr\.[0-9]+\.addr")


class AgentLines:
    """Makes the lines of guests' agents for one choice of collectors."""

    def __init__(self, families: Families) -> None:
        self._families = families

    def lines(self, base: Pairs, agent: LiveAgent) -> Iterator[Line]:
        """Make all lines of one guest's agent, in any order."""
        yield from self._line("agent_up", base, int(agent.up))
        if agent.read_at is not None:
            yield from self._line("agent_last_answer_timestamp_seconds", base, agent.read_at)
        if not agent.up:
            return
        yield from self._system(base, agent.values)
        yield from self._filesystems(base, agent.values)
        yield from self._addresses(base, agent.values)

    def _line(self, name: str, base: Pairs, value: object, *own: tuple[str, str]) -> Iterator[Line]:
        if isinstance(value, int | float):
            yield from self._families.lines(f"libvirt_domain_{name}", base, own, value=+value)

    def _system(self, base: Pairs, values: Values) -> Iterator[Line]:
        if any(key.startswith("os.") for key in values):
            own = (
                ("id", text(values, "os.id")),
                ("name", text(values, "os.pretty-name") or text(values, "os.name")),
                ("version", text(values, "os.version-id") or text(values, "os.version")),
                ("kernel", text(values, "os.kernel-release")),
            )
            yield from self._line("guest_os_info", base, 1, *own)
        if hostname := text(values, "hostname"):
            yield from self._line("guest_hostname_info", base, 1, ("hostname", hostname))
        yield from self._line("guest_users", base, values.get("user.count"))
        timezone = ("timezone", text(values, "timezone.name"))
        yield from self._line("guest_timezone_offset_seconds", base, values.get("timezone.offset"), timezone)
        yield from self._line("guest_time_offset_seconds", base, values.get("time.offset"))
        for minutes, key in _LOADS.items():
            yield from self._line(f"guest_load{minutes}", base, values.get(key))

    def _filesystems(self, base: Pairs, values: Values) -> Iterator[Line]:
        yield from self._line("guest_filesystems", base, values.get("fs.count"))
        count = values.get("fs.count", 0)
        found: dict[Pairs, tuple[object, object]] = {}
        for number in range(min(count, MOST_FILESYSTEMS) if isinstance(count, int) else 0):
            own: Pairs = (
                ("mountpoint", text(values, f"fs.{number}.mountpoint")),
                ("fstype", text(values, f"fs.{number}.fstype")),
                ("device", text(values, f"fs.{number}.name")),
            )
            found[own] = (values.get(f"fs.{number}.total-bytes"), values.get(f"fs.{number}.used-bytes"))
        for own, (size, used) in found.items():  # a place that is mounted twice is told once
            yield from self._line("guest_filesystem_size_bytes", base, size, *own)
            yield from self._line("guest_filesystem_used_bytes", base, used, *own)

    def _addresses(self, base: Pairs, values: Values) -> Iterator[Line]:
        found = (key for key in values if _ADDRESS.fullmatch(key))
        keys = [key for key in found if not _LOOPBACK.match(text(values, key))][:MOST_ADDRESSES]
        pairs = ((text(values, f"{key.partition('.addr.')[0]}.hwaddr"), text(values, key)) for key in keys)
        for mac, address in dict.fromkeys(pairs):
            own = (("mac_address", mac), ("address", address), ("source", "agent"))
            yield from self._line("interface_address_info", base, 1, *own)


def text(values: Values, key: str) -> str:
    """Give a guest's word as a label: cut, and without what no person can read; empty where there is none."""
    found = values.get(key)
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", found[:MOST_CHARACTERS]) if isinstance(found, str) else ""
