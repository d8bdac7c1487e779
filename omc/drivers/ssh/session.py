"""One SSH connection by paramiko: its handshake, the check of the host's key, the login, and signs of life."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ClassVar

import paramiko
from paramiko.common import cMSG_GLOBAL_REQUEST
from paramiko.kex_curve25519 import KexCurve25519
from paramiko.message import Message

from omc.drivers.ssh.algorithms import Algorithms
from omc.drivers.ssh.line import Line
from omc.drivers.ssh.trust import Trust, preferred

# paramiko writes down what it sends and receives, passwords for one; nobody gets to see that, whatever is set up later.
_LOGGER = logging.getLogger("paramiko")
_LOGGER.setLevel(logging.CRITICAL + 1)
_LOGGER.propagate = False
_LOGGER.addHandler(logging.NullHandler())


class Session(paramiko.Transport):
    """A connection. The thread that it is reads the line until the end, and gives it back then."""

    # paramiko has no public way to its tables; these names are the same from 3.4 to 5.1.
    # The same exchange under the name that it was standardized with is for hosts that offer no other.
    _kex_info: ClassVar[dict[str, object]] = {
        **paramiko.Transport._kex_info,  # type: ignore[attr-defined]
        "curve25519-sha256": KexCurve25519,
    }
    _cipher_info: ClassVar[dict[str, object]]
    _mac_info: ClassVar[dict[str, object]]
    _key_info: ClassVar[dict[str, object]]
    _send_user_message: Callable[[Message], None]

    def __init__(self, line: Line, algorithms: Algorithms, trust: Trust) -> None:
        super().__init__(line)  # type: ignore[arg-type]  # paramiko takes whatever has these methods
        self.line = line
        self._trust = trust
        self.fell_silent = 0.0
        """How long nothing had come when the host was given up for it; 0 where it was not."""
        self._preferred_kex = _known(algorithms.key_exchanges, self._kex_info)
        self._preferred_ciphers = _known(algorithms.ciphers, self._cipher_info)
        self._preferred_macs = _known(algorithms.macs, self._mac_info)
        self._host_keys = _known(preferred(trust.kinds(), algorithms.host_keys), self._key_info)

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """The algorithms for host keys, in the order in which they are asked for."""
        return self._host_keys

    def run(self) -> None:
        """Read the line until its end; paramiko starts this as the thread."""
        try:
            super().run()
        finally:
            self.line.release()

    def shake_hands(self) -> None:
        """Agree on keys with the host and check that it is the host; HostError where it is not."""
        self.start_client()
        key = self.get_remote_server_key()
        blob = getattr(key, "public_blob", None)
        self._trust.check(key.asbytes(), blob.key_blob if blob is not None else None, _verify)

    def watch_life(self, seconds: float, count: int) -> None:
        """Ask the host for a sign of life whenever so long nothing came, and end the connection after `count` of them.

        That ends every wait on it, long before a deadline that is meant for a slow command.
        """

        def check() -> None:
            if self.silence() >= seconds * (count + 0.5):
                self.fell_silent = self.silence()
                self.abort()
            else:
                self._ask_for_life()

        self.packetizer.set_keepalive(int(seconds), check)

    def _ask_for_life(self) -> None:
        """Ask for something that every server answers, if only to say no; do not wait for it."""
        message = Message()
        message.add_byte(cMSG_GLOBAL_REQUEST)
        message.add_string("keepalive@openssh.com")
        message.add_boolean(True)  # noqa: FBT003  # an answer is wanted
        self._send_user_message(message)

    def abort(self) -> None:
        """End everything on this connection at once, for every thread."""
        self.line.close()

    def silence(self) -> float:
        """Return for how many seconds nothing came."""
        return time.monotonic() - self.line.heard

    def finish(self) -> None:
        """End the connection; its thread ends by itself."""
        with suppress(Exception):  # whatever state it is in: nothing of it is needed any more
            self.close()
        self.line.close()


def _known(names: Sequence[str], known: dict[str, object]) -> tuple[str, ...]:
    """Return the names that this version of paramiko knows."""
    return tuple(name for name in names if name in known)


def _verify(key: bytes, data: bytes, signature: bytes) -> bool:
    try:
        kind = Message(key).get_text()
        return bool(paramiko.PKey.from_type_string(kind, key).verify_ssh_sig(data, Message(signature)))
    # A key or a signature that is no key or signature at all makes paramiko's libraries raise anything.
    except Exception:
        return False
