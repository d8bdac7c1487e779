"""An output format that another package brings is treated by its kind, in every command, and by no list of names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.running import Omc

RENDER = """
def render(listing, page):
    yield " / ".join(column.name for column in listing.columns).encode() + b"\\n"
    for row in listing.rows:
        yield " / ".join(map(str, row)).encode() + b"\\n"
"""
STRUCTURE = """
def render(listing, page):
    yield from (b"thing " + document + b"\\n" for document in listing.documents)

def one(document):
    return b"one " + document

def inventory(head, hosts, issues):
    yield f"{head['schema']} {len(list(hosts))} hosts {len(list(issues))} issues".encode()
"""

Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a package whose format `slashes` is this module."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(code: str) -> None:
        name = f"slashes_{tmp_path.name}"
        (tmp_path / f"{name}.py").write_text(code)
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (folder / "entry_points.txt").write_text(f"[omc.formats]\nslashes = {name}\n")

    return installed


def test_kind_people_gets_words_and_the_sheet(omc: Omc, install: Install) -> None:
    install(f'KIND = "people"\nWIDE = False\n{RENDER}')
    assert omc("inventory", "-o", "slashes").out.startswith("name / status / guests / vcpus / memory_bytes / allocated")
    assert omc("inventory", "guests", "-o", "slashes").out.startswith("host / name / state")
    assert "memory_bytes  " in omc("inventory", "show", "web1", "-o", "slashes").out
    assert "resized" not in omc("inventory", "history", "web1", "-o", "slashes").out
    assert "variables" not in omc("site", "hosts", "-o", "slashes").out


def test_kind_columns_gets_raw_values(omc: Omc, install: Install) -> None:
    install(f'KIND = "columns"\nWIDE = True\n{RENDER}')
    assert "hypervisor_version" in omc("inventory", "-o", "slashes").out.splitlines()[0]
    assert " / uuid / " in omc("inventory", "guests", "-o", "slashes").out.splitlines()[0]
    assert omc("inventory", "show", "web1", "-o", "slashes").code == 2
    assert "variables" in omc("site", "hosts", "-o", "slashes").out


def test_kind_structure_gets_whole_things(omc: Omc, install: Install) -> None:
    install(f'KIND = "structure"\nWIDE = True\n{STRUCTURE}')
    assert " 3 hosts 16 issues" in omc("inventory", "-o", "slashes").out
    lines = omc("inventory", "guests", "-o", "slashes").out.splitlines()
    assert len(lines) == 15
    assert all(line.startswith("thing {") and '"disks":[' in line for line in lines)
    assert omc("inventory", "show", "web1", "-o", "slashes").out.startswith('one {"host":"kvm1"')


def test_format_without_its_parts_is_refused_by_name(omc: Omc, install: Install) -> None:
    install(f'KIND = "structure"\n{RENDER}')
    ran = omc("inventory", "guests", "-o", "slashes")
    assert (ran.code, ran.out) == (1, "")
    assert "the output format 'slashes' lacks WIDE, one, inventory" in ran.err
    assert "Traceback" not in ran.err
