"""Whole guests in the order of a list, while others write to the store."""

from pathlib import Path

import msgspec
import pytest

from omc.cli.context import Run
from omc.cli.inventory.documents import guest_documents
from tests.unit.cli.running import Omc


@pytest.mark.parametrize("sort", [("name",), ("-name",)])
def test_guest_that_vanishes_meanwhile_costs_nothing_but_itself(omc: Omc, site: Path, sort: tuple[str, ...]) -> None:
    """The keys were read, then another run saw that a guest is gone: all others are given, in their order."""
    omc("inventory")
    run = Run({"OMC_SITE": str(site)})
    keys = list(run.store.query("guests", columns=("host", "uuid", "name"), hosts=("kvm1",), sort=sort))
    path = site / "inventory" / "demo" / "kvm1.xml"
    start, name, rest = path.read_text().partition("<name>mail1</name>")
    assert name
    path.write_text(start[: start.rindex("<domain")] + rest.partition("</domain>")[2])
    omc("inventory")
    documents = guest_documents(run, [key[:2] for key in keys], at=None)
    shown = [msgspec.json.decode(document)["name"] for document in documents]
    run.close()
    assert shown == [name for *_, name in keys if name != "mail1"]
