"""What a host's shell tells: the answer of each tool, and that one gave none; in a shell here, with tools of ours."""

import subprocess

import pytest

from omc.audit.machine import Machine, read_machine, script

BOUNDED = 'timeout() { shift; "$@"; }\n'  # functions run where programs would
WELL = """
lvs() { echo '  vg pool 12.50 91.20'; }
zpool() { printf 'tank\\tDEGRADED\\n'; }
multipathd() { printf 'multipath dev dm_st\\nmpatha sdb failed\\n'; }
"""
ARRAYS = """
md0 : active raid1 sdb1[1] sda1[0]
      1046528 blocks super 1.2 [2/1] [U_]

md127 : inactive sdc[0](S)
      1046528 blocks super 1.2
"""


def _machine(tools: str) -> Machine:
    done = subprocess.run(["sh"], input=(BOUNDED + tools + script()).encode(), capture_output=True, check=True)
    found = read_machine(done.stdout)
    assert isinstance(found, Machine), found
    return found


def test_what_tools_answer_is_told() -> None:
    """Line by line, without headers and tabs."""
    found = _machine(WELL)
    assert {"thin", "zpool", "path"} <= {*found.all("told")}
    assert ("vg pool 12.50 91.20",) == found.all("thin")
    assert {"tank": "DEGRADED"} == found.pairs("zpool")
    assert ("mpatha sdb failed",) == found.all("path")


@pytest.mark.parametrize("ends", ["return 5", "kill -9 $(exec sh -c 'echo $PPID')"], ids=["fails", "is killed"])
def test_a_tool_that_gives_no_answer_is_told(ends: str) -> None:
    """What it said before stands, and is not all."""
    found = _machine(WELL.replace("; }", f"; {ends}; }}"))
    assert {"thin", "zpool", "path"} <= {*found.all("failed")}
    assert {"thin", "zpool", "path"}.isdisjoint(found.all("told"))
    assert ("vg pool 12.50 91.20",) == found.all("thin")


def test_multipathd_that_ends_well_with_an_error_gives_no_answer() -> None:
    """Older ones say "timeout" or "fail", and end with 0."""
    assert "path" in _machine("multipathd() { echo timeout; }\n").all("failed")


def test_arrays_are_told_with_those_that_did_not_come_up() -> None:
    """An inactive one has no members in brackets."""
    cat = f'cat() {{ if [ "$1" = /proc/mdstat ]; then echo \'{ARRAYS}\'; else command cat "$@"; fi; }}\n'
    found = _machine(cat)
    assert ({"md0": "[U_]", "md127": "inactive"}, True) == (found.pairs("raid"), "raid" in found.all("told"))
