"""What two points of time differ in, in a user's words; and what is not claimed."""

import msgspec

from omc.inventory.changes import KINDS, Difference, Key, Part, Snapshot, changes
from omc.inventory.compare import compare
from omc.inventory.store.configuration import configuration
from omc.model import Controller, Cpu, Guest, GuestMetadata, HostDevice
from tests.facts import GIB, disk, guest, nic

HOST: dict[Key, Part] = {("kvm1", "host", ""): Part("kvm1")}


def part(known: Guest, since: str = "then") -> Part:
    document = configuration(known)
    runs = known.active
    return Part(known.name, document, since, document, runs, known.state, known.state_reason, since)


def snapshot(*guests: Guest, unreachable: dict[str, str | None] | None = None) -> Snapshot:
    parts = HOST | {(item.host, "guest", item.uuid): part(item) for item in guests}
    return Snapshot(parts, unreachable or {})


def found(before: Guest, after: Guest) -> list[tuple[str, str, object, object]]:
    return [(item.kind, item.path, item.before, item.after) for item in changes(snapshot(before), snapshot(after))]


def test_the_same_at_both_times_is_no_change():
    assert [] == changes(snapshot(guest()), snapshot(guest()))


def test_a_memory_that_grew_is_resized():
    assert [("resized", "memory_bytes", 4 * GIB, 8 * GIB)] == found(guest(), guest(memory_bytes=8 * GIB))


def test_a_disk_that_came_is_plugged_and_one_that_went_is_unplugged():
    before, after = guest(disks=(disk("vda"),)), guest(disks=(disk("vdb"),))
    assert [
        ("unplugged", "disks.vda", "/images/vda.qcow2", None),
        ("plugged", "disks.vdb", None, "/images/vdb.qcow2"),
    ] == found(before, after)


def test_the_order_of_disks_is_no_change():
    assert [] == found(guest(disks=(disk("vda"), disk("vdb"))), guest(disks=(disk("vdb"), disk("vda"))))


def test_a_nic_on_another_network_is_replugged():
    path = "nics.52:54:00:00:00:01.source"
    assert [("replugged", path, "default", "dmz")] == found(guest(), guest(nics=(nic(1, source="dmz"),)))


def test_another_setting_of_a_disk_is_a_change():
    assert [("changed", "disks.vda.cache", None, "none")] == found(
        guest(disks=(disk("vda"),)), guest(disks=(disk("vda", cache="none"),))
    )


def test_a_device_of_the_host_is_plugged():
    after = guest(host_devices=(HostDevice(type="pci", source="0000:03:00.0"),))
    assert [("plugged", "host_devices.0000:03:00.0", None, "0000:03:00.0")] == found(guest(), after)


def test_a_snapshot_that_was_taken_is_a_change():
    assert [("changed", "snapshots.before upgrade", None, "before upgrade")] == found(guest(snapshots=()), guest())


def test_what_was_not_read_on_one_side_did_not_change():
    unread = guest(snapshots=None, autostart=None, managed_save=None, persistent=None)
    assert [] == found(unread, guest())
    assert [] == found(guest(), unread)


def test_a_field_that_an_older_omc_did_not_have_did_not_change():
    old = msgspec.json.decode(configuration(guest()))
    del old["machine"]
    assert [] == compare(msgspec.json.encode(old), configuration(guest()))


def test_an_attribute_that_was_taken_away_changed():
    before = guest(metadata=GuestMetadata(attributes={"owner": "web"}))
    assert [("changed", "metadata.attributes.owner", "web", None)] == found(before, guest())


def test_running_guests_start_and_stop_and_others_only_change_their_state():
    def kind(before: str, after: str) -> str:
        return found(guest(state=before), guest(state=after))[0][0]

    assert "started" == kind("shut off", "running")
    assert "state" == kind("running", "crashed"), "its process is kept, and holds its memory"
    assert "stopped" == kind("crashed", "shut off")
    assert "state" == kind("running", "paused")
    assert "started" == kind("shut off", "crashed")


def test_what_libvirt_fills_in_at_a_start_is_no_change():
    stopped = guest(state="shut off", cpu=Cpu(mode="host-model"), channels=(), controllers=())
    expanded = Cpu(mode="custom", model="Skylake-Server", match="exact", check="full", vendor="Intel")
    aliased = (disk("vda", alias="virtio-disk0"), disk("vdb", alias="virtio-disk1"))
    running = guest(cpu=expanded, disks=aliased, channels=(), controllers=(Controller(type="pci", index=0),))
    assert [("started", "state")] == [item[:2] for item in found(stopped, running)]
    assert [("stopped", "state")] == [item[:2] for item in found(running, stopped)]


def test_a_start_with_a_change_shows_the_change_in_the_right_direction():
    stopped, running = guest(state="shut off", vcpus=2), guest(vcpus=4, disks=(disk("vda"),), snapshots=())
    assert [
        ("unplugged", "disks.vdb", None),
        ("changed", "snapshots", []),
        ("started", "state", "running"),
        ("resized", "vcpus", 4),
    ] == [(kind, path, after) for kind, path, _, after in found(stopped, running)]
    assert ("resized", "vcpus", 4, 2) in found(running, stopped)


def test_two_nics_of_one_mac_do_not_hide_each_other():
    twice = guest(nics=(nic(1), nic(1, source="dmz")))
    assert [("unplugged", "nics.52:54:00:00:00:01#1")] == [item[:2] for item in found(twice, guest())]


def test_a_guest_of_an_unreachable_host_is_not_claimed_to_be_anything():
    dark = snapshot(guest(), unreachable={"kvm1": "no route"})
    assert [Difference(kind="unreachable", host="kvm1", subject="host", after="no route")] == changes(
        snapshot(guest()), dark
    )
    assert ["reachable"] == [item.kind for item in changes(dark, snapshot(guest()))]


def test_a_move_carries_the_changes_that_came_with_it():
    hosts = HOST | {("kvm2", "host", ""): Part("kvm2")}
    here, there = guest(), guest(host="kvm2", vcpus=8)
    before = Snapshot(hosts | {("kvm1", "guest", here.uuid): part(here)})
    after = Snapshot(hosts | {("kvm2", "guest", here.uuid): part(there)})
    assert [("moved", ""), ("resized", "vcpus")] == [(item.kind, item.path) for item in changes(before, after)]


def test_a_copy_on_another_host_is_created_and_the_first_one_stays():
    hosts = HOST | {("kvm2", "host", ""): Part("kvm2")}
    here = {("kvm1", "guest", guest().uuid): part(guest())}
    there = {("kvm2", "guest", guest().uuid): part(guest(host="kvm2"))}
    assert [("created", "kvm2")] == [
        (item.kind, item.host) for item in changes(Snapshot(hosts | here), Snapshot(hosts | here | there))
    ]


def test_every_kind_is_explained():
    assert all(KINDS.values())
