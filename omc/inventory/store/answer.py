"""What a query gives back."""

from collections.abc import Iterator

Result = tuple[object, ...]


class Rows:
    """The answer of a query: names of the columns, and the rows as they come, once. `close` it when stopping early."""

    def __init__(self, columns: tuple[str, ...], rows: Iterator[Result]) -> None:
        self.columns = columns
        self._rows = rows

    def __iter__(self) -> Iterator[Result]:
        return self._rows

    def close(self) -> None:
        """End the query and let its connection go."""
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()
