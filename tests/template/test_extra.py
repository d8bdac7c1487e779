"""What -e may say and what not; the password of sudo, from a secret or asked for."""

import pytest

from tests.sshd import ADMIN, ADMIN_PASSWORD, Options
from tests.template.fleet import Fleet
from tests.unit.cli.running import Terminal

ASKS = Options(sudo="ALL=(ALL) ALL")
BECOME = {"ansible_user": ADMIN, "ansible_become": True}
REFERENCE = "{{ secret('env:SUDO') }}"


def test_sudos_password_is_a_secret_of_the_site(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by way of another variable."""
    monkeypatch.setenv("OMC_SECRET_SUDO", ADMIN_PASSWORD)
    fleet.add("a", "b", variables={**BECOME, "ansible_become_password": REFERENCE}, options=ASKS)
    fleet.variables("b", ansible_become_password="{{ mine }}", mine=REFERENCE)
    fleet.template()
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert 0 == ran.code, ran.err
    assert {"a": "value = new\n", "b": "value = new\n"} == fleet.contents()


def test_a_secret_that_cannot_be_used_is_not_in_the_message(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the inventory computes of it."""
    monkeypatch.setenv("OMC_SECRET_SUDO", ADMIN_PASSWORD)
    fleet.add("a", variables={**BECOME, "ansible_become_password": "{{ 1 + secret('env:SUDO') }}"}, options=ASKS)
    fleet.variables("a", ansible_become_password="{{ [].index(secret('env:SUDO')) }}")
    fleet.template()
    ran = fleet.omc("template", "plan", "all", "--debug")
    assert 3 == ran.code
    assert "ansible_become_password cannot be resolved" in ran.err
    assert ADMIN_PASSWORD not in ran.err


def test_a_person_is_asked_for_sudos_password(fleet: Fleet) -> None:
    """Unseen, and once for all hosts."""
    fleet.add("a", "b", variables=BECOME, options=ASKS)
    fleet.template()
    terminal = Terminal(("--site", str(fleet.site), "template", "apply", "all", "-K", "--yes"), columns=100)
    terminal.wait_for("sudo password: ")
    terminal.press(f"{ADMIN_PASSWORD}\n".encode())
    assert 0 == terminal.finish(), terminal.text
    assert ADMIN_PASSWORD not in terminal.text
    assert 1 == terminal.text.count("sudo password")
    assert {"a": "value = new\n", "b": "value = new\n"} == fleet.contents()


def test_a_misspelt_extra_variable_is_told(fleet: Fleet) -> None:
    """One that a template or another variable reads is not, nor is one of a file."""
    fleet.add("a")
    fleet.template(variables={"level": {"type": "integer", "default": 3}})
    fleet.variables("a", other="{{ inner }}")
    fleet.site.joinpath("more.yaml").write_text("elsewhere: 1\n")
    words = ("level=2", "value=x", "inner=1", "levle=4", f"@{fleet.site}/more.yaml")
    ran = fleet.omc("template", "plan", "all", *(part for word in words for part in ("-e", word)))
    assert 4 == ran.code, ran.err
    assert ["warning: -e levle: none of these templates reads it", "  hint: meant level?"] == ran.err.splitlines()


@pytest.mark.parametrize(
    ("variable", "hint"), [("ansible_become_password=x", "-K asks for it"), ("ansible_user=x", "in the inventory")]
)
def test_how_a_host_is_reached_is_no_extra_variable(fleet: Fleet, variable: str, hint: str) -> None:
    """It is refused, instead of being ignored."""
    fleet.add("a")
    fleet.template()
    ran = fleet.omc("template", "plan", "all", "-e", variable)
    assert 2 == ran.code
    assert f"{variable.partition('=')[0]} is not taken from -e" in ran.err
    assert hint in ran.err
