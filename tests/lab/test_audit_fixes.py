"""What the audit gives to be typed, held against virsh's own help."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import pytest

from tests.unit.audit import test_cases
from tests.unit.audit.migrate import test_verdict

pytestmark = pytest.mark.lab

_VIRSH = re.compile(r"virsh (?:-c \S+ )?([a-z][a-z-]+)([^;:,()]*)")
_OPTION = re.compile(r"(?<!\S)--[a-z-]+")


@pytest.fixture(scope="module")
def fixes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return all of it."""
    return [*test_cases.all_fixes(tmp_path_factory.mktemp("fixes")), *test_verdict.all_fixes()]


def _asked(fixes: Iterable[str]) -> dict[str, set[str]]:
    """Return the options that are named, by command."""
    found: dict[str, set[str]] = defaultdict(set)
    for fix in fixes:
        for command, rest in _VIRSH.findall(re.sub("'[^']*'", "NAME", fix)):
            found[command].update(_OPTION.findall(re.split(" and | virsh ", rest)[0]))
    return found


def test_virsh_has_every_command_and_option(fixes: list[str]) -> None:
    """A word less or more, and what is typed is refused."""
    asked = _asked(fixes)
    assert len(asked) > 20
    assert [] == [
        (command, option or "no such command")
        for command, options in sorted(asked.items())
        for option in sorted(options) or [""]
        if option not in _help(command)
    ]


@cache
def _help(command: str) -> list[str]:
    done = subprocess.run(["virsh", "help", command], check=False, capture_output=True, text=True, timeout=20)
    return ["", *_OPTION.findall(done.stdout.replace("[", " "))] if done.returncode == 0 else []
