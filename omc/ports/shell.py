"""A host's POSIX shell, over SSH or on this machine: what templates and the audit ask."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Hidden:
    """A value that no message, log, repr or JSON shows; whoever must send it asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "(hidden)"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a host's shell is, and as whom; None means what the user's own SSH configuration says."""

    host: str  # its name in the site
    address: str  # ansible_host, else the name
    port: int | None = None
    user: str | None = None
    identity_file: str | None = None
    ssh_arguments: tuple[str, ...] = ()  # words of ssh's command line (ansible_ssh_common_args), read by the driver
    local: bool = False  # this machine itself, without SSH (ansible_connection: local)
    become: bool = False  # by sudo
    become_user: str = "root"
    become_password: Hidden | None = None


class Answer(msgspec.Struct, frozen=True):
    """What a script on a host gave: its exit status, and what it wrote, cut at the limit that was asked for."""

    status: int
    output: bytes
    errors: bytes


class Shell(Protocol):
    """One host's POSIX shell over one connection, kept between scripts. Used by one thread at a time."""

    def run(self, script: str, data: Sequence[bytes] = (), *, deadline: float, most_bytes: int = 16 << 20) -> Answer:
        """Run a script in `sh` as the user that the endpoint says, with `data` on its standard input.

        What the login shell itself prints is not in the answer. The script is no argument of any process. Raises
        HostError where the connection, sudo or the shell fails, DeadlineError at `deadline` (time.monotonic()), and
        HostError with code "too_large" where more than `most_bytes` came back.
        """

    def close(self) -> None:
        """End the connection; never waits for what does not answer."""


class Shells(Protocol):
    """A way to reach hosts' shells. Thread-safe; what hosts share (keys, known hosts, bastions) is read once."""

    def open(self, endpoint: Endpoint, *, deadline: float) -> Shell:
        """Connect and log in; raises HostError with what to do where the host is not to be trusted or reached."""

    def close(self) -> None:
        """End everything that is still open."""
