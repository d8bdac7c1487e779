"""Words that other programs taught: `omc template` says what to type instead."""

from pathlib import Path

import pytest

from tests.unit.cli.running import Omc
from tests.unit.cli.test_template import templates

__all__ = ["templates"]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("plan motd", "motd is a template: omc template plan all motd"),
        ("apply motd chrony", "motd is a template: omc template apply all motd chrony"),
        ("status motd", "motd is a template: omc template status all motd"),
        ("render test-host motd", "motd is a template: omc template render motd test-host"),
        ("unlock motd", "omc site hosts lists the hosts and their groups"),
        ("plan chrnoy", "omc site hosts lists the hosts and their groups"),
    ],
)
def test_template_in_the_place_of_the_hosts_is_told(omc: Omc, templates: Path, words: str, hint: str) -> None:
    ran = omc("template", *words.split())
    assert 2 == ran.code
    assert f"hint: {hint}\n" in ran.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("plan --check", "omc template plan shows what would change, and changes nothing"),
        ("apply all motd -C", "omc template plan shows what would change, and changes nothing"),
        ("apply all --diff", "plan and apply show differences without it"),
        ("plan all -D", "plan and apply show differences without it"),
        ("plan -l kvm01", "write --limit kvm01"),
        ("status -lkvm01", "write --limit kvm01"),
        ("apply all --become", "ansible_become: true in the inventory; -K asks for sudo's password"),
        ("plan all -b", "ansible_become: true in the inventory; -K asks for sudo's password"),
        ("plan all -i hosts.yaml", "--site FOLDER, with inventory/ in it"),
        ("apply all --forks 5", "write --parallel 5"),
        ("apply all --tags x", "name templates behind the hosts"),
    ],
)
def test_option_of_ansible_is_refused_with_omcs_own(omc: Omc, templates: Path, words: str, hint: str) -> None:
    ran = omc("template", *words.split())
    assert 2 == ran.code
    option = next(word for word in words.split() if word.startswith("-"))
    assert ran.err.startswith("error: no such option: ")
    assert option[:2] in ran.err
    assert f"hint: {hint}\n" in ran.err


def test_options_of_ansible_are_in_no_help(omc: Omc) -> None:
    assert "--check" not in omc("template", "plan", "--help").out
