"""Sizes in bytes, read and written."""

import re
from typing import Any

from omc.sizes import parse

_UNITS = {letter: 1024**power for power, letter in enumerate("KMGTPE", start=1)}
_HUMAN = re.compile(r"([0-9]{0,20}\.?[0-9]{1,9})\s*([A-Za-z]{0,5})")
_HUMAN_UNIT = re.compile(r"([KMGTPEkmgtpe]?)([bB]?)")


def size(value: int | str, unit: str = "B") -> int:
    """Return how many whole units there are in `"4 GiB"`: with "MiB" 4096, rounded down."""
    count = parse(value) if isinstance(value, str) else int(value)
    return count // parse(f"1 {unit}")


def human_readable(value: float, isbits: bool = False, unit: str | None = None) -> str:
    """Write a size for people: 1,536 gives "1.50 KB" (units of 1,024, as Ansible names them)."""
    base = "bits" if isbits else "Bytes"
    for power, letter in reversed(list(enumerate("KMGTPEZY", start=1))):
        limit = 1024**power
        if (unit is None and value >= limit) or (unit is not None and unit.upper() == letter):
            return f"{value / limit:.2f} {letter}{base[0]}"
    return f"{value:.2f} {base}"


def human_to_bytes(value: Any, default_unit: str | None = None, isbits: bool = False) -> int:
    """Read a size that people wrote, by Ansible's rules: units of 1,024, KB as well as K; no KiB."""
    match = _HUMAN.fullmatch(str(value).strip())
    unit = (match[2] or default_unit or "B") if match else ""
    known = _HUMAN_UNIT.fullmatch(unit) if match else None
    if match is None or known is None:
        raise ValueError(f"human_to_bytes: expected a size as 10 MB, found {value!r}")
    if known[2] and known[2] != ("b" if isbits else "B") and known[1]:
        raise ValueError(f"human_to_bytes: expected {'bits (Mb)' if isbits else 'bytes (MB)'}, found {value!r}")
    factor = _UNITS[known[1].upper()] if known[1] else 1
    return round(float(match[1]) * factor)
