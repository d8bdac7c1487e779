"""The reference page of the site format has every key and every variable that omc reads, and its examples hold."""

import re
from pathlib import Path

import msgspec
import pytest

from omc.site import Settings, load_site
from omc.site import uri as uri_module
from omc.site.find import HOSTS_NAMES
from omc.site.resolve import BUILT_IN
from omc.site.variables import EXTENSIONS
from omc.site.yaml_hosts import SECTIONS

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "site.md").read_text()
ROWS = [re.split(r" *(?<!\\)\| *", line)[1:-1] for line in PAGE.splitlines() if line.startswith("| `")]
VARIABLES = [name for group in dir(uri_module) if group.endswith("_NAMES") for name in getattr(uri_module, group)]


def row_of(name: str) -> list[str]:
    (row,) = (row for row in ROWS if f"`{name}`" in row[0].split(", "))
    return row


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented_with_its_default(field: msgspec.structs.FieldInfo) -> None:
    default = row_of(field.name)[1]
    if isinstance(field.default, bool):
        assert str(field.default).lower() == default
    else:
        assert field.default in ({"", default} if isinstance(field.default, str) else {float(default)})


@pytest.mark.parametrize("name", [*VARIABLES, *BUILT_IN, *SECTIONS])
def test_every_name_that_omc_reads_is_documented(name: str) -> None:
    assert row_of(name)[1]


@pytest.mark.parametrize("name", HOSTS_NAMES[:-1])
def test_every_hosts_file_is_documented(name: str) -> None:
    assert row_of(name)[1]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_every_kind_of_variables_file_is_documented(extension: str) -> None:
    assert f"`web{extension}`" in PAGE


@pytest.mark.parametrize(("language", "name"), [("yaml", "hosts.yaml"), ("ini", "hosts.ini")])
def test_the_example_of_an_inventory_is_sound(language: str, name: str, tmp_path: Path) -> None:
    example = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[0]
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / name).write_text(example)
    site = load_site(tmp_path)
    assert "192.0.2.21" == site.hosts["kvm21.example.com"].variables["ansible_host"]
    assert 22 == len(site.hosts)


def test_the_example_of_the_settings_is_sound(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[-1]
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.ini").write_text("kvm1\n")
    (tmp_path / "inventory" / "site.yaml").write_text(example)
    assert ("postgresql:///omc", 64) == (load_site(tmp_path).settings.store, load_site(tmp_path).settings.parallel)


@pytest.mark.parametrize(
    "written",
    ["kvm[1:3]", "kvm[01:10]", "kvm[1:9:2]", "rack-[a:c]", "r[1:2]n[a:b]", "kvm1:2222"],
)
def test_the_examples_of_host_names_stand_for_what_the_page_says(written: str, tmp_path: Path) -> None:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.ini").write_text(f"{written}\n")
    hosts = list(load_site(tmp_path).hosts)
    told = [word.strip(",") for word in row_of(written)[1].split() if re.fullmatch(r"(kvm|rack-|r)\w+,?", word)]
    assert set(told) <= set(hosts)
    assert hosts[0] == told[0]
