"""Lets only a few connections at a time knock at one sshd: above `MaxStartups` it throws them away at random.

OpenSSH's default refuses from the tenth connection that has not logged in yet; eight at a time lose none. What is
refused all the same (others knock, too) is tried again a little later, each at another moment.
"""

import random
import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from omc.errors import DeadlineError

AT_A_TIME = 8
RETRIES = 4
_FIRST_PAUSE = 0.15


class Gates:
    """One gate for each sshd; a connection holds it until it has logged in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gates: dict[Hashable, threading.Semaphore] = {}

    @contextmanager
    def through(self, key: Hashable, host: str, deadline: float) -> Iterator[None]:
        """Wait for a turn; raise DeadlineError where none comes in time."""
        with self._lock:
            gate = self._gates.setdefault(key, threading.Semaphore(AT_A_TIME))
        if not gate.acquire(timeout=max(0.0, deadline - time.monotonic())):
            message = f"others were still connecting to the same sshd, {AT_A_TIME} at a time"
            raise DeadlineError(message, where=host, hint="raise --timeout")
        try:
            yield
        finally:
            gate.release()


def pause(attempt: int, deadline: float) -> bool:
    """Sleep a random while, longer with each attempt from 0 on; return whether there is time for another one."""
    seconds = _FIRST_PAUSE * 2**attempt * random.SystemRandom().uniform(0.5, 1.5)
    if attempt >= RETRIES or time.monotonic() + seconds >= deadline:
        return False
    time.sleep(seconds)
    return True
