"""A profile's file: the shipped ones are sound, every mistake is named with its line."""

import re
from pathlib import Path

import pytest

from omc.audit.profile.facts import FACTS, HOST_FACTS
from omc.audit.profile.form import REQUIRED
from omc.audit.profile.reading import find_profile, names, read_profile
from omc.errors import SiteError, UsageError
from omc.site import reference_root

SHIPPED = [reference_root()]
PLAIN = """title: Title
status: current
guests:
  - {id: a, area: cpu, fact: cpu.mode, title: mode, fix: edit, portable: [custom]}
hosts:
  - {id: a, area: cpu, fact: type, title: type, fix: none, needs: [kvm]}
"""


def _read(tmp_path: Path, text: str) -> SiteError:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SiteError) as raised:
        read_profile(path)
    return raised.value


@pytest.mark.parametrize("name", names(SHIPPED))
def test_shipped_profiles_are_sound(name: str) -> None:
    """Named after their year, with the three add-ons, and each add-on can be had."""
    assert re.fullmatch(r"[a-z]+-20[0-9]{2}", name)
    profile = find_profile(name, SHIPPED)
    assert {"gpu", "secure", "realtime"} == set(profile.addons)
    everything = find_profile("+".join((name, *profile.addons)), SHIPPED)
    assert f"{name}+gpu+secure+realtime" == everything.name
    assert len(everything.hosts) > len(profile.hosts)


def test_core_2026_speaks_of_every_fact() -> None:
    """A fact that no requirement names is one that nobody looks at."""
    profile = find_profile("core-2026", SHIPPED)
    assert set(FACTS) == {one.fact for one in profile.guests}
    assert {"required", "advisory", "deprecated"} == {one.status for one in profile.guests}


def test_every_fact_stands_in_the_specification() -> None:
    """Each with its row, so that a profile can be written without reading code."""
    page = (Path(__file__).parents[4] / "docs" / "reference" / "profiles.md").read_text(encoding="utf-8")
    guests, hosts = page.partition("## Facts of guests")[2].split("## Facts of hosts")
    assert list(FACTS) == re.findall(r"^\| `([a-z.-]+)` \|", guests, re.MULTILINE)
    assert set(HOST_FACTS) == set(re.findall(r"^\| `([a-z.-]+)` \|", hosts, re.MULTILINE))


def test_an_addon_replaces_what_has_its_id() -> None:
    """With secure a TPM is asked for, not refused; the place in the list stays."""
    core, secure = (find_profile(name, SHIPPED) for name in ("core-2026", "core-2026+secure"))
    (before,), (after,) = ([one for one in each.guests if one.id == "tpm"] for each in (core, secure))
    assert (("none",), ("emulator-2.0",)) == (before.portable, after.portable)
    assert [one.id for one in core.guests] == [one.id for one in secure.guests]


def test_the_sites_own_profile_wins(tmp_path: Path) -> None:
    """A file of the same name in the site's inventory/profiles."""
    (tmp_path / "inventory" / "profiles").mkdir(parents=True)
    (tmp_path / "inventory" / "profiles" / "core-2026.yaml").write_text(PLAIN, encoding="utf-8")
    assert "Title" == find_profile("core-2026", [tmp_path, *SHIPPED]).title


@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        ("cor-2026", "there is no profile 'cor-2026'", "meant core-2026?"),
        ("core-2026+gpus", "has no add-on 'gpus'", "meant gpu?"),
        ("../../etc/passwd", "there is no profile '../../etc/passwd'", "core-2026"),
        ("", "there is no profile ''", "core-2026"),
    ],
)
def test_what_is_not_there_is_named(wanted: str, message: str, hint: str) -> None:
    """With the name that was meant."""
    with pytest.raises(UsageError) as raised:
        find_profile(wanted, SHIPPED)
    assert message in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("status: current", "status: now", 2, "status: expected one of next, current, deprecated, found 'now'"),
        ("fact: cpu.mode", "fact: cpu.mood", 4, "there is no fact of guests 'cpu.mood'"),
        ("fact: type", "fact: kind", 6, "there is no fact of hosts 'kind'"),
        ("portable: [custom]", "portabel: [custom]", 4, "unknown key 'portabel' in a requirement"),
        (", portable: [custom]", "", 4, "a requirement without portable, conversion or tied"),
        (", needs: [kvm]", "", 6, "a requirement without needs or any"),
        ("portable: [custom]", "portable: [yes]", 4, "portable: expected text, found the truth value 'yes'"),
        ("area: cpu, fact: type", "area: cup, fact: type", 6, "area: expected one of"),
        ("title: mode, ", "", 4, "a requirement without title"),
        ("hosts:", "guests:", 5, "the key 'guests' comes twice"),
        ("[kvm]", "kvm", 6, "expected a list of values for needs, found the text 'kvm'"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, before: str, after: str, line: int, message: str) -> None:
    """What was found, and what was expected."""
    assert before in PLAIN
    error = _read(tmp_path, PLAIN.replace(before, after))
    assert message in error.message
    assert f"{tmp_path}/mine.yaml:{line}" == error.where


def test_an_empty_file_is_no_profile(tmp_path: Path) -> None:
    """It is said where to read about the form."""
    assert "the profile is empty" == _read(tmp_path, "").message
    assert "expected a profile, found a list" in _read(tmp_path, "[1]").message


def test_an_id_comes_once(tmp_path: Path) -> None:
    """Add-ons replace by it."""
    double = PLAIN.replace("hosts:", PLAIN.splitlines()[3] + "\nhosts:")
    assert "the id 'a' comes twice" == _read(tmp_path, double).message


def test_a_requirement_decides_unless_it_says_otherwise() -> None:
    """The status is required by default."""
    assert REQUIRED == find_profile("core-2026", SHIPPED).guests[0].status
