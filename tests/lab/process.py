"""Processes of the lab: run one and hear what it says, and end one that is surely ours."""

import os
import select
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from omc.errors import OmcError


class LabError(OmcError):
    """The lab cannot do what was asked of it, with what the failing command said."""


def run(*command: str, text: str = "", timeout: float = 60) -> str:
    """What `command` prints, given `text` on its stdin; LabError with its stderr if it fails or takes too long."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end after {timeout:g} s: {' '.join(command)}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise LabError(f"{' '.join(command)}: {said or f'exit code {done.returncode}'}")
    return done.stdout


class Starting:
    """A script that puts itself into the background and says "ready" from there; many can start at the same time."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._log = log
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True
            )

    def wait(self, seconds: float) -> None:
        """Return when the script has said "ready"; LabError with its log when it ended or took longer."""
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            said = pipe.readline() if select.select([pipe], [], [], seconds)[0] else b""
        self._process.wait(seconds)  # what was started has put itself into the background by then
        if said.strip() != b"ready":
            raise LabError(f"did not come up within {seconds:g} s: {_last_lines(self._log)}", where=str(self._log))


def _last_lines(log: Path) -> str:
    return " / ".join(log.read_text(errors="replace").splitlines()[-3:]) or "it said nothing"


def start_time(pid: int) -> str:
    """When `pid` started, in clock ticks since boot (with the pid, it names one process for ever); empty if none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def kill(pid: int, started: str, *, seconds: float = 20) -> None:
    """End the process `pid` that started at `started` and return when it has ended; nothing happens if it has already.

    For the init of a pid namespace the kernel reports the end only after every process in the namespace has ended.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if start_time(pid) != started:
            return
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        if not select.select([handle], [], [], seconds)[0]:
            raise LabError(f"process {pid} did not end within {seconds:g} s")
    finally:
        os.close(handle)
