"""What the shell completes, asked as bash asks."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.running import Omc

Complete = Callable[..., list[str]]


@pytest.fixture
def complete(omc: Omc, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Return a function from words to what could stand in place of the last."""

    def words(*typed: str) -> list[str]:
        with monkeypatch.context() as asked:
            asked.setenv("_OMC_COMPLETE", "bash_complete")
            asked.setenv("COMP_WORDS", " ".join(("omc", *typed)))
            asked.setenv("COMP_CWORD", str(len(typed)))
            ran = omc()
        assert ran.err == ""
        return [line.partition(",")[2] for line in ran.out.splitlines() if line]

    return words


def test_commands_and_options(complete: Complete) -> None:
    assert complete("inv") == ["inventory"]
    assert {"guests", "show", "kvm1", "production"} <= set(complete("inventory", ""))
    assert "--where" in complete("inventory", "guests", "--w")
    assert complete("inventory", "guests", "-o", "js") == ["json"]


def test_hosts_and_groups_in_patterns(complete: Complete) -> None:
    assert complete("inventory", "guests", "kv") == ["kvm1", "kvm2"]
    assert complete("inventory", "guests", "production:!kv") == ["production:!kvm1", "production:!kvm2"]
    assert set(complete("inventory", "--limit", "la")) == {"lab", "lab1"}


def test_names_of_guests_once_they_are_known(complete: Complete, omc: Omc) -> None:
    assert complete("inventory", "show", "we") == []
    omc("inventory")
    assert complete("inventory", "show", "we") == ["web1", "web2", "web3"]
    assert complete("inventory", "show", "kvm1/we") == ["kvm1/web1", "kvm1/web2"]
    assert "kvm1" in complete("inventory", "show", "")


def test_columns_after_a_comma(complete: Complete) -> None:
    assert complete("inventory", "guests", "--sort", "name,-memory_b") == ["name,-memory_bytes"]


def test_broken_site_completes_nothing_and_says_nothing(complete: Complete, site: Path) -> None:
    (site / "inventory" / "hosts.yaml").write_text("{")
    assert complete("inventory", "guests", "kv") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_names_this_program(omc: Omc, shell: str) -> None:
    assert "_OMC_COMPLETE" in omc("completion", shell).out


def test_bash_accepts_the_script(omc: Omc) -> None:
    subprocess.run(["bash", "-n"], input=omc("completion", "bash").out, text=True, check=True, timeout=60)


def test_portability_profiles_and_the_ends_of_a_move(complete: Complete, omc: Omc) -> None:
    assert complete("audit", "--profile", "co") == ["core-2026"]
    omc("inventory")
    assert "web2" in complete("audit", "migrate", "we")
    assert complete("audit", "migrate", "web2", "kv")[:2] == ["kvm1", "kvm2"]
