"""One function over many hosts: each host gives a Result, a value or an error, and none waits for another.

The threads are daemons: a host that never answers is left behind at the deadline and blocks neither the others nor the
exit of the process. The engine prints nothing; whoever iterates over the results is the observer.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

import msgspec

from omc.errors import DeadlineError, HostError, OmcError

Item = TypeVar("Item")
Value = TypeVar("Value")


class Result(msgspec.Struct, Generic[Item, Value], frozen=True):
    """What one host gave: `value`, or `error` when that is not None; `seconds` from its start to its end."""

    item: Item
    value: Value | None
    error: OmcError | None
    seconds: float

    def get(self) -> Value:
        """Give the value, or raise the host's error."""
        if self.error is not None:
            raise self.error
        assert self.value is not None
        return self.value


def run(
    items: Sequence[Item],
    function: Callable[[Item], Value],
    *,
    parallel: int,
    deadline: float,
    name: Callable[[Item], str] = str,
) -> Iterator[Result[Item, Value]]:
    """Start on the items, `parallel` at a time, and give one Result an item as they finish.

    The work begins with the call, not with the first look at the results. At `deadline` (of time.monotonic()) every
    item without an answer gets a DeadlineError that tells whether it was asked at all, and the iteration ends.
    """
    board = _Board(items, function)
    for _ in range(min(parallel, len(items))):
        threading.Thread(target=board.work, daemon=True, name="omc-fleet").start()
    return _results(board, deadline, name)


def in_order(items: Sequence[Item], results: Iterable[Result[Item, Value]]) -> list[Result[Item, Value]]:
    """Return the results of these items in the items' order, once all of them are there."""
    places = {id(item): place for place, item in enumerate(items)}
    return sorted(results, key=lambda result: places[id(result.item)])


def _results(
    board: "_Board[Item, Value]", deadline: float, name: Callable[[Item], str]
) -> Iterator[Result[Item, Value]]:
    answered: set[int] = set()
    try:
        while len(answered) < len(board.items):
            try:
                index, result = board.done.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            answered.add(index)
            yield result
        board.closed = True
        for index, item in enumerate(board.items):
            if index not in answered:
                yield board.missed(index, item, name(item))
    finally:
        board.closed = True


class _Board(Generic[Item, Value]):
    """The work that is left, and the results so far."""

    def __init__(self, items: Sequence[Item], function: Callable[[Item], Value]) -> None:
        self.items = items
        self.function = function
        self.waiting = iter(range(len(items)))
        self.started: dict[int, float] = {}
        self.done: queue.SimpleQueue[tuple[int, Result[Item, Value]]] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.closed = False

    def work(self) -> None:
        while not self.closed:
            with self.lock:
                index = next(self.waiting, None)
            if index is None:
                return
            self.started[index] = time.monotonic()
            self.done.put((index, self.attempt(index)))

    def attempt(self, index: int) -> Result[Item, Value]:
        item, started = self.items[index], self.started[index]
        try:
            value = self.function(item)
        except OmcError as error:
            return Result(item, None, error, time.monotonic() - started)
        except Exception as error:  # a defect costs its own host only, and names itself
            wrapped = HostError(
                f"{type(error).__name__}: {error}", code="failed", hint="run with --debug and report this"
            )
            wrapped.__cause__ = error
            return Result(item, None, wrapped, time.monotonic() - started)
        return Result(item, value, None, time.monotonic() - started)

    def missed(self, index: int, item: Item, name: str) -> Result[Item, Value]:
        now = time.monotonic()
        if index in self.started:
            seconds = now - self.started[index]
            error = DeadlineError(f"no answer after {seconds:.1f} s", where=name, hint="raise --timeout")
            return Result(item, None, error, seconds)
        error = DeadlineError("not reached before the deadline", where=name, hint="raise --timeout or --parallel")
        return Result(item, None, error, 0.0)
