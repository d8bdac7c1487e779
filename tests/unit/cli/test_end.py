"""How the program ends: with its code and all of its output, whatever calls of libvirt are still out there."""

import subprocess
import sys

import pytest

HANGS = """\
import atexit, sys, threading
import libvirt
from omc.cli.main import _end

atexit.register(print, "taken apart")
threading.Thread(target=threading.Event().wait, daemon=True).start()
sys.stdout.write("the answer")
_end({code})
"""
ALONE = HANGS.replace("threading.Thread", "(lambda **_: threading.current_thread())").replace(".start()", "")


@pytest.mark.parametrize("code", [0, 3])
def test_a_thread_in_libvirt_is_not_there_when_python_takes_itself_apart(code: int) -> None:
    """It would be ended in the middle of libvirt's code, and the process with it."""
    done = subprocess.run([sys.executable, "-c", HANGS.format(code=code)], capture_output=True, text=True, check=False)
    assert (code, "the answer", "") == (done.returncode, done.stdout, done.stderr)


def test_without_such_a_thread_the_end_is_pythons_own() -> None:
    """What wants to be told of it is."""
    done = subprocess.run([sys.executable, "-c", ALONE.format(code=3)], capture_output=True, text=True, check=False)
    assert (3, "the answertaken apart\n") == (done.returncode, done.stdout)
