"""What all builders of rows share. Pure.

A row is the model as a table shows it: what lists and views need, taken out once, when it is written.
"""

from collections.abc import Iterable

Values = tuple[object, ...]
"""One row, in the order of its builder's column names."""


def names(text: str) -> list[str]:
    """Return the column names that stand in a text with spaces between them."""
    return text.split()


def total(values: Iterable[int | None]) -> int | None:
    """Return the sum, or null where a part is not known."""
    result = 0
    for value in values:
        if value is None:
            return None
        result += value
    return result
