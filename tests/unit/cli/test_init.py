"""`omc init` makes a site that works at once, whatever its folder is called."""

import json
import shlex
from pathlib import Path

import pytest

from omc.errors import Exit
from tests.unit.cli.running import Omc


@pytest.mark.parametrize("folder", ["new", "x y", "a/b c", "it's 50%, #1?", "é\u00a0ü"])
def test_a_new_site_works_in_a_folder_of_any_name(omc: Omc, folder: str) -> None:
    assert Exit.OK == omc("init", folder).code
    checked = omc("site", "check", "--site", folder)
    assert (Exit.OK, f"{folder}: 3 hosts, 2 groups, 0 mistakes\n", "") == checked
    ran = omc("inventory", "--site", folder, "-o", "json")
    assert ["ok", "ok", "ok"] == [host["status"] for host in json.loads(ran.out)["hosts"]]


@pytest.mark.parametrize("folder", ["new", "x y", "it's"])
def test_what_to_type_next_can_be_typed(omc: Omc, site: Path, folder: str) -> None:
    said = omc("init", folder).err.strip()
    edited, typed = said.removeprefix("a new site: edit ").split(", then: ")
    (path,) = shlex.split(edited)
    assert (site / path).is_file()
    assert ["cd", folder, "&&", "omc", "inventory"] == shlex.split(typed)


def test_what_is_there_is_kept(omc: Omc, site: Path) -> None:
    (site / "mine" / "inventory").mkdir(parents=True)
    ran = omc("init", "mine")
    assert (Exit.USAGE, "") == (ran.code, ran.out)
    assert "mine/inventory: there is something already\n  hint: choose an empty folder\n" in ran.err
    assert [] == list((site / "mine" / "inventory").iterdir())
