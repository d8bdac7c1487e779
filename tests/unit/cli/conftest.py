"""omc run as a user runs it: on a site of libvirt's test driver, with a store of its own."""

import shutil
from pathlib import Path

import pytest

from omc.cli.main import main
from omc.site import reference_root
from tests.unit.cli.running import Omc, Ran


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the reference site with a store beside it, and step into it."""
    root = tmp_path / "site"
    shutil.copytree(reference_root() / "inventory", root / "inventory")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("OMC_SITE", "NO_COLOR", "SUDO_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def omc(site: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Omc:
    """Return a function that runs omc with these arguments on the site."""

    def run(*arguments: str) -> Ran:
        capfdbinary.readouterr()
        code = main(arguments)
        out, err = capfdbinary.readouterr()
        return Ran(code, out.decode(), err.decode())

    return run
