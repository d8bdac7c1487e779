"""What is added to a guest beside its XML: state, sizes, chains, addresses, memory, agent."""

import pytest

from omc.inventory.domain import Surroundings, complete_guest, parse_guest, surroundings_of
from omc.inventory.domain.states import STATES, state_words
from omc.model import Address, Disk, Guest, Lease, Network, Pool, Volume
from omc.ports import RawAddress
from tests.unit.inventory.raw_answers import domain, guest

NONE = Surroundings()
DISK = "    <disk type='file'><source file='/images/a.qcow2'/>{chain}<target dev='vda'/></disk>\n"
NIC = "    <interface type='network'><mac address='52:54:00:00:00:01'/><source network='n'/></interface>\n"


def complete(xml: str, surroundings: Surroundings = NONE, **fields: object) -> Guest:
    raw = guest(xml, **fields)
    return complete_guest(parse_guest(xml, host="kvm1"), raw, inactive=None, surroundings=surroundings)


def volume(path: str, **fields: object) -> Volume:
    return Volume(**{"pool": "images", "name": path.rpartition("/")[2], "path": path, "type": "file", **fields})


def of_volumes(*volumes: Volume) -> Surroundings:
    return surroundings_of([Pool(name="images", uuid="u", type="dir", state="running", volumes=volumes)], [])


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((1, 1), ("running", "booted")),
        ((3, 5), ("paused", "I/O error")),
        ((5, 7), ("shut off", "from snapshot")),
        ((6, 1), ("crashed", "panicked")),
        ((7, 0), ("pmsuspended", "unknown")),
        ((0, 0), ("no state", "unknown")),
        ((4, 1), ("in shutdown", "user")),
        ((1, 99), ("running", "unknown")),
        ((99, 0), ("unknown", None)),
        ((-1, 0), ("unknown", None)),
        (None, ("unknown", None)),
    ],
)
def test_states_are_in_libvirts_words(numbers: tuple[int, int] | None, words: tuple[str, str | None]):
    """Given libvirt's numbers, return what virsh says; a number that is not known is "unknown"."""
    assert words == state_words(numbers)
    assert 8 == len(STATES)


RUNNING_SIZES = {
    "block.count": 3,
    "block.0.name": "vda",
    "block.0.path": "/images/a.qcow2",
    "block.0.capacity": 100,
    "block.0.allocation": 30,
    "block.0.physical": 20,
    "block.1.name": "vda",
    "block.1.path": "/images/b.qcow2",
    "block.1.capacity": 90,
    "block.1.allocation": 10,
    "block.1.physical": 5,
    "block.2.name": "vdz",
}
CHAIN = "<backingStore type='file'><format type='qcow2'/><source file='/images/b.qcow2'/><backingStore/></backingStore>"


def only_disk(found: Guest) -> Disk:
    (disk,) = found.disks
    return disk


def sizes(item: object) -> tuple[int | None, int | None, int | None]:
    return item.capacity_bytes, item.allocation_bytes, item.physical_bytes  # type: ignore[attr-defined]


def test_a_running_guests_sizes_come_from_its_statistics():
    """Capacity, highest offset and space on the host stand where libvirt says them, for the top and the chain."""
    disk = only_disk(complete(domain(DISK.format(chain=CHAIN)), id=1, state=(1, 1), stats=RUNNING_SIZES))
    assert (100, 30, 20) == sizes(disk)
    assert [(90, 10, 5)] == [sizes(image) for image in disk.backing_chain]


def test_of_a_stopped_guest_libvirt_means_allocation_the_other_way_round():
    """Of a guest that is shut off "allocation" is the space on the host and "physical" the length of the file."""
    assert (100, 20, 30) == sizes(only_disk(complete(domain(DISK.format(chain="")), stats=RUNNING_SIZES)))


def test_statistics_of_another_image_are_not_taken():
    """Given an image of another path at the place in the chain (a copy's target), it gives no sizes."""
    stats = {**RUNNING_SIZES, "block.1.path": "/images/copy.qcow2"}
    disk = only_disk(complete(domain(DISK.format(chain=CHAIN)), id=1, state=(1, 1), stats=stats))
    assert [(None, None, None)] == [sizes(image) for image in disk.backing_chain]


def test_without_statistics_the_volume_tells():
    """Where the driver gives none (lxc, xen, test), sizes are those of the volume at the path."""
    around = of_volumes(volume("/images/a.qcow2", capacity_bytes=100, allocation_bytes=20, physical_bytes=30))
    assert (100, 30, 20) == sizes(only_disk(complete(domain(DISK.format(chain="")), around)))


def test_a_stopped_guests_chain_is_followed_through_the_volumes():
    """Where the XML has no chain, the volumes' backing paths give it, down to an image of no pool."""
    around = of_volumes(
        volume("/images/a.qcow2", backing_path="/images/b.qcow2", backing_format="qcow2"),
        volume("/images/b.qcow2", backing_path="/srv/base.raw", backing_format="raw", capacity_bytes=9),
    )
    chain = only_disk(complete(domain(DISK.format(chain="")), around)).backing_chain
    assert [("/images/b.qcow2", "qcow2", "volume", 9), ("/srv/base.raw", "raw", "volume", None)] == [
        (image.source, image.format, image.origin, image.capacity_bytes) for image in chain
    ]


def test_the_chain_of_the_xml_goes_on_in_the_volumes():
    """An XML that knows one image below the top is completed by what the volumes know below that."""
    around = of_volumes(volume("/images/b.qcow2", backing_path="/images/c.raw"))
    chain = only_disk(complete(domain(DISK.format(chain=CHAIN)), around)).backing_chain
    assert [("/images/b.qcow2", "xml"), ("/images/c.raw", "volume")] == [
        (image.source, image.origin) for image in chain
    ]


