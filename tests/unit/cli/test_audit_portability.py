"""`omc audit --profile` and `omc audit migrate` as a user runs them, on the reference site."""

import json
from pathlib import Path

import pytest

from omc.inventory.formats import BUILT_IN
from omc.inventory.store import default_url, open_store
from omc.model import Guest, Host
from tests.unit.cli.running import Omc


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_profile_is_shown_in_every_format_of_lists(collected: Omc, name: str) -> None:
    """Groups first, then each host with its guests; the totals are on stderr."""
    ran = collected("audit", "--profile", "core-2026", "-o", name)
    assert 0 == ran.code, ran.err
    assert "core-2026 (current): 15 guests: " in ran.err
    assert "kvm1" in ran.out


def test_json_has_the_sheet_of_groups_and_hosts(collected: Omc) -> None:
    """And of guests the areas, with what is told of each."""
    found = json.loads(collected("audit", "--profile", "core-2026", "-o", "json").out)
    assert ["group", "host", "guest"] == list(dict.fromkeys(one["kind"] for one in found))
    assert {"group", "host"} == {one["kind"] for one in found if "sheet" in one}
    guest = next(one for one in found if one["kind"] == "guest")
    assert {"requirement", "area", "status", "level", "subject", "value", "message", "fix"} == set(guest["told"][0])
    assert {"cpu", "machine", "disks", "network"} <= set(guest["areas"])


def test_fail_on_takes_tied_for_critical(collected: Omc) -> None:
    """The test driver's guests are of no type that moves; a host that does not conform is critical."""
    assert 4 == collected("audit", "--profile", "core-2026", "--fail-on", "critical").code
    assert 0 == collected("audit", "--profile", "core-2026").code


def test_patterns_choose_what_is_held_to_it(collected: Omc) -> None:
    """Of a group that is not whole it is not known what all of its hosts offer."""
    found = json.loads(collected("audit", "kvm1", "--profile", "core-2026", "-o", "json").out)
    assert {"kvm1"} == {one["host"] for one in found if one["kind"] != "group"}
    (group,) = (one for one in found if one["kind"] == "group")
    assert (["kvm1"], False) == (group["sheet"]["hosts"], group["sheet"]["whole"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["core-2026", "--rule", "G04"], "--profile goes with none of --rule"),
        (["core-2026", "-o", "sarif"], "-o sarif has no place for a profile"),
        (["core-2062"], "meant core-2026?"),
        (["core-2026+gpus"], "meant gpu?"),
    ],
)
def test_what_does_not_fit_together_is_said(collected: Omc, arguments: list[str], message: str) -> None:
    """A mistake of the command line."""
    ran = collected("audit", "--profile", *arguments)
    assert (2, "") == (ran.code, ran.out)
    assert message in ran.err


def test_a_mistake_in_a_sites_profile_is_named(collected: Omc, site: Path) -> None:
    """With its line."""
    (site / "inventory" / "profiles" / "mine.yaml").write_text("title: Mine\nstatus: curent\n", encoding="utf-8")
    ran = collected("audit", "--profile", "mine")
    assert 1 == ran.code
    assert "mine.yaml:" in ran.err


def test_a_move_is_judged(collected: Omc) -> None:
    """What blocks it is listed, the verdict is on stderr, and CI sees it in the exit code."""
    guest = json.loads(collected("inventory", "guests", "kvm1", "-o", "json").out)[0]["name"]
    ran = collected("audit", "migrate", f"kvm1/{guest}", "kvm2", "-o", "csv")
    assert 4 == ran.code, ran.err
    assert "status,area,message,fix" == ran.out.splitlines()[0]
    assert f"kvm1/{guest} on kvm2, " in ran.err
    assert "\nfine," not in ran.out
    assert "\nfine," in collected("audit", "migrate", f"kvm1/{guest}", "kvm2", "-o", "csv", "--all").out


@pytest.mark.parametrize("name", ["json", "ndjson"])
def test_programs_get_the_whole_verdict(collected: Omc, name: str) -> None:
    """One document, with every area."""
    guest = json.loads(collected("inventory", "guests", "kvm1", "-o", "json").out)[0]["name"]
    verdict = json.loads(collected("audit", "migrate", f"kvm1/{guest}", "kvm2", "-o", name).out)
    assert (guest, "kvm1", "kvm2") == (verdict["guest"], verdict["source"], verdict["target"])
    assert {"area", "status", "message", "fix"} == set(verdict["checks"][0])
    assert {"host", "names", "cpu", "storage", "devices"} <= {one["area"] for one in verdict["checks"]}


def test_on_a_terminal_a_fix_is_never_cut(collected: Omc) -> None:
    """It is typed again."""
    guest = json.loads(collected("inventory", "guests", "kvm1", "-o", "json").out)[0]["name"]
    out = collected("audit", "migrate", f"kvm1/{guest}", "kvm2", "-o", "table").out
    assert "…" not in out
    assert "fix: " in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nobody", "kvm2"], "knows no guest named nobody"),
        (["{guest}", "kvm9"], "knows no host named kvm9"),
        (["{guest}", "kvm1"], "is on kvm1 already"),
    ],
)
def test_a_move_that_cannot_be_meant_is_refused(collected: Omc, words: list[str], message: str) -> None:
    """A mistake of the command line."""
    guest = json.loads(collected("inventory", "guests", "kvm1", "-o", "json").out)[0]["name"]
    ran = collected("audit", "migrate", *(word.format(guest=f"kvm1/{guest}") for word in words))
    assert (2, "") == (ran.code, ran.out)
    assert message in ran.err


def test_names_that_nobody_vouches_for_are_harmless(omc: Omc, site: Path) -> None:
    """A guest's owner gave it a name that moves the cursor: it is printed without doing so."""
    assert 0 == omc("inventory").code
    _record(site, Host(name="evil", uri="qemu:///x", collected_at="2026-11-21T10:00:00Z", guests=(_evil("evil"),)))
    ran = omc("audit", "migrate", "evil/a\x1b[2Jb", "kvm1")
    assert "\x1b" not in ran.out + ran.err
    assert r"a\x1b[2Jb" in ran.err


def _evil(host: str) -> Guest:
    return Guest(host=host, name="a\x1b[2Jb", uuid="e", state="running", type="kvm", arch="x86_64", memory_bytes=1)


def _record(site: Path, host: Host) -> None:
    store = open_store(default_url(site))
    try:
        store.record(store.begin(actor="test", selection="all"), host, {})
    finally:
        store.close()
