"""How many hosts at a time, and how many may fail: `1,10%,100%` and `3` or `10%`. Pure."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from omc.errors import UsageError

Item = TypeVar("Item")

_SHARE = re.compile(r"([0-9]{1,9})(%?)")


class Share(NamedTuple):
    """A number of hosts, or a percentage of all of them."""

    number: int
    percent: bool = False

    def of(self, total: int) -> int:
        """Return how many of `total` that is: a part of one counts as one."""
        return max(1, math.ceil(total * self.number / 100)) if self.percent else self.number


ALL = (Share(100, percent=True),)


def parse(text: str) -> tuple[Share, ...]:
    """Return the shares of `1,10%,100%`. Raise UsageError for anything else."""
    return tuple(parse_share(part.strip()) for part in text.split(","))


def parse_share(text: str) -> Share:
    """Return the share that `3` or `10%` stands for."""
    match = _SHARE.fullmatch(text)
    share = Share(int(match[1]), percent=bool(match[2])) if match else None
    if share is None or share.number < 1 or (share.percent and share.number > 100):
        raise UsageError(f"not a number of hosts: {text!r}", hint="write a number from 1 on, or 1% to 100%")
    return share


def split(items: Sequence[Item], shares: Sequence[Share]) -> list[list[Item]]:
    """Return the items in batches; percentages are of all items, and the last share goes on until none is left."""
    batches: list[list[Item]] = []
    done = 0
    while done < len(items):
        size = shares[min(len(batches), len(shares) - 1)].of(len(items))
        batches.append(list(items[done : done + size]))
        done += size
    return batches
