"""The timer of --confirm where systemd runs: a unit of its own, which no end of a login session takes along."""

from collections.abc import Iterator

import pytest

from omc.templates.remote.change import change
from omc.templates.remote.confirm import confirm
from omc.templates.remote.job import Outcome
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from tests.machine.machine import Machine
from tests.remote.machine import MachineShell, changed, job, soon

A = "/root/site-a.conf"


@pytest.fixture
def shell(own_machine: Machine) -> Iterator[MachineShell]:
    """A shell of a machine whose first process is systemd."""
    own_machine.run("sh", "-c", f"cp /usr/bin/setsid /run/setsid; rm -rf /var/lib/omc; echo old >{A}")
    yield MachineShell(own_machine)
    own_machine.run("sh", "-c", "systemctl stop 'omc-*.timer'")


def apply(shell: MachineShell, seconds: int) -> Outcome:
    return change(shell, job(changed(A, b"old\n", b"new\n"), confirm_seconds=seconds), deadline=soon())


def units(machine: Machine) -> list[str]:
    shown = machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "omc-*")
    return sorted(line.split()[0].rpartition(".")[2] for line in shown.splitlines())


def content(machine: Machine) -> str:
    return machine.run("cat", A)


def test_systemd_puts_everything_back(own_machine: Machine, shell: MachineShell):
    """Nothing of omc's own runs meanwhile, and no unit remains."""
    assert "waiting" == apply(shell, 1).status
    assert "" == own_machine.run("sh", "-c", "pgrep -f '[r]evert.sh' || true")
    until = (
        "until grep -q restored /var/lib/omc/runs/R1/h1/journal && ! systemctl is-active 'omc-*'; do sleep 0.1; done"
    )
    own_machine.run("timeout", "30", "sh", "-c", until)
    assert "old\n" == content(own_machine)
    assert [] == units(own_machine)
    assert "reverted" == confirm(shell, "R1", "h1", deadline=soon()).code


@pytest.mark.parametrize("step", [confirm, rollback])
def test_whoever_decides_calls_the_timer_off(own_machine: Machine, shell: MachineShell, step: object):
    assert "waiting" == apply(shell, 1000).status
    assert ["timer"] == [unit for unit in units(own_machine) if unit == "timer"]
    assert "waiting" == resume(shell, "R1", "h1", deadline=soon()).status
    found = step(shell, "R1", "h1", deadline=soon())  # type: ignore[operator]
    assert found.status in {"changed", "rolled_back"}
    assert [] == units(own_machine)
    assert ("new\n" if step is confirm else "old\n") == content(own_machine)
