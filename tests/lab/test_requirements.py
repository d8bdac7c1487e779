"""Where the lab cannot be had, its tests say why: they are skipped, or fail where it is required."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import requirements

_TEST = "tests/lab/test_lab.py::test_a_halting_guest_runs"


@pytest.mark.parametrize(("setting", "outcome"), [("", "1 skipped"), ("required", "1 error")])
def test_without_qemu_the_tests_of_the_lab_are_skipped_or_fail(setting: str, outcome: str, tmp_path: Path) -> None:
    """Both ways the run names what is missing and how to get it."""
    environment = os.environ | {"PATH": str(tmp_path), "OMC_LAB": setting}
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", _TEST)
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert outcome in done.stdout
    assert "qemu-img" in done.stdout
    assert "apt-get install" in done.stdout


def test_without_root_the_lab_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root can make namespaces of this kind."""
    monkeypatch.setattr(requirements, "_COMMANDS", ())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "use sudo" in requirements.missing()
