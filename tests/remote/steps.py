"""Kills a script before any of its steps: a call that changes something or starts a program, in all its processes."""

import shutil
import struct
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.remote.machine import Machine, MachineShell
from tests.required import lacking

_PRELUDE = "export STEPS_FILE=/run/steps STEPS_GROUP=$$ LD_PRELOAD=/run/steps.so"


@cache
def _library() -> bytes:
    if not shutil.which("gcc"):
        lacking("counting the steps of a script needs gcc: apt-get install gcc libc6-dev")
    folder = Path(mkdtemp(prefix="omc-steps-"))
    try:
        source = str(Path(__file__).with_name("steps.c"))
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(folder / "steps.so"), source, "-ldl"], check=True)
        return (folder / "steps.so").read_bytes()
    finally:
        shutil.rmtree(folder)


class Steps:
    """Shells of a machine whose scripts die before a step, or are counted."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        machine.file("/run/steps.so").write_bytes(_library())

    def shell(self, interpreter: str = "dash", *, die_before: int = 0) -> MachineShell:
        """A shell for one script; 0 lets it live."""
        self._machine.file("/run/steps").write_bytes(struct.pack("ii", 0, die_before))
        return self._machine.shell(interpreter, _PRELUDE)

    @property
    def count(self) -> int:
        """How many steps the last script took."""
        return int(struct.unpack("ii", self._machine.file("/run/steps").read_bytes())[0])
