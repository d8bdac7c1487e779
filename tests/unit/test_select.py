"""Patterns that Ansible lets pass with a warning are refused here, with what may have been meant."""

import pytest

from omc.errors import Exit, UsageError
from omc.select import select
from omc.site import Group, Settings, Site, SiteHost
from omc.site.find import reference_root


def site(*names: str) -> Site:
    hosts = {name: SiteHost(name=name, uri="test:///default", groups=("kvm",), variables={}) for name in names}
    groups = {
        "all": Group(name="all", hosts=names, children=("kvm",), variables={}),
        "kvm": Group(name="kvm", hosts=names, children=(), variables={}),
        "empty": Group(name="empty", hosts=(), children=(), variables={}),
    }
    return Site(root=reference_root(), hosts=hosts, groups=groups, settings=Settings(), source="a test")


def names(patterns: list[str]) -> list[str]:
    return [host.name for host in select(site("web1", "web2", "db1"), patterns)]


def test_no_pattern_selects_all() -> None:
    assert ["web1", "web2", "db1"] == names([])


def test_several_arguments_are_one_selection() -> None:
    assert ["db1", "web1"] == names(["db1", "web*", "!web2"])


def test_a_host_is_selected_once_however_often_it_matches() -> None:
    assert ["web1", "web2", "db1"] == names(["web1", "web*", "all"])


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("wbe1", "no host and no group is named 'wbe1'"),
        ("web1:nothere", "no host and no group is named 'nothere'"),
        ("all:!wbe2", "no host and no group is named 'wbe2'"),
        ("all:&kmv", "no host and no group is named 'kmv'"),
        ("~^mail", "no host and no group matches '~^mail'"),
        ("~web(", "'~web(' is no regular expression: missing ), unterminated subpattern at position 3"),
        ("mail*", "no host matches 'mail*'"),
        ("empty", "no host matches 'empty'"),
        ("web*:!web*", "no host matches 'web*:!web*'"),
        ("kvm[9]", "'kvm[9]' asks for a position that is not there: 3 hosts match before the bracket"),
        ("", "expected a pattern of hosts, found an empty one"),
        (" , ", "expected a pattern of hosts, found an empty one"),
        ("!", "expected a host or a group behind & or !, found nothing"),
    ],
)
def test_a_pattern_without_a_host_is_a_usage_error(pattern: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        names([pattern])
    assert message == caught.value.message
    assert caught.value.hint
    assert Exit.USAGE == caught.value.exit_code


def test_a_misspelt_name_gets_the_near_ones_as_a_hint() -> None:
    with pytest.raises(UsageError) as caught:
        names(["wbe1"])
    assert "meant web1?" == caught.value.hint


def test_an_exclusion_by_wildcard_need_not_match() -> None:
    assert ["web1", "web2", "db1"] == names(["all:!test*"])
