"""What is shown on a terminal of 80 columns and less: names to type again are whole, messages are read to their end."""

import re

import pytest

from tests.template.fleet import PATH, Fleet
from tests.unit.cli.running import on_terminal


@pytest.mark.parametrize("columns", [80, 40])
def test_message_of_a_run_is_whole(fleet: Fleet, columns: int) -> None:
    """Below the table, a line a line, wrapped between words."""
    fleet.add("host-with-a-long-name", "b")
    words = "it does not like " + "what it is told and says so at length " * 3
    fleet.template(handlers=[{"command": f"sh -c 'echo {words}; echo {PATH}; exit 7'"}], hosts="host-with-a-long-name")
    fleet.template("other", files=[{"template": "file.j2", "path": "/etc/other"}])
    fleet.omc("template", "apply", "all", "--yes", "--max-fail", "2")
    run = fleet.history()[0]["run"]
    code, text = on_terminal(
        "--site",
        str(fleet.site),
        "template",
        "history",
        run,
        "--no-color",
        columns=columns,
        environ={"LANG": "C.UTF-8"},
    )
    assert 0 == code
    assert r"\n" not in text
    table, _, below = text.partition("\n\n")
    assert max(map(len, table.splitlines())) <= columns
    below, _, _ = below.partition("\nhost-with-a-long-name: not done yet")
    assert re.match(r"host-with-a-long-name: failed\n  ", below), text
    assert " ".join(words.split()) in " ".join(below.split())
    assert f"\n  {PATH}\n" in below
    assert "b: " not in below, "all went well there"
    assert max(map(len, below.splitlines())) <= columns
    assert r"\n" in fleet.omc("template", "history", run, "-o", "tsv").out, "a program gets it in its cell"


def test_names_of_templates_are_whole(fleet: Fleet) -> None:
    """And what they manage is no template's source: alternatives are told, and what differs is an asterisk."""
    fleet.add("a")
    _, text = on_terminal("--site", str(fleet.site), "template", "list", "--no-color", columns=80)
    assert "network-networkmanager  " in text
    assert "{{" not in text
    rows = [line.split("\t") for line in fleet.omc("template", "list", "-o", "tsv").out.splitlines()]
    manages = {row[0]: row[3] for row in rows}
    assert manages["chrony"].startswith("/etc/chrony.conf or /etc/chrony/chrony.conf")
    assert "/etc/systemd/network/20-omc-*.netdev" in manages["network-networkd"]
    assert "libvirt:network/*" in manages["libvirt-networks"]


def test_a_run_of_all_templates_says_so(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.template()
    fleet.omc("template", "apply", "all", "--yes")
    head, row = (line.split("\t") for line in fleet.omc("template", "history", "-o", "tsv").out.splitlines())
    assert "all" == row[head.index("templates")]
