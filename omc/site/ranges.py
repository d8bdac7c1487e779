"""Host names as Ansible writes them: ranges in brackets (`kvm[01:50]`, `rack[a:f:2]`) and ports (`kvm1:2222`).

Where Ansible takes a mistake for an empty range or a strange name, this module refuses it.
"""

import re
from ipaddress import IPv6Address
from string import ascii_letters

MAX_HOSTS = 100_000
_RANGE = r"\[(?:[A-Za-z]:[A-Za-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]"
_LABEL = rf"(?:\w|{_RANGE})(?:[\w-]|{_RANGE})*(?<![_-])"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_HEXADECIMAL_RANGE = re.compile(r"\[[0-9A-Fa-f]+:[0-9A-Fa-f]+(?::[0-9]+)?\]")
_BRACKETED_PORT = re.compile(r"\[(.+)\]:([0-9]+)")
_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)")


class RangeError(ValueError):
    """A range that cannot be meant; the text says what was found and what is expected."""


def expand(pattern: str) -> tuple[list[str], int | None]:
    """Return the host names that a pattern stands for, and the port behind it if there is one; raise RangeError."""
    name, port = split_port(pattern)
    return (_expand(name) if "[" in name else [name]), port


def split_port(text: str) -> tuple[str, int | None]:
    """Split a port off a host name, range or address; what is none of them stays whole."""
    match = _BRACKETED_PORT.fullmatch(text) or _PORT.fullmatch(text)
    if match and _is_host(match[1]) and len(match[2]) <= 9:
        return match[1], int(match[2])
    return text, None


def is_address(text: str) -> bool:
    """Tell whether a text is one host name, range or address, with or without a port: its colons separate nothing."""
    name, _ = split_port(text)
    return _is_host(name)


def _is_host(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) or (":" in text and _is_ipv6(_HEXADECIMAL_RANGE.sub("1", text)))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _expand(pattern: str) -> list[str]:
    """Expand the first bracket, then those behind it: the last one turns fastest."""
    names = [""]
    rest = pattern
    while "[" in rest:
        head, _, behind = rest.partition("[")
        inside, closing, rest = behind.partition("]")
        if not closing:
            raise RangeError(f"the range in {pattern!r} has no closing bracket")
        items = _items(inside, pattern)
        if len(names) * len(items) > MAX_HOSTS:
            raise RangeError(f"{pattern!r} stands for more than {MAX_HOSTS} hosts")
        names = [f"{name}{head}{item}" for name in names for item in items]
    return [name + rest for name in names]


def _items(inside: str, pattern: str) -> list[str]:
    bounds = inside.split(":")
    if len(bounds) not in (2, 3) or not bounds[1]:
        raise RangeError(f"expected a range [first:last] or [first:last:step], found [{inside}] in {pattern!r}")
    first, last = bounds[0] or "0", bounds[1]
    step = _number(bounds[2], inside, pattern) if len(bounds) == 3 else 1
    if step < 1:
        raise RangeError(f"expected a step of 1 or more, found [{inside}] in {pattern!r}")
    if first in ascii_letters and last in ascii_letters and len(first) == len(last) == 1:
        items = list(ascii_letters[ascii_letters.index(first) : ascii_letters.index(last) + 1 : step])
    else:
        items = _numbers(first, last, step, inside=inside, pattern=pattern)
    if not items:
        raise RangeError(f"the range [{inside}] in {pattern!r} counts down: expected first <= last")
    return items


def _numbers(first: str, last: str, step: int, *, inside: str, pattern: str) -> list[str]:
    start, stop = _number(first, inside, pattern), _number(last, inside, pattern)
    width = len(first) if first[0] == "0" and len(first) > 1 else 0
    if width and len(last) != width:
        raise RangeError(f"expected as many digits in both bounds, found [{inside}] in {pattern!r}")
    if (stop - start) // step >= MAX_HOSTS:
        raise RangeError(f"{pattern!r} stands for more than {MAX_HOSTS} hosts")
    return [str(number).zfill(width) for number in range(start, stop + 1, step)]


def _number(text: str, inside: str, pattern: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise RangeError(f"expected numbers or single letters as bounds, found [{inside}] in {pattern!r}")
    return int(text)
