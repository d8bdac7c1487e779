"""One machine: brought up, run on, written to, and taken down."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.process import LabError, kill, run, start_time
from tests.lab.requirements import missing_for
from tests.machine import packages
from tests.waiting import until

_COMMANDS = ("apt-get", "dpkg-deb", "nsenter", "unshare", "pivot_root", "setpriv", "ip")
_PREFIX = "omc-machine-"
_UP_SECONDS = 60
_RUN_SECONDS = 100
_TOGETHER = ("setpriv", "--pdeathsig", "KILL")  # it ends with this process, however that ends
_LOOK_SECONDS = 0.05
_CHECKOUT = Path(__file__).parents[2]


def missing() -> str:
    """Why there can be no machine here, in one line; empty if there can."""
    return missing_for("a machine needs", _COMMANDS)


class Machine:
    """A machine that is up; `folder` is its /srv."""

    def __init__(self, folder: Path, group: Path, process: "subprocess.Popen[bytes]") -> None:
        self.folder = folder
        self.group = group
        self._process = process

    def command(self, *command: str) -> list[str]:
        """The command that runs `command` as root on the machine."""
        pid = int((self.folder / "pid").read_text())
        root = f"/proc/{pid}/root"
        spaces = ("--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup")
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return ["nsenter", "--target", str(pid), *spaces, f"--root={root}", f"--wd={root}", "--", "env", path, *command]

    def run(self, *command: str, text: str = "") -> str:
        """What `command` prints; LabError with what it said if it fails."""
        return run(*self.command(*command), text=text)

    def try_run(self, *command: str, text: str = "") -> tuple[int, str]:
        """Exit status of `command`, and all that it said."""
        done = subprocess.run(
            self.command(*command), input=text, text=True, timeout=_RUN_SECONDS, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode, done.stdout

    def until(self, *command: str, wanted: str) -> str:
        """What `command` says, as soon as `wanted` is in it."""
        said = ""

        def look() -> bool:
            nonlocal said
            said = self.try_run(*command)[1]
            return wanted in said

        until(look, saying=lambda: f"({wanted!r} in: {said})")
        return said

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file, its folders too."""
        self.run(
            "sh", "-c", 'mkdir -p "${1%/*}" && cat >"$1" && chmod "$2" "$1"', "write", path, f"{mode:o}", text=text
        )

    def read(self, path: str) -> str:
        """The text of a file."""
        return self.run("cat", path)

    def down(self) -> None:
        """End every process and remove all files."""
        if (self.folder / "pid").exists():
            pid = int((self.folder / "pid").read_text())
            kill(pid, start_time(pid))
        self._process.kill()
        self._process.wait(10)
        shutil.rmtree(self.folder)
        _remove(self.group)


def up(name: str = "machine") -> Machine:
    """Bring a machine up: its systemd has started all that it starts by itself."""
    if why := missing():
        raise LabError(why)
    debs = packages.folder()
    clear()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    (folder / "name").write_text(name)
    group = _control_groups() / folder.name
    group.mkdir()
    script = str(Path(__file__).with_name("machine.sh"))
    spaces = ("--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child")
    start = 'echo 0 >"$1/cgroup.procs"; shift; exec "$@"'
    command = ["unshare", *spaces, "--propagation", "private", "bash", script, str(folder), str(debs), str(_CHECKOUT)]
    with (folder / "start").open("wb") as said:
        process = subprocess.Popen(
            [*_TOGETHER, "sh", "-c", start, "start", str(group), *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    machine = Machine(folder, group, process)
    try:
        _wait(machine, process)
    except BaseException:
        machine.down()
        raise
    return machine


def clear() -> None:
    """Remove what machines left whose makers were killed: their processes ended with them, files and groups did not."""
    for place, remove in ((Path(tempfile.gettempdir()), shutil.rmtree), (_control_groups(), _remove)):
        for left in place.glob(f"{_PREFIX}*"):
            maker = left.name.removeprefix(_PREFIX).partition("-")[0]
            if maker.isdigit() and not start_time(int(maker)):
                remove(left)


def _remove(group: Path) -> None:
    """Remove a control group and all in it, of which no process is left."""
    for inner in sorted(group.rglob("*/"), reverse=True):
        if inner.is_dir():
            inner.rmdir()
    group.rmdir()


def _wait(machine: Machine, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _UP_SECONDS
    while True:
        said = (machine.folder / "start").read_text(errors="replace")
        if process.poll() is not None or time.monotonic() > end:
            raise LabError(f"the machine did not come up: {said}")
        if (machine.folder / "pid").exists():
            status, state = machine.try_run("systemctl", "is-system-running")
            if state.strip() in ("running", "degraded"):
                return
            if status and state.strip() not in ("offline", "initializing", "starting") and "bus" not in state:
                raise LabError(f"systemd is {state.strip()}: {said}")
        time.sleep(_LOOK_SECONDS)


def _control_groups() -> Path:
    """Where this machine has control groups of version 2."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise LabError("a machine needs control groups of version 2: mount -t cgroup2 cgroup2 /sys/fs/cgroup")
