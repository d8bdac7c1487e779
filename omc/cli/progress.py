"""Progress on a terminal: the only import of rich, and only where there is a terminal to show it."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self


class Progress:
    """Shows nothing: what everything but a terminal gets."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def step(self, name: str) -> None:
        """One more is done; `name` says which."""


class TerminalProgress(Progress):
    """A bar on stderr that goes away at the end, with one of those that it waits for: the first that is not done."""

    def __init__(self, what: str, names: Sequence[str], *, color: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True, no_color=not color, highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Bar(*columns, TextColumn("{task.fields[name]}", markup=False), console=console, transient=True)
        self._waiting = dict.fromkeys(names)
        self._task = self._bar.add_task(what, total=len(names), name=self._first())

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, name: str) -> None:
        """One more is done; `name` says which."""
        self._waiting.pop(name, None)
        self._bar.update(self._task, advance=1, name=self._first())

    def _first(self) -> str:
        from omc.text import cut, safe

        name = next(iter(self._waiting), None)
        return "" if name is None else f"waiting for {cut(safe(name), 30)}"
