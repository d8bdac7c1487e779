"""What is shipped works outside a checkout: the wheel is built, installed by itself, and run from elsewhere."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ("inventory", "templates", "exporters")
SOURCES = ("omc", *DATA, "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy, so that no earlier build can lend it files."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", out, source], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment that holds the wheel alone, and sees what it depends on in that of the tests."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", wheel], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A plain line in a .pth is a folder for the path; .pth files in there (this checkout's own) are not read.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def run(folder, program, *arguments):
    """Run a program of the environment, away from the checkout."""
    command = [folder / "bin" / program, *arguments]
    environ = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=environ, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(installed):
    """The reference site as the installed omc finds it."""
    found = run(installed, "python", "-c", "from omc.site import reference_root; print(reference_root())")
    assert 0 == found.returncode, found.stderr
    return Path(found.stdout.strip())


def test_the_wheel_holds_the_reference_site_whole(wheel):
    """Every file of the three data folders is shipped, below omc/reference."""
    files = [path for folder in DATA for path in (ROOT / folder).rglob("*") if path.is_file()]
    names = zipfile.ZipFile(wheel).namelist()
    assert set() == {f"omc/reference/{path.relative_to(ROOT)}" for path in files} - set(names)


def test_the_wheel_holds_every_file_of_omc(wheel):
    """No file beside the modules (SQL, templates) is forgotten."""
    files = [path for path in (ROOT / "omc").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert set() == {str(path.relative_to(ROOT)) for path in files} - set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_no_tests_and_no_docs(wheel):
    """Only omc and its metadata are installed."""
    assert {"omc"} == {name.split("/")[0].split("-")[0] for name in zipfile.ZipFile(wheel).namelist()}


def test_version_runs_outside_the_checkout(installed, wheel):
    """`omc --version` of the installed wheel says the wheel's version."""
    result = run(installed, "omc", "--version")
    assert 0 == result.returncode, result.stderr
    assert wheel.name.split("-")[1] in result.stdout


def test_the_installed_omc_finds_the_shipped_reference_site(installed, site):
    """The look-up takes the branch of an installed package, not that of a checkout."""
    assert site.is_relative_to(installed)
    assert "omc/reference" == "/".join(site.parts[-2:])


def test_the_reference_site_is_read_outside_the_checkout(installed, site):
    """The URIs of its hosts lead to the files that were installed beside it."""
    result = run(installed, "omc", "--site", str(site), "site", "hosts", "-o", "json")
    assert 0 == result.returncode, result.stderr
    uris = [host["uri"] for host in json.loads(result.stdout)]
    assert uris
    assert [] == [uri for uri in uris if not uri.startswith(f"test://{site}/inventory/demo/")]


def test_the_inventory_of_the_reference_site_is_collected_outside_the_checkout(installed, site):
    """`omc inventory` of the installed wheel reads every demo host."""
    result = run(installed, "omc", "--site", str(site), "inventory", "--max-age", "0", "-o", "json")
    assert 0 == result.returncode, result.stderr
    assert {"ok"} == {host["status"] for host in json.loads(result.stdout)["hosts"]}
