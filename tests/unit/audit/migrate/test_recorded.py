"""Guests as real libvirts describe them, held to a move and to a profile: whatever they have, there is an answer."""

from pathlib import Path

import msgspec
import pytest

from omc.audit.migrate.move import Move
from omc.audit.migrate.verdict import AREAS, judge
from omc.audit.profile.judging import judge_guest
from omc.audit.profile.reading import find_profile
from omc.audit.profile.sheet import CoreHost, Sheet, sheet_of
from omc.model import Guest, Host
from omc.site import reference_root

DATA = Path(__file__).parents[3] / "data"
DOMAINS = sorted(DATA.joinpath("domains").glob("*.json"))
HOSTS = sorted(DATA.joinpath("hosts").glob("*[!w].json"))


def _guest(path: Path) -> Guest:
    return msgspec.json.decode(path.read_bytes(), type=Guest)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("path", DOMAINS, ids=lambda path: path.stem)
def test_every_guest_gets_a_verdict_on_every_host(path: Path, *, live: bool) -> None:
    """In every area, and each thing that blocks or is not told says what."""
    for host in (Host(name="bare", uri=""), *(msgspec.json.decode(one.read_bytes(), type=Host) for one in HOSTS)):
        there = msgspec.structs.replace(host, name="there")
        verdict = judge(Move.of(_guest(path), host, there, live=live))
        assert {area for area, _ in AREAS} == {check.area for check in verdict.checks}
        assert all(check.message for check in verdict.checks)
        assert "would run" != verdict.verdict


@pytest.mark.parametrize("path", DOMAINS, ids=lambda path: path.stem)
def test_every_guest_is_held_to_the_profile(path: Path) -> None:
    """With all add-ons, on hosts that were read and on none."""
    profile = find_profile("core-2026", [reference_root()])
    sheets = [sheet_of(msgspec.json.decode(one.read_bytes(), type=CoreHost)) for one in HOSTS]
    for sheet in (Sheet(hosts=()), *sheets):
        for judged in (judge_guest(_guest(path), sheet, one) for one in (profile, profile.having(("gpu", "secure")))):
            assert set(judged.areas) == {one.area for one in profile.guests if one.status == "required"}
            assert judged.verdict in judged.areas.values()


def test_what_ties_a_guest_is_found_in_what_libvirt_wrote() -> None:
    """Devices that are passed through, and sealed memory."""
    profile = find_profile("core-2026", [reference_root()])
    for name, area in (("passthrough", "devices"), ("sev", "firmware"), ("commandline", "cpu")):
        judged = judge_guest(_guest(DATA / "domains" / f"{name}.json"), Sheet(hosts=()), profile)
        assert "tied" == judged.areas[area], name
