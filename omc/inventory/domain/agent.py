"""What the guest says of itself: the agent's answers (virDomainGetGuestInfo) and the balloon's report.

These are the guest's own words: data to be shown and escaped, never to be believed or run.
"""

from collections.abc import Mapping

from omc.inventory.markup import INTEGER_LIMIT, moment, whole
from omc.model import Agent, AgentFilesystem, Disk, MemoryUsage
from omc.ports import Value

Values = Mapping[str, Value]

MOST = 4096
"""Entries that are read of any one list, whatever the guest says its length is."""


def read_agent(values: Values | None, disks: tuple[Disk, ...]) -> Agent | None:
    """Read the agent's answers; None where there are none."""
    if not values:
        return None
    return Agent(
        hostname=_word(values, "hostname"),
        os_id=_word(values, "os.id"),
        os_name=_word(values, "os.pretty-name") or _word(values, "os.name"),
        os_version=_word(values, "os.version-id") or _word(values, "os.version"),
        kernel=_word(values, "os.kernel-release"),
        timezone=_word(values, "timezone.name"),
        timezone_offset_seconds=_number(values, "timezone.offset"),
        users=_users(values),
        filesystems=_filesystems(values, {disk.alias: disk.target for disk in disks if disk.alias}),
    )


def _users(values: Values) -> tuple[str, ...]:
    names = (_word(values, f"user.{number}.name") for number in _range(values, "user.count"))
    return tuple(dict.fromkeys(name for name in names if name))


def _filesystems(values: Values, targets: Mapping[str, str]) -> tuple[AgentFilesystem, ...]:
    return tuple(_filesystem(values, f"fs.{number}", targets) for number in _range(values, "fs.count"))


def _filesystem(values: Values, prefix: str, targets: Mapping[str, str]) -> AgentFilesystem:
    aliases = (_word(values, f"{prefix}.disk.{number}.alias") for number in _range(values, f"{prefix}.disk.count"))
    return AgentFilesystem(
        mountpoint=_word(values, f"{prefix}.mountpoint") or "",
        type=_word(values, f"{prefix}.fstype"),
        name=_word(values, f"{prefix}.name"),
        total_bytes=_number(values, f"{prefix}.total-bytes"),
        used_bytes=_number(values, f"{prefix}.used-bytes"),
        disks=tuple(targets.get(alias, alias) for alias in aliases if alias),
    )


def _word(values: Values, key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) and value else None


def _number(values: Values, key: str) -> int | None:
    return whole(values.get(key))


def _range(values: Values, key: str) -> range:
    return range(min(_number(values, key) or 0, MOST))


def memory_usage(stats: Values | None) -> MemoryUsage | None:
    """Read `balloon.*` (KiB) of the statistics; None where the driver gives none of it."""
    if not stats or not any(key in stats for key in _BALLOON):
        return None
    sizes = {field: _kibibytes(stats.get(key)) for key, field in _BALLOON.items()}
    updated = _number(stats, "balloon.last-update")
    return MemoryUsage(**sizes, updated_at=moment(updated) if updated else None)


_BALLOON = {
    "balloon.rss": "rss_bytes",
    "balloon.unused": "unused_bytes",
    "balloon.available": "available_bytes",
    "balloon.usable": "usable_bytes",
    "balloon.disk_caches": "disk_caches_bytes",
}


def _kibibytes(value: Value | None) -> int | None:
    number = whole(value)
    return number * 1024 if number is not None and 0 <= number < INTEGER_LIMIT // 1024 else None
