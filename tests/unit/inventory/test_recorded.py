"""Every recorded document of libvirt reads as the JSON beside it says: a case is an XML and its JSON, found by name.

The JSON holds only what differs from the model's defaults, so that it can be read and a new field changes no case.
`pytest tests/unit/inventory/test_recorded.py --update-golden` writes it anew; the diff is then to be read.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omc.inventory.capabilities import read_capabilities, read_domain_capabilities
from omc.inventory.devices import read_device
from omc.inventory.domain import GuestParser, parse_guest
from omc.inventory.domain.snapshots import read_checkpoint, read_snapshot
from omc.inventory.hardware import read_hardware
from omc.inventory.network import read_network
from omc.inventory.storage import read_pool, read_volume
from omc.ports import RawLease, RawNetwork, RawPool
from tests.unit.inventory.raw_answers import DATA, assembled, recorded_host, sparse


def pool(xml: str) -> object:
    raw = RawPool(name="p", uuid="u", xml=xml, state=2, capacity_bytes=3, allocation_bytes=2, available_bytes=1)
    return read_pool(raw, volumes=None, where="kvm1")


def network(xml: str) -> object:
    leases = (RawLease(mac="52:54:00:AA:00:01", address="192.0.2.7"),)
    raw = RawNetwork(name="n", uuid="u", xml=xml, active=True, leases=leases)
    return read_network(raw, where="kvm1")


READERS: dict[str, Callable[[str], object]] = {
    "domains": lambda xml: parse_guest(xml, host="kvm1"),
    "snapshots": lambda xml: read_snapshot(xml, where="kvm1", current="live"),
    "checkpoints": lambda xml: read_checkpoint(xml, where="kvm1"),
    "capabilities": lambda xml: read_capabilities(xml, where="kvm1"),
    "domcapabilities": lambda xml: read_domain_capabilities(xml, where="kvm1"),
    "sysinfo": lambda xml: read_hardware(xml, where="kvm1"),
    "nodedev": lambda xml: read_device(xml, where="kvm1"),
    "pools": pool,
    "volumes": lambda xml: read_volume(xml, pool="images", where="kvm1"),
    "networks": network,
}
CASES = sorted(path for folder in READERS for path in (DATA / folder).glob("*.xml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_document_reads_as_its_json_says(path: Path, request: pytest.FixtureRequest):
    """Given a document that libvirt wrote, return the facts in the JSON of the same name."""
    found = sparse(READERS[path.parent.name](path.read_text(encoding="utf-8")))
    expected = path.with_suffix(".json")
    if request.config.getoption("--update-golden"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    assert json.loads(expected.read_text(encoding="utf-8")) == found


@pytest.mark.parametrize("path", sorted((DATA / "domains").glob("*.xml")), ids=lambda path: path.stem)
def test_reading_in_pieces_gives_what_reading_the_whole_gives(path: Path):
    """A parser that has seen every other guest of the host reads each of them no differently."""
    parser = GuestParser("kvm1")
    text = path.read_text(encoding="utf-8")
    for other in sorted((DATA / "domains").glob("*.xml")):
        parser.parse(other.read_text(encoding="utf-8"))
    assert parse_guest(text, host="kvm1") == parser.parse(text) == parser.parse(text)


@pytest.mark.parametrize("path", sorted((DATA / "hosts").glob("*.raw.json")), ids=lambda path: path.name.split(".")[0])
def test_a_recorded_host_assembles_as_its_json_says(path: Path, request: pytest.FixtureRequest):
    """Given all raw answers of a host, return the Host in the JSON of the same name."""
    name = path.name.removesuffix(".raw.json")
    found = sparse(assembled(recorded_host(name)).host)
    expected = path.with_name(f"{name}.json")
    if request.config.getoption("--update-golden"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    assert json.loads(expected.read_text(encoding="utf-8")) == found


def test_there_are_cases_of_every_kind():
    """Each reader has at least one recorded document, and domains have many."""
    assert set(READERS) == {path.parent.name for path in CASES}
    assert len(list((DATA / "domains").glob("*.xml"))) >= 25
