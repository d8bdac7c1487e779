"""One machine for these tests: a host of `tests.sshd`, reached past SSH, with its files as this process sees them."""

import shlex
import subprocess
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from omc.errors import DeadlineError
from omc.ports import Answer
from omc.templates.desired import DesiredFile
from omc.templates.remote.job import FileChange, Job
from omc.templates.remote.look import look
from omc.templates.remote.state import HostState
from tests.sshd import SshHost

SECONDS = 30
SHELLS = ("dash", "bash", "busybox sh")


def soon(seconds: float = SECONDS) -> float:
    """The deadline of a step that should be quick."""
    return time.monotonic() + seconds


class MachineShell:
    """`omc.ports.Shell` by a process in the host's namespaces; `prelude` is shell text before each script."""

    def __init__(self, host: SshHost, interpreter: str = "dash", prelude: str = "") -> None:
        self._host = host
        self._interpreter = interpreter.split()
        self.prelude = prelude

    def start(self, script: str, data: Sequence[bytes] = ()) -> "subprocess.Popen[bytes]":
        """The script's process, with everything but the end of its input sent."""
        text = script.encode()
        take = f"dd bs={len(text)} count=1 iflag=fullblock status=none"
        boot = f'{self.prelude}\nscript=$({take}; echo .); (eval "${{script%.}}")'
        process = subprocess.Popen(
            self._host.command("/run/setsid", "--wait", *self._interpreter, "-c", boot),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        try:
            process.stdin.write(text + b"".join(data))
            process.stdin.flush()
        except BrokenPipeError:
            pass
        return process

    def run(self, script: str, data: Sequence[bytes] = (), *, deadline: float, most_bytes: int = 16 << 20) -> Answer:
        process = self.start(script, data)
        try:
            output, errors = process.communicate(timeout=deadline - time.monotonic())
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise DeadlineError("too slow") from error
        assert len(output) <= most_bytes
        return Answer(process.returncode, output, errors)

    def close(self) -> None:
        pass


class Machine:
    """A host with the folder /etc/site for files to manage."""

    def __init__(self, host: SshHost) -> None:
        self.host = host
        self.root = Path(f"/proc/{host.pid}/root")
        self.site = self.root / "etc/site"
        self.state = self.root / "var/lib/omc"
        self.site.mkdir()
        # The host's files are those of the machine under it, which may be managed itself.
        self.sh("rm -rf /var/lib/omc /var/lib/omc-host; cp /usr/bin/setsid /usr/bin/timeout /run")

    def shell(self, interpreter: str = "dash", prelude: str = "") -> MachineShell:
        return MachineShell(self.host, interpreter, prelude)

    def sh(self, script: str) -> str:
        """What a script prints that runs on the host."""
        return self.host.run("sh", "-c", script)

    def lacks(self, *programs: str) -> None:
        """Take programs from the host."""
        for program in programs:
            self.sh(f'rm "$(command -v {program})"')

    def file(self, path: str) -> Path:
        """The host's file, as this process reaches it."""
        return self.root / path.lstrip("/")

    def look(self, *paths: str, content: bytes = b"") -> HostState:
        files = [DesiredFile(template="t", path=path, content=content) for path in paths]
        return look(self.shell(), files, deadline=soon())

    def journal(self, run: str = "R1", host: str = "h1") -> list[str]:
        """The journal's words."""
        path = self.state / "runs" / run / host / "journal"
        return [line.split()[0] for line in path.read_text().splitlines() if line] if path.exists() else []

    def leftovers(self) -> list[str]:
        """What lies beside the targets and should not."""
        return sorted(str(path) for path in self.site.rglob(".omc-*"))

    def wait_for(self, script: str, seconds: float = 20) -> None:
        """Return once the script succeeds on the host; it is asked again and again there."""
        quoted = shlex.quote(script)
        self.host.run("/run/timeout", str(seconds), "sh", "-c", f"until sh -c {quoted}; do sleep 0.02; done")


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def changed(path: str, before: bytes | None, after: bytes | None, **more: object) -> FileChange:
    """A change of a file from what it was to what it is to be."""
    was = None if before is None else digest(before)
    return FileChange(path=path, before=was, content=after, template="t", **more)


def job(*changes: FileChange, run: str = "R1", host: str = "h1", **more: object) -> Job:
    return Job(run=run, host=host, actor="tester", changes=changes, **more)
