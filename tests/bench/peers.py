"""The environments of the programs that omc stands beside: made once, in the user's cache folder, from PyPI."""

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.measure import BenchError

_DONE = "omc-bench-done"


def environment(name: str, *requirements: str) -> Path:
    """Make the environment where there is none yet; its folder of programs."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "omc-bench" / name
    if not (folder / _DONE).exists():
        print(f"installing {' '.join(requirements)} into {folder}", file=sys.stderr)
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *requirements)
        (folder / _DONE).touch()
    return folder / "bin"


def _run(*command: str) -> None:
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}", hint="it needs PyPI, the first time")
