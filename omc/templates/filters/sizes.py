"""Sizes in bytes, read and written."""

import re
from fractions import Fraction

_UNITS = {letter: 1024**power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {letter: 1000**power for power, letter in enumerate("KMGTPE", start=1)}
_SIZE = re.compile(r"\s*([0-9]{1,20}(?:\.[0-9]{1,9})?)\s*(?:([KMGTPE])(i?)(B?)|(B?))\s*", re.IGNORECASE)


def parse(text: str) -> int:
    """Return bytes: "4 GiB" and "4G" are 4 * 1024³ as libvirt and QEMU read them, "4 GB" is 4 * 1000³."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no size: expected a number and a unit, 4 GiB")
    number, letter, binary, byte = Fraction(match[1]), (match[2] or "").upper(), match[3], match[4]
    if not letter:
        unit = 1
    elif byte and not binary:
        unit = _DECIMAL[letter]
    else:
        unit = _UNITS[letter]
    return int(number * unit)


def size(value: int | str, unit: str = "B") -> int:
    """Return how many whole units there are in `"4 GiB"`: with "MiB" 4096, rounded down."""
    count = parse(value) if isinstance(value, str) else int(value)
    return count // parse(f"1 {unit}")
