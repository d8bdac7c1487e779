"""Names of tabs and columns: RVTools' own where they mean the same, and marked where they are omc's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from omc.report.tab import OWN, Tab
from omc.report.tabs import TABS

RVTOOLS: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parents[2] / "data/report/rvtools.yaml").read_text(encoding="utf-8")
)
SHARED = [tab for tab in TABS if tab.name in RVTOOLS]
NEEDED = {  # what tools that read RVTools' workbooks do not do without
    "vInfo": (
        *("VM", "Powerstate", "Template", "SRM Placeholder", "DNS Name", "CPUs", "Memory", "NICs", "Disks"),
        *("Provisioned MiB", "In Use MiB", "Primary IP Address", "Network #1", "Firmware", "Datacenter", "Cluster"),
        *("Host", "OS according to the configuration file", "OS according to the VMware Tools", "VM ID", "VM UUID"),
        *("VI SDK Server", "VI SDK UUID"),
    ),
    "vHost": ("Host", "Datacenter", "Cluster", "CPU Model", "Speed", "# CPU", "Cores per CPU", "# Cores", "# Memory"),
    "vDisk": ("VM", "Disk", "Disk Path", "Capacity MiB", "Thin", "Controller", "VM UUID"),
    "vPartition": ("VM", "Disk", "Capacity MiB", "Consumed MiB"),
    "vMemory": ("VM", "Size MiB"),
    "vCPU": ("VM", "CPUs", "Sockets", "Cores p/s"),
    "vDatastore": ("Name", "Type", "Capacity MiB", "Free MiB"),
}


def names(tab: Tab) -> list[str]:
    return [column.name for column in tab.columns]


def own(tab: Tab) -> Iterator[str]:
    return (name for name in names(tab) if name.startswith(OWN))


@pytest.mark.parametrize("tab", SHARED, ids=lambda tab: tab.name)
def test_what_is_not_rvtools_own_is_marked_and_stands_behind(tab: Tab) -> None:
    """A column that RVTools does not have says so, and comes after those that it has."""
    count = len(list(own(tab)))
    assert set(names(tab)[: len(tab.columns) - count]) <= set(RVTOOLS[tab.name])
    assert [] == [name for name in names(tab)[len(tab.columns) - count :] if not name.startswith(OWN)]


@pytest.mark.parametrize("tab", SHARED, ids=lambda tab: tab.name)
def test_rvtools_columns_are_in_its_order(tab: Tab) -> None:
    """Who knows the one workbook finds the way in the other."""
    found = [name for name in names(tab) if not name.startswith(OWN)]
    assert [name for name in RVTOOLS[tab.name] if name in found] == found


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.name)
def test_no_two_columns_have_one_name(tab: Tab) -> None:
    """A reader takes a column by its name."""
    assert len(tab.columns) == len({column.name.lower() for column in tab.columns})


def test_tabs_are_in_rvtools_order_and_its_own_come_last() -> None:
    """All that RVTools does not have begin with omc."""
    found = [tab.name for tab in TABS]
    shared = [tab.name for tab in SHARED]
    assert [name for name in RVTOOLS if name in shared] == shared
    assert found[: len(shared)] == shared
    assert [] == [name for name in found[len(shared) :] if not name.startswith("omc")]


@pytest.mark.parametrize("tab", NEEDED)
def test_what_importers_need_is_there(tab: str) -> None:
    """The columns without which well-known readers of RVTools' workbooks refuse one."""
    (found,) = [names(each) for each in TABS if each.name == tab]
    assert set() == set(NEEDED[tab]) - set(found)


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.name)
def test_mib_are_named_where_the_name_is_omcs_own(tab: Tab) -> None:
    """A number of MiB says so; where RVTools leaves it out, the reference does."""
    unsaid = [column for column in tab.columns if column.kind == "mib" and "MiB" not in column.name]
    assert [] == [column.name for column in unsaid if column.name.startswith(OWN)]
    assert [] == [column.name for column in unsaid if "MiB" not in column.about]
