"""The set-up script where it cannot do the work itself: it says what to do, and changes nothing.

What it does on a fresh Debian or Ubuntu is proved by `tests/fresh/run`.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "setup"
BASICS = ("cat", "cksum", "dirname", "env", "id", "mktemp", "rm", "sed", "sh")


@pytest.fixture
def setup(tmp_path):
    """A copy of the script in an empty checkout, and a way to run it with a few programs only."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "programs").mkdir()
    shutil.copy(SCRIPT, tmp_path / "packaging")

    def run(*arguments, programs=(), **environ):
        for name in (*BASICS, *programs):
            found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
            assert found, name
            (tmp_path / "programs" / name).symlink_to(found)
        command = [tmp_path / "packaging" / "setup", *arguments]
        environ |= {"PATH": str(tmp_path / "programs"), "HOME": str(tmp_path)}
        return subprocess.run(command, env=environ, check=False, capture_output=True, text=True)

    return run


@pytest.mark.parametrize("arguments", [(), ("everything",)], ids=["nothing", "an unknown word"])
def test_it_wants_to_know_what_for(setup, arguments):
    """Without `run` or `test` it stops and shows both."""
    result = setup(*arguments)
    assert 1 == result.returncode
    assert "packaging/setup run" in result.stderr
    assert "packaging/setup test" in result.stderr


def test_on_another_distribution_it_says_all_that_is_missing(setup, tmp_path):
    """Without apt-get, the programs themselves are looked for, and all that are missing are named at once."""
    result = setup("run")
    assert 1 == result.returncode
    for missing in ("a C compiler", "pkg-config", "libvirt's headers", "Python 3.11 or newer"):
        assert missing in result.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_python_that_is_there_is_not_missed(setup):
    """What is installed is not asked for."""
    result = setup("run", programs=("python3",))
    assert "a C compiler" in result.stderr
    assert "Python 3.11 or newer" not in result.stderr


def test_the_python_that_was_asked_for_is_the_only_candidate(setup):
    """Where PYTHON names one that does not serve, no other is taken in its place."""
    result = setup("run", programs=("python3", "false"), PYTHON="false")
    assert "Python 3.11 or newer" in result.stderr
