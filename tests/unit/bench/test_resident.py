"""The memory of a process is that of its children too."""

import sys

import pytest

from tests.bench.measure import BenchError, Side
from tests.bench.resident import resident

_CHILD = "import time; held = b'x' * (40 << 20); time.sleep(1)"


def test_children_count() -> None:
    """Two that hold 40 MiB each are more than 80 together."""
    code = (
        f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {_CHILD!r}]); {_CHILD}; child.wait()"
    )
    seconds, most = resident(Side("side", (sys.executable, "-c", code)))
    assert most > 80 << 20
    assert seconds > 1


def test_a_side_that_fails_is_named() -> None:
    """What failed has no memory worth telling."""
    with pytest.raises(BenchError, match="broken: exit code 7"):
        resident(Side("broken", (sys.executable, "-c", "import sys; sys.exit(7)")))
