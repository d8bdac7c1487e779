"""Threads for blocking work: so many at a time and no more, and each waited for until its deadline.

They are daemon threads, because work that hangs must not hold up the end of the process; that is why this is no
ThreadPoolExecutor, which joins its threads at the end.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

GRACE_SECONDS = 0.25
"""How long after its deadline work is still waited for."""

Result = TypeVar("Result")


class Unserved(Exception):
    """Work that was not begun (`busy`) or not done in time (`late`); the text is for the client."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Workers:
    """At most `most` pieces of work at a time. For one event loop."""

    def __init__(self, name: str, most: int) -> None:
        self.busy = 0
        self._name = name
        self._most = most

    async def run(self, work: Callable[[], Result], deadline: float) -> Result:
        """Return what the work gives; raise Unserved where all threads are taken, or the deadline has passed."""
        if self.busy >= self._most:
            raise Unserved("busy", "too many requests at a time")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def finish(result: Result | None, error: BaseException | None) -> None:
            # Late work is no longer waited for, and keeps its thread until now.
            self.busy -= 1
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def run() -> None:
            result, error = None, None
            try:
                result = work()
            except Exception as caught:
                error = caught
            with suppress(RuntimeError):  # the loop is gone: the process ends
                loop.call_soon_threadsafe(finish, result, error)

        try:
            Thread(target=run, name=self._name, daemon=True).start()
        except RuntimeError:
            raise Unserved("busy", "the system has no thread left") from None
        self.busy += 1  # `finish` comes through the loop, and so after this
        try:
            async with asyncio.timeout(max(deadline + GRACE_SECONDS - time.monotonic(), 0)):
                return await future
        except TimeoutError:
            raise Unserved("late", "the page was not there in time") from None
