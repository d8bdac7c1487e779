"""`omc inventory` on real hosts, whole and broken: a fault costs its host alone and is named."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from tests.lab import faults, guests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Answer, Omc, make_site

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

HOSTS = ("kvm1", "kvm2", "kvm3")


@pytest.fixture(scope="module", autouse=True)
def two_guests_a_host(lab: Lab) -> Iterator[None]:
    made = []
    for name in HOSTS:
        with lab.hosts[name].connect() as connection:
            wanted = [guests.halting(lab.hosts[name], f"{name}-{kind}") for kind in ("runs", "rests")]
            domains = guests.define(connection, wanted)
            guests.start(domains[:1])
            made.append(name)
    yield
    for name in made:
        with lab.hosts[name].connect() as connection:
            guests.remove([connection.lookupByName(f"{name}-{kind}") for kind in ("runs", "rests")])


@pytest.fixture
def omc(lab: Lab, tmp_path: Path) -> Omc:
    return make_site(tmp_path, {name: lab.uri(lab.hosts[name]) for name in HOSTS})


def collect(omc: Omc, *words: str) -> Answer:
    return omc("inventory", "--max-age", "0", "-o", "json", *words)


def hosts_of(answer: Answer) -> dict[str, dict]:
    return {host["name"]: host for host in answer.json["hosts"]}


def names(host: dict) -> set[str]:
    return {guest["name"] for guest in host["guests"]}


def assert_others_whole(answer: Answer, bad: str) -> None:
    for name, host in hosts_of(answer).items():
        if name != bad:
            assert host["status"] == "ok", host["issues"]
            assert {f"{name}-runs", f"{name}-rests"} <= names(host)


def test_every_host_and_guest_is_there(omc: Omc):
    answer = collect(omc)
    assert answer.code == 0, answer.stderr
    document = answer.json
    assert {"schema", "collected_at", "hosts", "issues"} <= document.keys()
    assert_others_whole(answer, bad="")
    states = {guest["name"]: guest["state"] for host in document["hosts"] for guest in host["guests"]}
    assert ("running", "shut off") == (states["kvm1-runs"], states["kvm1-rests"])


FAULTS: dict[str, tuple[Callable[[Lab, Host], AbstractContextManager[None]], str, str]] = {
    "down": (lambda lab, host: faults.cut_link(host), "unreachable deadline", "host up"),
    "silent": (lambda lab, host: faults.silent(lab, host.address), "deadline", "host up"),
    "stopped": (lambda lab, host: faults.stopped_libvirt(host), "deadline", "libvirtd"),
    "killed": (lambda lab, host: faults.killed_libvirt(host), "no-daemon", "systemctl start"),
    "unknown-key": (faults.unknown_host_key, "unknown-host-key", "ssh-keyscan"),
    "changed-key": (faults.changed_host_key, "unknown-host-key", "ssh-keygen -R"),
    "refused-key": (lambda lab, host: faults.refused_key(host), "authentication", "ssh -o BatchMode=yes"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_host_is_named_with_its_reason_and_the_rest_is_whole(lab: Lab, omc: Omc, fault: str):
    breaking, code, hint = FAULTS[fault]
    with breaking(lab, lab.hosts["kvm2"]):
        answer = collect(omc)
    assert answer.code == 3, answer.stderr
    assert_others_whole(answer, bad="kvm2")
    broken = hosts_of(answer)["kvm2"]
    assert broken["status"] == "unreachable"
    assert broken["status_reason"]
    (issue,) = broken["issues"]
    assert issue["code"] in code.split(), issue
    assert hint in issue["hint"]
    assert issue in answer.json["issues"]
    assert "Traceback" not in answer.stderr
    assert answer.seconds < 20


def test_a_name_that_does_not_resolve_is_named(lab: Lab, tmp_path: Path):
    uri = f"qemu+ssh://root@{faults.UNRESOLVABLE}/system"
    answer = collect(make_site(tmp_path, {"kvm1": lab.uri(lab.hosts["kvm1"]), "ghost": uri}))
    assert answer.code == 3
    assert "resolve" == hosts_of(answer)["ghost"]["issues"][0]["code"]
    assert_others_whole(answer, bad="ghost")


def test_the_table_names_the_broken_host_and_what_to_do(lab: Lab, omc: Omc):
    with faults.refused_key(lab.hosts["kvm2"]):
        answer = omc("inventory", "--max-age", "0")
    assert answer.code == 3
    assert "kvm2" in answer.stdout
    assert "unreachable" in answer.stdout
    assert "Permission denied" in answer.stderr
    assert "BatchMode" in answer.stderr


def test_guests_of_a_host_that_went_away_stay_listed_and_are_not_removed(lab: Lab, omc: Omc):
    assert collect(omc).code == 0
    with faults.cut_link(lab.hosts["kvm2"]):
        answer = collect(omc)
        listed = omc("inventory", "guests", "-o", "json", "--max-age", "1h")
    assert answer.code == 3
    assert {"kvm2-runs", "kvm2-rests"} <= names(hosts_of(answer)["kvm2"])
    assert {"kvm2-runs", "kvm2-rests"} <= {guest["name"] for guest in listed.json}
    difference = omc("inventory", "diff", "--since", "1 hour ago", "-o", "json")
    assert difference.code == 0
    assert not [one for one in difference.json if "removed" in str(one).lower()]


def test_one_hung_guest_is_marked_and_all_others_are_whole(lab: Lab, omc: Omc):
    with faults.stopped_guest(lab.hosts["kvm1"], "kvm1-runs"):
        answer = collect(omc)
    assert answer.code == 3
    assert_others_whole(answer, bad="kvm1")
    host = hosts_of(answer)["kvm1"]
    assert host["status"] == "partial"
    assert ["guest/kvm1-runs"] == [issue["subject"] for issue in host["issues"] if issue["code"] == "hung"]
    resting = next(guest for guest in host["guests"] if guest["name"] == "kvm1-rests")
    assert resting["disks"][0]["capacity_bytes"] == 1 << 20
    assert answer.seconds < 15
    again = collect(omc)
    assert again.code == 0, again.stderr


def test_the_timeout_bounds_the_whole_and_names_who_was_not_reached(lab: Lab, omc: Omc):
    with faults.silent(lab, lab.hosts["kvm2"].address):
        answer = collect(omc, "--timeout", "2")
    assert answer.seconds < 2 + 1 + 1  # the budget, and the process itself on a busy machine
    assert answer.code == 3
    assert "deadline" == hosts_of(answer)["kvm2"]["issues"][0]["code"]
    assert_others_whole(answer, bad="kvm2")


def test_ctrl_c_keeps_what_was_collected_and_exits_with_130(lab: Lab, omc: Omc):
    with faults.silent(lab, lab.hosts["kvm2"].address):
        running = omc.start("inventory", "--max-age", "0")
        others = {"kvm1", "kvm3"}
        while others - set(omc("inventory", "sql", "SELECT name FROM hosts WHERE status = 'ok'").stdout.split()):
            assert running.poll() is None, "it did not wait for the silent host"
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=20)
    assert running.returncode == 130
    kept = omc("inventory", "guests", "-o", "json", "--max-age", "1h", "kvm1", "kvm3")
    assert {"kvm1-runs", "kvm3-rests"} <= {guest["name"] for guest in kept.json}


def test_two_runs_at_once_are_both_right(omc: Omc):
    running = [omc.start("inventory", "--max-age", "0", "-o", "json") for _ in range(2)]
    for one in running:
        out, err = one.communicate(timeout=60)
        assert one.returncode == 0, err
        assert_others_whole(Answer(0, out, err, 0), bad="")
    assert omc("store", "check").code == 0


def test_a_kill_in_the_middle_loses_nothing_of_earlier_runs(omc: Omc):
    assert collect(omc).code == 0
    for wait in (0.1, 0.4, 0.7):
        running = omc.start("inventory", "--max-age", "0")
        with suppress(subprocess.TimeoutExpired):
            running.communicate(timeout=wait)
        running.kill()
        running.communicate(timeout=20)
    assert omc("store", "check").code == 0
    listed = omc("inventory", "guests", "-o", "json", "--max-age", "1h")
    assert {f"{name}-{kind}" for name in HOSTS for kind in ("runs", "rests")} <= {one["name"] for one in listed.json}
