"""What the worker and the process that it works for say to each other: msgpack, one message at a time."""

from multiprocessing.connection import Connection
from typing import Any

import msgspec

from omc.errors import OmcError
from omc.model import Host
from omc.templates.desired import Desired
from omc.templates.render.world import Needs


class Work(msgspec.Struct, frozen=True, tag="work"):
    """To the worker: render these hosts, in this order. `failures` are the limits reached so far, by template."""

    hosts: tuple[str, ...]
    failures: dict[str, int] = {}


class WantNeeds(msgspec.Struct, frozen=True, tag="want-needs"):
    """To the worker: it is asked what must be known of hosts before its templates are rendered."""


class Found(msgspec.Struct, frozen=True, tag="needs"):
    """From the worker: that."""

    needs: Needs


class Done(msgspec.Struct, frozen=True, tag="done"):
    """From the worker: what one host should have."""

    desired: Desired
    seconds: float


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """From the worker: one host cannot be rendered."""

    host: str
    template: str
    message: str
    seconds: float
    variable: str = ""
    where: str = ""
    hint: str = ""
    limit: bool = False


class WantFacts(msgspec.Struct, frozen=True, tag="facts"):
    """From the worker: it needs the facts of a host."""

    host: str


class WantSecret(msgspec.Struct, frozen=True, tag="secret"):
    """From the worker: it needs a secret."""

    reference: str


class Facts(msgspec.Struct, frozen=True, tag="answer-facts"):
    """To the worker: a host's facts."""

    facts: Host | None


class Secret(msgspec.Struct, frozen=True, tag="answer-secret"):
    """To the worker: a secret."""

    value: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """To the worker: what it asked for cannot be had."""

    message: str
    hint: str = ""


FromWorker = Done | Failed | Found | WantFacts | WantSecret
ToWorker = Work | WantNeeds | Facts | Secret | Refused
_FROM: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)
_TO: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
_ENCODER = msgspec.msgpack.Encoder()


def send(connection: "Connection[Any, Any]", message: msgspec.Struct) -> None:
    """Send one message."""
    connection.send_bytes(_ENCODER.encode(message))


def from_worker(connection: "Connection[Any, Any]") -> FromWorker:
    """Receive one message of the worker; EOFError or OSError where it is gone."""
    return _FROM.decode(connection.recv_bytes())


def to_worker(connection: "Connection[Any, Any]") -> ToWorker:
    """Receive one message for the worker."""
    return _TO.decode(connection.recv_bytes())


class Asking:
    """The worker's way to facts and secrets: it asks, and waits for the answer."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection

    def facts(self, name: str) -> Host | None:
        """Ask for a host's facts."""
        answer = self._asked(WantFacts(name))
        return answer.facts if isinstance(answer, Facts) else None

    def secret(self, reference: str) -> str:
        """Ask for a secret."""
        answer = self._asked(WantSecret(reference))
        return answer.value if isinstance(answer, Secret) else ""

    def _asked(self, question: msgspec.Struct) -> ToWorker:
        send(self._connection, question)
        answer = to_worker(self._connection)
        if isinstance(answer, Refused):
            raise OmcError(answer.message, hint=answer.hint)
        return answer
