"""Reads the size of a guest as a user writes it: `vcpus=4,memory=8GiB,disk=40GiB`."""

import msgspec

from omc.errors import UsageError
from omc.sizes import parse_amount

_HINT = (
    "write --size vcpus=4,memory=8GiB,disk=40GiB; more: pages=1GiB (huge pages), cell=yes (in one NUMA cell), pool=NAME"
)
_MOST_VCPUS = 1 << 16


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """A guest to be. What is 0 is not asked for; `one_cell`: all of it in one NUMA cell; `pool`: empty is any."""

    vcpus: int = 0
    memory_bytes: int = 0
    disk_bytes: int = 0
    page_bytes: int = 0
    one_cell: bool = False
    pool: str = ""


def read_size(text: str) -> Size:
    """Read a size. Raise UsageError where it is none."""
    fields: dict[str, int | bool | str] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        try:
            key, found = _field(name, value) if equals and value else ("", None)
        except ValueError as error:
            raise UsageError(f"no size of a guest: {name}={error}", hint=_HINT) from None
        if found is None or key in fields:
            raise UsageError(f"no size of a guest: {part.strip()!r}", hint=_HINT)
        fields[key] = found
    size = msgspec.convert(fields, Size)
    if not (size.vcpus or size.memory_bytes or size.disk_bytes):
        raise UsageError("a guest needs vCPUs, memory or a disk", hint=_HINT)
    if size.page_bytes and not size.memory_bytes:
        raise UsageError("pages are for memory, and none is asked for", hint=_HINT)
    return size


def _field(name: str, value: str) -> tuple[str, int | bool | str | None]:
    if name == "vcpus":
        good = value.isdecimal() and value.isascii() and 0 < int(value[:9]) <= _MOST_VCPUS
        return "vcpus", int(value[:9]) if good else None
    if name in ("memory", "disk", "pages"):
        return {"memory": "memory_bytes", "disk": "disk_bytes", "pages": "page_bytes"}[name], _bytes(value)
    if name == "cell":
        return "one_cell", {"yes": True, "no": False}.get(value.lower())
    return name, value if name == "pool" else None


def _bytes(value: str) -> int | None:
    return parse_amount(value) or None
