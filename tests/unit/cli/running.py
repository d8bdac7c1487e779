"""Ways to run omc: in this process, as a process of its own, and on a terminal."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

COMMAND = (sys.executable, "-c", "import sys; sys.argv[0] = 'omc'; from omc.cli.main import run; run()")
SECONDS = 60


class Ran(NamedTuple):
    """What one run gave."""

    code: int
    out: str
    err: str


Omc = Callable[..., Ran]


def program(*arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
    """Run omc as a process of its own, in the present folder and environment."""
    ran = subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(environ or {})},
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


class Terminal:
    """omc on a terminal of its own, stdout and stderr together, as a person sees it."""

    def __init__(self, arguments: Sequence[str], *, columns: int, environ: Mapping[str, str] | None = None) -> None:
        self.text = ""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - the tests have no threads
            env={**kept, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", **(environ or {})},
        )
        os.close(theirs)
        self._ours = ours

    def wait_for(self, text: str) -> None:
        """Read until the text was shown."""
        deadline = time.monotonic() + SECONDS
        while text not in self.text:
            assert time.monotonic() < deadline, f"{text!r} was not shown: {self.text!r}"
            assert self._read(), f"omc ended without {text!r}: {self.text!r}"

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._ours, keys)

    def finish(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(SECONDS)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], SECONDS)
        try:
            data = os.read(self._ours, 65_536) if ready else b""
        except OSError:  # Linux says EIO when the other side is gone
            data = b""
        self.text += data.decode(errors="replace")
        return bool(data)


def on_terminal(*arguments: str, columns: int, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run omc on a terminal of that width; return its exit code and all that was shown."""
    terminal = Terminal(arguments, columns=columns, environ=environ)
    return terminal.finish(), terminal.text.replace("\r\n", "\n")
