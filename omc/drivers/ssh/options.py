"""What a run over SSH may be told; importing this imports nothing heavy."""

from collections.abc import Callable
from pathlib import Path

import msgspec


def _say_nothing(_: str) -> None:
    return


class SshOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How hosts are reached. `warn` is called once for each thing that is not honoured, from any thread."""

    home: Path = msgspec.field(default_factory=Path.home)
    system_config: Path = Path("/etc/ssh/ssh_config")
    connect_seconds: float = 5.0
    """For TCP and the host's greeting, where ssh_config has no ConnectTimeout."""
    warn: Callable[[str], None] = _say_nothing