def test_a_circle_of_volumes_ends():
    """Given volumes that back each other, the chain stops where it would begin again."""
    around = of_volumes(
        volume("/images/a.qcow2", backing_path="/images/b.qcow2"),
        volume("/images/b.qcow2", backing_path="/images/a.qcow2"),
    )
    assert 1 == len(only_disk(complete(domain(DISK.format(chain="")), around)).backing_chain)


def test_a_chain_in_the_xml_is_read_to_a_bounded_depth():
    """Given a chain of 300 images, read the 200 that libvirt itself would follow."""
    chain = ""
    for number in range(300):
        chain = f"<backingStore type='file'><source file='/images/{number}'/>{chain}</backingStore>"
    assert 200 == len(only_disk(complete(domain(DISK.format(chain=chain)))).backing_chain)


def test_completing_twice_is_completing_once():
    """The complete guest of the last run, completed with today's answers, is what a fresh parse gives."""
    xml = domain(DISK.format(chain="") + NIC)
    before = of_volumes(volume("/images/a.qcow2", backing_path="/images/b.qcow2", capacity_bytes=1))
    after = of_volumes(volume("/images/a.qcow2", backing_path="/images/c.qcow2", capacity_bytes=2))
    old = complete(
        xml, before, id=1, state=(1, 1), addresses=(RawAddress("arp", "vnet0", "52:54:00:00:00:01", "192.0.2.1", None),)
    )
    again = complete_guest(old, guest(xml), inactive=None, surroundings=after)
    assert complete(xml, after) == again


def addresses(found: Guest) -> list[tuple[str, int | None, str]]:
    return [(address.address, address.prefix, address.source) for address in found.nics[0].addresses]


LEASE = Lease(mac="52:54:00:00:00:01", address="192.0.2.7", prefix=24)
NETWORK = Network(name="n", uuid="u", active=True, leases=(LEASE,))


def test_each_address_keeps_its_source_and_the_agent_comes_first():
    """The same address from three sources stays three facts, without doubles within one source."""
    told = (
        RawAddress("arp", "vnet0", "52:54:00:00:00:01", "192.0.2.7", None),
        RawAddress("agent", "eth0", "52:54:00:00:00:01", "192.0.2.7", 24),
        RawAddress("agent", "eth0.7", "52:54:00:00:00:01", "192.0.2.7", 24),
    )
    found = complete(domain(NIC), surroundings_of([], [NETWORK]), id=1, state=(1, 1), addresses=told)
    assert [("192.0.2.7", 24, "agent"), ("192.0.2.7", 24, "lease"), ("192.0.2.7", None, "arp")] == addresses(found)
    assert "eth0" == found.nics[0].guest_name


def test_a_guest_that_does_not_run_has_no_address():
    """Given a lease that has not run out yet, a guest that is shut off has no address."""
    assert [] == addresses(complete(domain(NIC), surroundings_of([], [NETWORK])))


def test_interfaces_that_the_guest_made_itself_are_left_out():
    """Given a bridge and the loopback of the guest, no nic gets their addresses."""
    told = (
        RawAddress("agent", "lo", "00:00:00:00:00:00", "127.0.0.1", 8),
        RawAddress("agent", "docker0", "02:42:00:00:00:01", "172.17.0.1", 16),
        RawAddress("agent", "tun0", "", "10.8.0.1", 24),
    )
    assert [] == addresses(complete(domain(NIC), id=1, state=(1, 1), addresses=told))


def test_addresses_from_guestinfo_count_as_the_agents():
    """Where the agent's interfaces came with its other answers, they are read from there."""
    agent = {
        "if.count": 1,
        "if.0.name": "eth0",
        "if.0.hwaddr": "52:54:00:00:00:01",
        "if.0.addr.count": 1,
        "if.0.addr.0.addr": "2001:db8::7",
        "if.0.addr.0.prefix": 64,
    }
    found = complete(domain(NIC), id=1, state=(1, 1), agent=agent)
    assert (Address(address="2001:db8::7", prefix=64, source="agent"),) == found.nics[0].addresses


@pytest.mark.parametrize(
    ("fields", "pending"),
    [
        ({}, False),
        ({"id": 1, "state": (1, 1), "inactive_xml": None}, None),
        ({"id": 1, "state": (1, 1), "persistent": False}, False),
    ],
)
def test_pending_changes_are_unknown_only_where_the_definition_was_not_read(fields: dict, pending: bool | None):
    """Stopped: none. Running with an unread definition: not known. Transient: there is no definition."""
    assert pending is complete(domain(), **fields).pending_changes


def test_what_was_not_read_is_null_and_what_is_not_there_is_empty():
    """Snapshots that could not be listed are null; a guest without any has an empty list."""
    assert None is complete(domain(), snapshots=None).snapshots
    assert () == complete(domain(), snapshots=()).snapshots


def test_memory_usage_is_null_without_a_report_and_gone_when_the_guest_stops():
    """The balloon's report is bytes while the guest runs, and nothing afterwards."""
    stats = {"balloon.rss": 4, "balloon.last-update": 0}
    running = complete(domain(), id=1, state=(1, 1), stats=stats).memory_usage
    assert running is not None
    assert (4096, None, None) == (running.rss_bytes, running.unused_bytes, running.updated_at)
    assert None is complete(domain(), stats=stats).memory_usage
