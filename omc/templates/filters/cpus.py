"""Lists of CPUs in templates, as the kernel and libvirt write them: "0-3,8,^2"."""

from collections.abc import Iterable

from omc.cpus import parse


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
