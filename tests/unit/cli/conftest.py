"""omc run as a user runs it: on a site of libvirt's test driver, with a store of its own."""

import shutil
from pathlib import Path

import pytest

from omc.cli.main import main
from omc.inventory.store import default_url
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


@pytest.fixture(scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a copy of the reference site, whose hosts were collected."""
    folder = tmp_path_factory.mktemp("collected")
    shutil.copytree(reference_root() / "inventory", folder / "site" / "inventory")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_STATE_HOME", str(folder))
        assert 0 == main(("--site", str(folder / "site"), "inventory"))
        return Path(default_url(folder / "site").removeprefix("sqlite:///"))


@pytest.fixture
def collected(omc: Omc, site: Path, _store: Path) -> Omc:
    """Give omc on a site whose hosts were collected, once for the tests of a file."""
    place = Path(default_url(site).removeprefix("sqlite:///"))
    place.parent.mkdir(parents=True)
    shutil.copy(_store, place)
    return omc
