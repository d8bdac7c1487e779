"""Rules that other packages bring: found wherever Python finds packages, and not looked for where there are none."""

import zipfile
from pathlib import Path

import pytest

from tests.unit.cli.running import program

RULE = """
from omc.audit.rule import Found, host_rule

@host_rule("X1", severity="info", title="Always", reason="r", source="s", fix="f", reads=("Host.name",))
def always(host, seen):
    yield Found(message="here it is")
"""
METADATA = "Metadata-Version: 2.1\nName: others\nVersion: 1\n"
DECLARED = "[omc.rules]\nothers = others\n"
FILES = {"others.py": RULE, "others-1.dist-info/METADATA": METADATA, "others-1.dist-info/entry_points.txt": DECLARED}


def _folder(place: Path) -> Path:
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return place


def _egg(place: Path) -> Path:
    egg = place / "others-1-py3.egg"
    for name, text in FILES.items():
        file = egg / name.replace("others-1.dist-info/METADATA", "EGG-INFO/PKG-INFO").replace(
            "others-1.dist-info", "EGG-INFO"
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return egg


def _archive(place: Path) -> Path:
    with zipfile.ZipFile(place / "others.zip", "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    return place / "others.zip"


@pytest.mark.parametrize("install", [_folder, _egg, _archive])
def test_an_installed_package_brings_its_rules(install, tmp_path: Path) -> None:
    """As a folder, an egg or an archive on Python's path."""
    ran = program("audit", "rules", "-o", "tsv", environ={"PYTHONPATH": str(install(tmp_path))})
    assert any(line.startswith("X1\tinfo\thost\tAlways") for line in ran.out.splitlines()), ran.err


def test_without_one_the_metadata_of_packages_is_not_read() -> None:
    """The path names folders that are not there, too."""
    ran = program("audit", "rules", "-o", "tsv", environ={"PYTHONPATH": "/nowhere", "PYTHONPROFILEIMPORTTIME": "1"})
    assert "H01" in ran.out
    assert [] == [line for line in ran.err.splitlines() if line.endswith((" importlib.metadata", " ssl"))]
