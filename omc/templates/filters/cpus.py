"""Lists of CPUs as the kernel and libvirt write them: "0-3,8,^2"."""

import re
from collections.abc import Iterable

MOST_CPUS = 65_536
_PART = re.compile(r"(\^?)([0-9]{1,5})(?:-([0-9]{1,5}))?")


def parse(text: str) -> list[int]:
    """Return the numbers of a list of CPUs, sorted; "^" takes out. Raise ValueError where it is none."""
    cpus: set[int] = set()
    for part in text.replace(" ", "").split(",") if text.strip() else []:
        match = _PART.fullmatch(part)
        if not match:
            raise ValueError(f"{text!r} is no list of CPUs: expected numbers and ranges, 0-3,8,^2")
        first, last = int(match[2]), int(match[3] or match[2])
        if last < first or last >= MOST_CPUS:
            raise ValueError(f"{part!r} is no range of CPUs")
        numbers = range(first, last + 1)
        cpus = cpus.difference(numbers) if match[1] else cpus.union(numbers)
    return sorted(cpus)


def cpuset(value: str | Iterable[int]) -> str:
    """Return numbers, or a list of CPUs, as the shortest list of ranges: `[0, 1, 2, 8]` gives "0-2,8"."""
    numbers = parse(value) if isinstance(value, str) else sorted({int(number) for number in value})
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def cpus(value: str) -> list[int]:
    """Return the numbers in a list of CPUs: "0-3,^2" gives `[0, 1, 3]`."""
    return parse(value)
