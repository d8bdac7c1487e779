"""Sizes as people write them: "4 GiB", "512M", "10 GB", and shares of one: "5%"."""

import re
from fractions import Fraction

_UNITS = {letter: 1024**power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {letter: 1000**power for power, letter in enumerate("KMGTPE", start=1)}
_SIZE = re.compile(r"\s*([0-9]{1,20}(?:\.[0-9]{1,9})?)\s*(?:([KMGTPE])(i?)(B?)|(B?))\s*", re.IGNORECASE)
_PERCENT = re.compile(r"\s*([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%\s*")
_HUNDRED = 100

HOST_RESERVE = "1 GiB"
"""Memory of a host that is not for guests, where a site does not say (`host_reserve`): the least for a small host."""


def parse(text: str) -> int:
    """Return bytes: "4 GiB" and "4G" are 4 * 1024³ as libvirt and QEMU read them, "4 GB" is 4 * 1000³.

    Raise ValueError where it is no size.
    """
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


def parse_amount(text: str) -> int:
    """Return bytes as `parse`, but take no number without a unit except 0: nobody means bytes. Raise ValueError."""
    size, match = parse(text), _SIZE.fullmatch(text)
    if size and match and match[2] is None and not match[5]:
        raise ValueError(f"{text.strip()!r} has no unit: {text.strip()}GiB?")
    return size


def parse_share(text: str, whole: int) -> int:
    """Return bytes: "5%" is that share of `whole`, else as `parse_amount`. Raise ValueError for neither."""
    match = _PERCENT.fullmatch(text)
    if match is None:
        return parse_amount(text)
    share = Fraction(match[1])
    if share > _HUNDRED:
        raise ValueError(f"{text!r} is more than all")
    return int(whole * share / _HUNDRED)


def reserve_of(reserve: str, memory_bytes: int) -> int:
    """Return how much of a host with so much memory is not for guests; never more than it has."""
    return min(parse_share(reserve, memory_bytes), memory_bytes)
