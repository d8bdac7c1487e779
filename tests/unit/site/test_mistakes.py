"""Every mistake in a site's files is refused with file, line, what was found and what was expected.

A mistake is a file in tests/data/sites/mistakes/, in the folder that says which file of a site it is; the exact
message, and the hint behind it, stand beside it under the same name with `.txt`.
"""

import shutil
from pathlib import Path

import pytest

from omc.errors import OmcError, SiteError
from omc.site import load_site
from omc.site.load import read_site

MISTAKES = Path(__file__).parents[2] / "data" / "sites" / "mistakes"
FILES = sorted(path for path in MISTAKES.rglob("*") if path.is_file() and path.suffix != ".txt")
SOUND = "kvm:\n  hosts:\n    kvm1:\n"


def placed(file: Path, root: Path) -> Path:
    """Put a file with a mistake where it belongs in a site that is sound otherwise."""
    inventory = root / "inventory"
    targets = {
        "hosts": inventory / f"hosts{file.suffix}",
        "settings": inventory / "site.yaml",
        "variables": inventory / "group_vars" / "all.yml",
    }
    target = targets[file.parent.name]
    target.parent.mkdir(parents=True)
    shutil.copyfile(file, target)
    if file.parent.name != "hosts":
        (inventory / "hosts.yaml").write_text(SOUND)
    return root


def shown(error: OmcError, root: Path) -> str:
    return (
        f"{error}\nhint: {error.hint}\n".replace(f"{root}/", "") if error.hint else f"{error}\n".replace(f"{root}/", "")
    )


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(MISTAKES)))
def test_a_mistake_is_refused_with_its_exact_message(file: Path, tmp_path: Path) -> None:
    root = placed(file, tmp_path / "site")
    with pytest.raises(SiteError) as caught:
        load_site(root)
    assert file.with_name(f"{file.name}.txt").read_text() == shown(caught.value, root)


def test_every_message_belongs_to_a_mistake() -> None:
    assert {path.name for path in MISTAKES.rglob("*.txt")} == {f"{path.name}.txt" for path in FILES}


def test_all_mistakes_are_found_and_not_only_the_first(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory"
    (inventory / "group_vars").mkdir(parents=True)
    (inventory / "hosts.yaml").write_text("kvm:\n  host:\n    kvm1:\n  hosts:\n    kvm[5:1]:\n    kvm2:\nlab: text\n")
    (inventory / "group_vars" / "kvm.yml").write_text("- a list\n")
    (inventory / "site.yaml").write_text("paralel: 8\ntimeout_seconds: soon\n")
    reading = read_site(tmp_path)
    lines = [mistake.where.removeprefix(f"{inventory}/") for mistake in reading.mistakes]
    expected = ["hosts.yaml:2", "hosts.yaml:5", "hosts.yaml:7", "group_vars/kvm.yml:1", "site.yaml:1", "site.yaml:2"]
    assert expected == lines
    assert ["kvm2"] == list(reading.site.hosts)
    with pytest.raises(SiteError) as caught:
        load_site(tmp_path)
    assert caught.value.hint.endswith("(and 5 more: omc site check lists them)")


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "inventory" / "host_vars").mkdir(parents=True)
    (tmp_path / "inventory" / "hosts.yaml").write_text(SOUND)
    (tmp_path / "inventory" / "host_vars" / "kvm1").symlink_to("kvm1")
    with pytest.raises(SiteError, match=r"kvm1: cannot be read: Too many levels of symbolic links"):
        load_site(tmp_path)


def test_a_folder_without_an_inventory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="no inventory here"):
        load_site(tmp_path)


def test_two_inventories_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "inventory" / "hosts").mkdir(parents=True)
    (tmp_path / "inventory" / "hosts.yaml").write_text(SOUND)
    with pytest.raises(SiteError, match=r"expected one inventory, found hosts\.yaml and hosts"):
        load_site(tmp_path)
