"""What a reader gives of one element, and how the answers of many become the fields of one Guest."""

from collections.abc import Iterable
from typing import Any

Facts = dict[str, Any]
"""Fields of a Guest. A value that is itself a dict (`memory`, `cpu_tuning`) is gathered from several elements."""

Found = Facts | tuple[str, object]
"""What one element says: facts, or a list's name and one item of it. Guests share it, so it is never changed."""


def gather(facts: Facts, answers: Iterable[Found]) -> dict[str, list[object]]:
    """Add what the elements of one guest say to `facts`, of a fact said twice the later; return the lists."""
    lists: dict[str, list[object]] = {}
    for answer in answers:
        if isinstance(answer, tuple):
            name, item = answer
            if name in lists:
                lists[name].append(item)
            else:
                lists[name] = [item]
            continue
        for name, value in answer.items():
            facts[name] = {**facts[name], **value} if type(value) is dict and name in facts else value
    return lists
