"""What audit.yaml says of guests and limits, and that mistakes in it are named with their line."""

from pathlib import Path

import pytest

from omc.audit.rules import all_rules
from omc.audit.settings import read_audit_settings
from omc.errors import SiteError
from omc.site.clusters import cluster_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("guests: [web1, kvm2/db, 'test*']\n", ("web1", "kvm2/db", "test*")),
        ("guests: []\n", ()),
        ("guests:\n", None),
        ("clusters: [a]\n", None),
    ],
)
def test_a_list_that_is_empty_is_not_none(tmp_path: Path, text: str, expected: tuple[str, ...] | None) -> None:
    """An empty list says that there should be no guests; without one nobody says anything."""
    path = tmp_path / "audit.yaml"
    path.write_text(text, encoding="utf-8")
    assert expected == read_audit_settings(path, ()).guests


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("guests: web1\n", "expected a list of guests, found"),
        ("guests:\n  - web1\n  - [db]\n", "the name of a guest: expected text"),
    ],
)
def test_what_is_no_list_of_names_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """With the line that it stands on."""
    path = tmp_path / "audit.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SiteError, match=told) as caught:
        read_audit_settings(path, ())
    assert str(path) in (caught.value.where or "")


def test_a_limit_of_a_rule_that_has_none_is_refused(tmp_path: Path) -> None:
    """With the command that tells what the rule goes by, not with an empty list of limits."""
    path = tmp_path / "audit.yaml"
    path.write_text("limits: {H13: {reserve_gib: 3}}\n", encoding="utf-8")
    with pytest.raises(SiteError, match="H13 has no limits") as caught:
        read_audit_settings(path, all_rules())
    assert "omc audit explain H13" == caught.value.hint


GROUPS = ("all", "production", "lab")


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        ("clusters: [prodution]\n", "no group is named 'prodution'", "meant production?"),
        ("limits: {H99: {ratio: 8}}\n", "there is no rule 'H99'", "omc audit rules lists them"),
        ("limits: {h14: {ratio: 8}}\n", "there is no rule 'h14'", "meant H14?"),
        ("limits: {H25: {warning_percent: 950}}\n", "expected a number from 0 to 100", ""),
        ("limits: {H25: {warning_percent: 95}}\n", "warning_percent .95. is above critical_percent .90.", "turn them"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, told: str, hint: str) -> None:
    """A group that is not there, a rule that is not, a share of more than all, a warning after what is critical."""
    path = tmp_path / "audit.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SiteError, match=told) as caught:
        read_audit_settings(path, all_rules(), groups=GROUPS)
    assert (caught.value.hint or "").startswith(hint)
    assert f"{path}:1" == caught.value.where


def test_what_makes_sense_is_taken(tmp_path: Path) -> None:
    """What is promised may be more than all, and a cluster may be everything."""
    path = tmp_path / "audit.yaml"
    path.write_text("clusters: [lab, all]\nlimits: {H25: {promised_percent: 300, warning_percent: 90}}\n", "utf-8")
    settings = read_audit_settings(path, all_rules(), groups=GROUPS)
    assert ("lab", "all") == settings.clusters
    assert {"H25": {"promised_percent": 300, "warning_percent": 90}} == settings.limits
    assert "all" == cluster_name(("production",), settings.clusters)
