"""The house stays in order: metadata equals the tree, make's targets lead somewhere, one place exits."""

import ast
import configparser
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from omc.errors import Exit

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "omc").rglob("*.py"))


def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_packages_in_setup_cfg_equal_the_tree():
    """Every package of omc/ is shipped, and so are the three folders of the reference site."""
    code = {".".join(path.parent.relative_to(ROOT).parts) for path in MODULES}
    data = {f"omc.reference.{folder}" for folder in ("inventory", "templates", "exporters")}
    assert code | data == set(setup_cfg()["options"]["packages"].split())


def test_every_package_says_what_it_is_for():
    """Each folder of code has an `__init__.py`, and each module opens with a docstring."""
    folders = {path.parent for path in MODULES}
    assert [] == [folder for folder in folders if not (folder / "__init__.py").exists()]
    assert [] == [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]


def test_the_data_folders_hold_no_package():
    """inventory/, templates/ and exporters/ are an operator's data: no Python package hides there."""
    assert [] == [
        folder for folder in ("inventory", "templates", "exporters") if (ROOT / folder / "__init__.py").exists()
    ]


def exits(path: Path) -> list[str]:
    """Return the places of a module that end the process."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in {("sys", "exit"), ("os", "_exit"), ("os", "abort")}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
        elif isinstance(node, ast.Name) and node.id in {"SystemExit", "exit", "quit"}:
            found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_only_cli_main_exits():
    """An error becomes an exit code in one place."""
    doors = {ROOT / "omc/cli/main.py", ROOT / "omc/__main__.py"}
    assert [] == [place for path in MODULES if path not in doors for place in exits(path)]


def test_floors_name_every_module_of_omc():
    """A new module or package at the top of omc/ has a floor, or no contract would hold it."""
    named = set(re.findall(r"omc\.(\w+)", setup_cfg()["importlinter:contract:floors"]["layers"]))
    present = {path.relative_to(ROOT / "omc").parts[0].removesuffix(".py") for path in MODULES} - {
        "__init__",
        "__main__",
    }
    assert set() == present - named


@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_every_exit_code_is_documented(code):
    """docs/reference/exit-codes.md has a row for each code."""
    assert f"| {code.value} | `{code.name}` |" in (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")


def test_make_help_is_the_default_and_lists_every_target():
    """`make` alone says what there is to do."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert phony is not None
    shown = subprocess.run(
        ["make", "-C", ROOT, "--no-print-directory"], check=True, capture_output=True, text=True
    ).stdout
    assert set(phony[1].split()) - {"$(INTERNAL)"} == set(re.findall(r"^  make (\S+)", shown, re.M))


def test_what_the_makefile_runs_exists():
    """No target leads to a module or a script that is not there."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    modules = [name.replace(".", "/") for name in re.findall(r"-m (tests[\w.]*)", text)]
    assert [] == [
        name for name in modules if not (ROOT / name / "__main__.py").exists() and not (ROOT / f"{name}.py").exists()
    ]
    scripts = re.findall(r"^\t@?(?:\$\(sudo\) )?((?:packaging|tests)/\S+)", text, re.M)
    assert [] == [script for script in scripts if not (ROOT / script).exists()]


def test_readme_starts_with_the_two_commands():
    """What a newcomer types stands in the first block of the README."""
    block = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[1]
    assert "make demo" in block
    assert "make test" in block


def test_change_fragments_have_a_kind_that_a_release_collects():
    """A fragment with a misspelt kind would be left out in silence."""
    kinds = {
        kind["directory"] for kind in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]["type"]
    }
    names = [path.name for path in (ROOT / "docs/changes").glob("*.md") if path.name != "README.md"]
    assert [] == [name for name in names if not re.fullmatch(rf"(\d+|\+[\w-]+)\.({'|'.join(kinds)})\.md", name)]
