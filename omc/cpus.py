"""Lists of CPUs as the kernel and libvirt write them: "0-3,8,^2"."""

import re

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
