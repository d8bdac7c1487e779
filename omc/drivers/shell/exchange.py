"""One script run over whatever carries bytes: sent, its answer read until the mark, within a deadline and a size."""

import time
from collections.abc import Sequence
from typing import Protocol

from omc.drivers.shell.reading import Reading
from omc.drivers.shell.refusals import no_answer, sudo_refusal
from omc.drivers.shell.request import Request
from omc.errors import DeadlineError, HostError
from omc.ports import Answer
from omc.text import human_bytes


class Pipes(Protocol):
    """The standard streams of a command that runs on a host. Raises HostError where the way there breaks."""

    def send(self, pieces: Sequence[bytes]) -> None:
        """Send, without waiting for the host to take it all."""

    def finish(self) -> None:
        """Say that nothing more will be sent, once all is sent."""

    def receive(self, seconds: float) -> tuple[bytes, bytes, bool]:
        """Wait so long at most; return what came on each stream, and whether nothing more can come."""


class Exchange:
    """One request over one pair of pipes."""

    def __init__(self, request: Request, pipes: Pipes, *, deadline: float, most_bytes: int) -> None:
        self._request = request
        self._pipes = pipes
        self._deadline = deadline
        self._most_bytes = most_bytes
        self._reading = Reading(request.mark)
        self._ended = False

    def run(self, *, proven: bool) -> Answer:
        """Run the script and return its answer. `proven`: sudo has taken this password before.

        A password that sudo may refuse is sent alone, and the rest only once the shell is there: a second line would
        be a second attempt, and some hosts lock an account after three.
        """
        request, pipes = self._request, self._pipes
        if request.login.password is None or proven:
            pipes.send([request.opening(), *request.body()])
        else:
            pipes.send([request.opening()])
            self._wait_for_shell()
            pipes.send(request.body())
        pipes.finish()
        while not self._reading.whole and not self._ended:
            self._receive()
        return self._answer()

    def _wait_for_shell(self) -> None:
        while not self._reading.ready and not self._ended:
            self._receive()
            if not self._reading.ready and (error := self._refusal()):
                self._pipes.finish()
                raise error

    def _receive(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            message = "the script did not end in time" if self._reading.begun else "the shell did not start in time"
            raise DeadlineError(message, where=self._request.login.host, hint="raise --timeout")
        output, errors, self._ended = self._pipes.receive(left)
        self._reading.feed(output, errors)
        if self._reading.size > self._most_bytes:
            message = f"more than {human_bytes(self._most_bytes)} came back"
            raise HostError(message, code="too_large", where=self._request.login.host)

    def _refusal(self) -> HostError | None:
        return sudo_refusal(self._request.login, self._reading.said) if self._request.login.user else None

    def _answer(self) -> Answer:
        reading, host = self._reading, self._request.login.host
        if not reading.begun:
            raise self._refusal() or no_answer(self._request.login, reading.said)
        status = reading.output.last
        if status is None:
            raise HostError("the connection ended before the script did", code="connection-lost", where=host)
        if not status.isdigit():
            raise HostError("the script did not arrive whole", code="connection-lost", where=host)
        return Answer(int(status), reading.output.content, reading.errors.content)
