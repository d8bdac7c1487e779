"""--confirm and --health: what nobody confirms comes back by itself, and what is not well goes no further."""

import json
import re
import shlex
from pathlib import Path

import pytest

from omc.templates import health
from tests.template.fleet import HANDLED, PATH, Fleet

HANDLERS = [{"command": f"touch {HANDLED}"}]
CUTS = [{"command": "sh -c 'grep -q new /etc/omc-test.conf && pkill -x sshd; true'"}]


def test_health_check_that_fails_stops_before_the_next_batch(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "SECONDS", 1.5)
    fleet.add("a", "b", "c")
    fleet.template()
    check = tmp_path / "check"
    check.write_text('#!/bin/sh\necho "$OMC_HOSTS" >>"$0.log"\n! grep -q b "$0.log" || { echo "b is down"; exit 1; }\n')
    check.chmod(0o755)
    ran = fleet.omc("template", "apply", "all", "--yes", "--batch", "1", "--health", str(check))
    assert 3 == ran.code
    assert "not well yet, asked again until " in ran.err
    run = fleet.history()[0]["run"]
    assert f"put it back: omc template rollback {run}; or the rest: omc template resume {run}" in ran.err
    assert "b is down" in ran.err
    assert {"a": "changed", "b": "changed", "c": "not_begun"} == fleet.results()
    assert "stopped" == fleet.history()[0]["status"]


def test_confirmed_change_stays(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template()
    assert 0 == fleet.omc("template", "apply", "a", "--yes", "--confirm", "5").code
    host.run("sh", "-c", "while pgrep -f '[r]evert.sh'; do sleep 0.05; done")
    assert "value = new\n" == fleet.content("a")


@pytest.mark.usefixtures("little_grace")
def test_change_that_cuts_the_network_is_put_back_by_the_host_itself(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.put("a")
    fleet.template(handlers=CUTS)
    ran = fleet.omc("template", "apply", "a", "--yes", "--confirm", "5")
    assert 3 == ran.code
    assert re.search(r"it has put everything back by itself at about \d\d:\d\d:\d\d", ran.err)
    assert {"a": "unknown"} == fleet.results()
    host.run("sh", "-c", "until grep -q old /etc/omc-test.conf; do sleep 0.2; done")


def test_health_is_asked_before_a_batch_is_confirmed(fleet: Fleet, tmp_path: Path) -> None:
    """The check sees the change, and a host that still puts itself back."""
    (host,) = fleet.add("a")
    fleet.put("a")
    fleet.template()
    seen = tmp_path / "seen"
    command = shlex.join(host.command("sh", "-c", f"cat {PATH} /var/lib/omc/runs/*/a/journal"))
    check = shlex.join(["sh", "-c", f"{command} >{seen}"])
    ran = fleet.omc("template", "apply", "a", "--yes", "--confirm", "30", "--health", check)
    assert 0 == ran.code, ran.err
    assert "a: changed, to be confirmed when it is well\n" in ran.out
    assert "value = new" in seen.read_text()
    assert "waiting" in seen.read_text()
    assert "done" not in seen.read_text()
    assert {"a": "changed"} == fleet.results()
    assert 0 == fleet.omc("template", "status").code


def test_batch_that_is_not_well_is_put_back_at_once(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 1.5)
    fleet.add("a", "b", "c")
    fleet.template(handlers=HANDLERS)
    for name in "abc":
        fleet.put(name)
    arguments = ("--yes", "--confirm", "60", "--batch", "2", "--health", "false")
    ran = fleet.omc("template", "apply", "all", *arguments)
    assert 3 == ran.code
    assert {"value = old\n"} == set(fleet.contents().values())
    assert {"a": "restored", "b": "restored", "c": "not_begun"} == fleet.results()
    assert "the health check failed, so it was put back" in ran.err
    assert [] == fleet.leftovers("a")
    assert {"new"} == {one["state"] for one in json.loads(fleet.omc("template", "status", "-o", "json").out)}


@pytest.mark.usefixtures("little_grace")
def test_host_that_is_not_well_and_cut_off_puts_itself_back(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.put("a")
    fleet.template(handlers=CUTS)
    ran = fleet.omc("template", "apply", "a", "--yes", "--confirm", "5", "--health", "false")
    assert 3 == ran.code
    assert re.search(r"it has put everything back by itself at about \d\d:\d\d:\d\d", ran.err)
    host.run("sh", "-c", "until grep -q old /etc/omc-test.conf; do sleep 0.2; done")
    assert {"a": "unknown"} == fleet.results()
