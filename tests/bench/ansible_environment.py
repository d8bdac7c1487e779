"""The environment with Ansible that omc stands beside: made once, in the user's cache folder, from PyPI."""

import os
import subprocess
import sys
from pathlib import Path

import libvirt

from tests.bench.measure import BenchError, Side

_PEER = Path(__file__).with_name("ansible_peer.py")
_DONE = "omc-bench-done"


def environment() -> Path:
    """Make the environment where there is none yet (two minutes, 600 MB); its folder of programs."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "omc-bench" / "ansible"
    if not (folder / _DONE).exists():
        print(f"installing Ansible into {folder}", file=sys.stderr)
        number = libvirt.getVersion()
        binding = f"libvirt-python=={number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "ansible", binding)
        (folder / _DONE).touch()
    return folder / "bin"


def whole(programs: Path, source: Path) -> Side:
    """Run `ansible-inventory` as a user does."""
    return Side("ansible-inventory", (str(programs / "ansible-inventory"), "-i", str(source), "--list"))


def plugin(programs: Path, source: Path) -> Side:
    """Run the plugin with as little of Ansible around it as there can be."""
    return Side("libvirt plugin", (str(programs / "python"), str(_PEER), str(source)))


def _run(*command: str) -> None:
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}", hint="it needs PyPI, the first time")
