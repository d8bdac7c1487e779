"""SSH is loaded without what it would only use for things that omc does not do."""

import subprocess
import sys

import pytest

from omc.drivers.ssh.loading import lacking


def test_a_package_is_not_found_meanwhile_and_is_found_afterwards() -> None:
    """The import fails as it does where the package is not installed."""
    with lacking("sndhdr_of_nobody"), pytest.raises(ImportError):
        __import__("sndhdr_of_nobody")
    assert "sndhdr_of_nobody" not in sys.modules


def test_what_is_loaded_already_stays() -> None:
    """Who has it keeps it."""
    with lacking("json"):
        assert sys.modules["json"] is __import__("json")
    assert "json" in sys.modules


def test_ssh_loads_nothing_that_runs_commands_here() -> None:
    """The reader of ssh_config that paramiko has would; omc has its own, and loading takes half the time."""
    script = "import sys; from omc.drivers.ssh import ssh_shells; ssh_shells(); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "paramiko" in loaded
    assert "invoke" not in loaded
    assert "asyncio" not in loaded
