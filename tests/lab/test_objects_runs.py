"""Runs with libvirt objects: handlers that follow them, the machine's lock, --confirm, --health, kill -9 anywhere."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest

from tests.lab import guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.objects import FILE, NAME, NETWORK, POOL, STOP_ONCE, Site, find, site, xml

__all__ = ["site"]
pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

SAID = "/var/lib/libvirt/omc-said"
FOLLOWS = [{"command": f"sh -c 'virsh -q net-info {NAME} >>{SAID} 2>&1 && cat {FILE} >>{SAID}'"}]


@pytest.fixture(autouse=True)
def _silent(host: Host) -> None:
    host.run("rm", "-f", SAID, "/run/once")


def said(site: Site) -> str:
    return site.host.run("sh", "-c", f"cat {SAID} 2>/dev/null || :")


def test_a_handler_follows_the_objects_of_its_template(site: Site, connection: libvirt.virConnect) -> None:
    """It runs once, when files and objects are there; after a rollback it runs again, and the object is gone then."""
    site.template({"network": NETWORK}, handlers=FOLLOWS)
    planned = site.plan()
    assert "then runs: sh -c 'virsh" in planned.stdout, planned
    assert site.apply().code == 0
    assert said(site).count("n = 0") == said(site).count("Name:") == 1
    assert site.plan().code == 0
    site.host.run("rm", SAID)
    rolled = site("rollback", site.run(), "--yes")
    assert "failed to get network" in said(site)
    assert rolled.code == 3
    assert "virsh" in rolled.stderr
    assert (find(connection, "network"), site.file()) == (None, "none")


def test_a_handler_that_fails_puts_objects_and_files_back(site: Site, connection: libvirt.virConnect) -> None:
    """It ran after them, and runs once more when they are back; no other run is kept away by that."""
    site.template({"network": NETWORK})
    assert site.apply().code == 0
    before = xml(connection, "network")
    site.template({"network": NETWORK}, handlers=[{"command": f"sh -c 'cat {FILE} >>{SAID}; grep -q 0 {FILE}'"}])
    applied = site.apply("-e", "n=5")
    assert applied.code == 3
    assert "kvm1: restored" in applied.stdout, applied
    assert (xml(connection, "network"), site.file(), said(site)) == (before, "n = 0", "n = 5\nn = 0\n")
    assert site.plan().code == 0


def test_a_second_run_is_refused_while_objects_are_defined(site: Site, connection: libvirt.virConnect) -> None:
    """It is told who is at it; so is one that comes after a kill, until the run is finished."""
    site.template({}, "other")
    site.template({}, "stopping", handlers=[{"command": STOP_ONCE}])
    site.template({"network": NETWORK}, file=False)
    begun = "until [ -e /var/lib/omc/runs/*/*/objects ] && [ -e /run/once ]; do :; done"
    process = site.omc.start("template", "apply", "kvm1", "stopping", "objects", "--yes", "-e", "n=5")
    try:
        site.host.run("sh", "-c", begun)
        first = site.run()
        refused = site("apply", "kvm1", "other", "--yes", "-e", "n=6")
        assert refused.code == 3
        assert f"run {first} of " in refused.stderr, refused
        assert "it defines its libvirt objects, or was cut off there" in refused.stderr
        assert f"run {first} defines libvirt objects" in refused.stdout
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        site.host.run("sh", "-c", "kill -CONT $(cat /run/libvirtd.pid)")
    again = site("apply", "kvm1", "other", "--yes", "-e", "n=6")
    assert again.code == 3
    assert f"omc template resume {first}" in again.stdout
    assert site("resume", first, "--yes", "-e", "n=5").code == 0
    assert "10.201.0.5" in str(xml(connection, "network"))
    assert site("apply", "kvm1", "other", "--yes", "-e", "n=6").code == 0


def test_confirm_takes_what_counts_later_and_refuses_what_counts_now(
    site: Site, connection: libvirt.virConnect
) -> None:
    """A definition alone cannot cut anybody off; a change of what runs, or a handler behind it, can."""
    site.template({"network": NETWORK})
    assert site.apply("--confirm", "30").code == 0
    assert site.apply("--confirm", "30", "--health", "true", "-e", "n=8").code == 0
    assert "10.201.0.8" in str(xml(connection, "network"))
    network = connection.networkLookupByName(NAME)
    network.create()
    refused = site.apply("--confirm", "30", "-e", "n=7")
    assert refused.code == 3
    assert f"libvirt:network/{NAME}: it takes effect now, and --confirm puts back files alone" in refused.stderr
    assert "without --confirm" in refused.stderr
    assert (site.file(), "10.201.0.8" in network.XMLDesc(0)) == ("n = 8", True)
    network.destroy()
    site.template({"network": NETWORK}, handlers=FOLLOWS)
    refused = site.apply("--confirm", "30", "-e", "n=7")
    assert "follows libvirt objects, and --confirm puts back files alone" in refused.stderr
    assert (site.file(), said(site)) == ("n = 8", "")


def test_health_says_no_and_objects_are_put_back_by_a_rollback(site: Site, connection: libvirt.virConnect) -> None:
    """Without --confirm it only stops the run; with it the definitions wait for it, and are never made."""
    site.template({"network": NETWORK})
    assert site.apply("--confirm", "6", "--health", "false").code == 3
    assert (find(connection, "network"), site.file()) == (None, "none")


ROOT = Path(__file__).parents[2]


def steps_to_its_end(site: Site, number: int, *words: str) -> int:
    """Run omc with death before that step; 0 where it died, and all its steps where it came to its end."""
    command = [sys.executable, "-m", "tests.lab.killing", str(number), "--site", str(site.omc.site), "template", *words]
    environment = {**site.omc.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (-signal.SIGKILL, 0), done.stdout + done.stderr
    return 0 if done.returncode else int(done.stderr.split()[-1])


def every_kill(site: Site, *words: str) -> Iterator[int]:
    """Run omc with death before each step in turn; ends when there is no further one.

    With OMC_SWEEP=whole (`make sweep`) these are all steps; else every fourth, from one that the seed of the run of all
    tests chooses, so that all are met over time. Fewer than a dozen steps would prove nothing.
    """
    stride = 1 if os.environ.get("OMC_SWEEP") == "whole" else 4
    for number in range(random.randint(1, stride), 1000, stride):
        if steps := steps_to_its_end(site, number, *words):
            assert steps >= 12
            return
        yield number
    raise AssertionError("a thousand steps, and no end")


def newest_apply(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in site("history", "-o", "json").json if one["kind"] == "apply")
    return found


APPLY = ("apply", "kvm1", "objects", "--yes", "--disruptive", "-e", "n=7", "-e", "mask=255.255.0.0")
OLD = "255.255.255.0"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", ["resume", "rollback"])
def test_kill_of_omc_at_any_step_is_finished_or_put_back(
    site: Site, connection: libvirt.virConnect, host: Host, make_guests: MakeGuests, way: str
) -> None:
    """Each object is the old one or the new one; then all are, the network runs so, and its guest is on it."""
    network_text = NETWORK.replace('netmask="255.255.255.0"', "netmask=\"{{ mask | default('255.255.255.0') }}\"")
    site.template({"network": network_text, "pool": POOL}, handlers=[{"command": "true"}])
    assert site.apply().code == 0
    network = connection.networkLookupByName(NAME)
    network.create()
    make_guests(guests.Guest(name="swept", nics=(guests.nic(NAME, network=True),)))
    kinds = ("network", "pool")
    old = {kind: xml(connection, kind) for kind in kinds}
    new: dict[str, str | None] = {}
    last = newest_apply(site)["run"]
    for number in every_kill(site, *APPLY):
        run = newest_apply(site)
        now = {kind: xml(connection, kind) for kind in kinds}
        if run["run"] == last:  # it died before it was written down
            assert now == old
            continue
        last = run["run"]
        assert run["status"] == "interrupted", (number, run)
        words = ("-e", "n=7", "-e", "mask=255.255.0.0", "--disruptive") if way == "resume" else ()
        done = site(way, run["run"], "--yes", *words)
        assert done.code == 0, (number, done)
        if way == "resume":
            new = new or {kind: xml(connection, kind) for kind in kinds}
            assert {now[kind] in (old[kind], new[kind]) for kind in kinds} == {True}, number
            assert ({kind: xml(connection, kind) for kind in kinds}, site.file()) == (new, "n = 7"), number
            assert "255.255.0.0" in network.XMLDesc(0), number
            assert site("rollback", run["run"], "--yes").code == 0
        assert ({kind: xml(connection, kind) for kind in kinds}, site.file()) == (old, "n = 0"), number
        assert OLD in network.XMLDesc(0), number
        ports = [port.XMLDesc() for port in network.listAllPorts()]
        assert [port for port in ports if "<name>swept<" in port] == ports != [], number
        assert host.run("sh", "-c", "ls /sys/class/net/omc-test/brif").split() != [], number
        assert site.plan().code == 0, number
