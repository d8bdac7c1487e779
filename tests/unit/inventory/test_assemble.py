"""One host put together: what is missing is an issue beside everything that is there."""

import msgspec
import pytest

import omc
from omc.inventory import guests
from omc.inventory.guests import digest
from omc.inventory.known import KnownGuest
from omc.model import Guest, Host
from omc.ports import Fault, RawGuest, RawHost, RawNetwork, RawPool
from tests.unit.inventory.raw_answers import UUID, assembled, domain, guest, recorded_host

OTHER = UUID[:-1] + "9"


def known_of(host: Host, *raws: RawGuest) -> dict[str, KnownGuest]:
    """Give what a store would know after this host was recorded."""
    digests = {raw.uuid: digest(raw) for raw in raws}
    return {item.uuid: KnownGuest(digests[item.uuid], msgspec.json.encode(item)) for item in host.guests}


def issues(host: Host) -> list[tuple[str, str, bool]]:
    return [(issue.subject, issue.code, issue.failed) for issue in host.issues]


def test_everything_read_is_ok():
    """Given a host that gave everything, the status is "ok" and there is no issue."""
    host = assembled(guests=(guest(),)).host
    assert ("ok", None, []) == (host.status, host.status_reason, issues(host))


def test_a_read_that_should_have_worked_makes_the_host_partial_and_says_why():
    """Given a failed fault and a harmless one, the host is partial because of the first; both are issues."""
    faults = (
        Fault("host", "virDomainGetMessages", "unsupported", "not here", failed=False),
        Fault("pool/nfs", "virStoragePoolListAllVolumes", "deadline", "no answer after 3.0 s"),
    )
    host = assembled(faults=faults).host
    assert ("partial", "pool/nfs: volumes: no answer after 3.0 s") == (host.status, host.status_reason)
    assert [("host", "unsupported", False), ("pool/nfs", "deadline", True)] == issues(host)
    assert ["", "give it more time: --timeout SECONDS"] == [issue.hint for issue in host.issues]


def test_what_the_driver_does_not_give_leaves_the_host_ok():
    """Given only what this driver has not, the host stays "ok"."""
    host = assembled(faults=(Fault("host", "virConnectGetSysinfo", "unsupported", "none", failed=False),)).host
    assert "ok" == host.status
    assert "the host's hardware (SMBIOS)" == host.issues[0].what


def test_a_call_with_an_argument_keeps_it_and_an_unknown_call_keeps_its_name():
    """The words of an issue are a user's; what they do not know stays as libvirt calls it."""
    faults = (
        Fault("host", "virDomainInterfaceAddresses(arp)", "failed", "x"),
        Fault("host", "virNewCall", "failed", "x"),
    )
    assert ["addresses (arp)", "virNewCall"] == [issue.what for issue in assembled(faults=faults).host.issues]


def test_a_read_only_connection_says_what_it_left_out():
    """Given a read-only connection, domain capabilities are an issue with the option that gets them."""
    host = assembled(read_only=True).host
    assert [("host", "needs-read-write", False)] == issues(host)
    assert "run with --read-write" == host.issues[0].hint


def test_agents_that_were_not_asked_are_one_issue_for_all():
    """Given two connected agents that nobody asked, say so once."""
    channel = "    <channel><target name='org.qemu.guest_agent.0' state='connected'/></channel>\n"
    raws = tuple(
        guest(domain(channel, name=name, uuid=uuid), id=1, state=(1, 1), name=name, uuid=uuid)
        for name, uuid in (("a", UUID), ("b", OTHER))
    )
    host = assembled(guests=raws).host
    assert [("what the agents of 2 guests say", "run with --agent")] == [
        (issue.what, issue.hint) for issue in host.issues
    ]


def test_xml_that_is_none_leaves_the_guest_listed():
    """Given a guest whose XML does not parse, it stays with name, UUID and state, and is an issue."""
    host = assembled(
        guests=(guest("<domain", state=(1, 1), id=3), guest(domain(name="b", uuid=OTHER), uuid=OTHER, name="b"))
    ).host
    assert [("g1", "running", None), ("b", "shut off", 64 << 20)] == [
        (item.name, item.state, item.memory_bytes) for item in host.guests
    ]
    assert [("guest/g1", "invalid", True)] == issues(host)
    assert "partial" == host.status


def test_xml_that_could_not_be_read_leaves_what_was_known():
    """Given a guest whose XML did not come this time, its configuration is that of the last run, its state today's."""
    raw = guest()
    known = known_of(assembled(guests=(raw,)).host, raw)
    unread = RawGuest(name="g1", uuid=UUID, xml="", state=(1, 1), id=4, persistent=True)
    fault = Fault("guest/g1", "virDomainGetXMLDesc", "deadline", "no answer after 3.0 s")
    found = assembled(guests=(unread,), faults=(fault,), known=known)
    (item,) = found.host.guests
    assert ("running", 64 << 20, None) == (item.state, item.memory_bytes, item.pending_changes)
    assert known[UUID].digest == found.digests[UUID]
    assert [("guest/g1", "deadline", True)] == issues(found.host)


def test_unread_xml_without_any_fault_is_an_issue_all_the_same():
    """Nothing is missing silently: a guest without XML is named even where no call was said to have failed."""
    assert [("guest/g1", "failed", True)] == issues(assembled(guests=(RawGuest(name="g1", uuid=UUID, xml=""),)).host)


def test_a_broken_definition_leaves_the_running_configuration():
    """Given a definition that does not parse, the live configuration stands, and what is pending is unknown."""
    host = assembled(guests=(guest(id=1, state=(1, 1), inactive_xml="<domain"),)).host
    assert (64 << 20, None) == (host.guests[0].memory_bytes, host.guests[0].pending_changes)
    assert [("guest/g1", "invalid", True)] == issues(host)


def test_a_broken_snapshot_leaves_the_guest():
    """Given a snapshot that does not parse, the guest is whole without its snapshots, which are null."""
    host = assembled(guests=(guest(snapshots=("<domainsnapshot",)),)).host
    assert (None, 64 << 20) == (host.guests[0].snapshots, host.guests[0].memory_bytes)
    assert [("guest/g1", "invalid", True)] == issues(host)


def test_a_hung_guest_is_marked_once():
    """Given a hung guest and the driver's own fault on it, there is one issue."""
    fault = Fault("guest/g1", "virDomainListGetStats", "hung", "its monitor did not answer")
    host = assembled(guests=(guest(id=1, state=(1, 1), hung=True),), faults=(fault,)).host
    assert [("guest/g1", "hung", True)] == issues(host)
    assert "running" == host.guests[0].state


def test_two_guests_of_one_uuid_are_one_and_an_issue():
    """A host cannot have two guests of one UUID; the second one is named, not stored over the first."""
    host = assembled(guests=(guest(), guest(domain(name="twin"), name="twin"))).host
    assert ["g1"] == [item.name for item in host.guests]
    assert [("guest/twin", "duplicate-uuid", True)] == issues(host)


def test_two_guests_of_one_name_both_stay():
    """Given two guests of one name, both are listed, and the name is an issue."""
    host = assembled(guests=(guest(), guest(domain(uuid=OTHER), uuid=OTHER))).host
    assert 2 == len(host.guests)
    assert [("guest/g1", "duplicate-name", False)] == issues(host)


def test_broken_pools_networks_volumes_and_devices_are_issues_and_the_rest_stays():
    """Given one of each that is no XML, the good ones beside them are read."""
    good = "<pool type='dir'><target><path>/p</path></target></pool>"
    pools = (
        RawPool(name="bad", uuid="u1", xml="<pool", state=2),
        RawPool(name="good", uuid="u2", xml=good, state=2, volumes=("<volume><name>v</name></volume>", "<volume")),
    )
    network = RawNetwork(name="n", uuid="u3", xml="<net/>", active=True)
    host = assembled(pools=pools, networks=(network,), devices=("<device",), capabilities="<cap/>", sysinfo="").host
    assert [("good", ["v"])] == [
        (pool.name, [volume.name for volume in pool.volumes or ()]) for pool in host.pools or ()
    ]
    assert ((), ()) == (host.networks, host.devices)
    assert {"host", "pool/bad", "pool/good", "network/n"} == {issue.subject for issue in host.issues}


@pytest.mark.parametrize("name", ["full", "lxc"])
def test_unchanged_xml_gives_the_same_host_without_being_parsed(name: str):
    """Given the documents of the last run, the whole host is the same as from parsing."""
    raw = recorded_host(name)
    first = assembled(raw)
    known = known_of(first.host, *raw.guests)
    assert first == assembled(raw, known=known)


def test_the_document_and_not_the_xml_is_used_where_the_digest_is_the_same():
    """Given a document that differs from its XML, its configuration counts: the XML was not parsed."""
    raw = guest()
    marked = msgspec.structs.replace(assembled(guests=(raw,)).host.guests[0], title="from the document")
    known = {UUID: KnownGuest(digest(raw), msgspec.json.encode(marked))}
    assert "from the document" == assembled(guests=(raw,), known=known).host.guests[0].title


@pytest.mark.parametrize("doc", [b"", b"{}", b'{"name": 3}', b"\xff"])
def test_a_document_of_another_version_is_parsed_anew(doc: bytes):
    """Given a document that is no Guest of this model, the XML is parsed."""
    raw = guest()
    found = assembled(guests=(raw,), known={UUID: KnownGuest(digest(raw), doc)})
    assert 64 << 20 == found.host.guests[0].memory_bytes
    assert [] == issues(found.host)


def test_the_digest_covers_both_configurations():
    """A change of either XML is a change."""
    assert 3 == len(
        {
            digest(guest(domain(name="a"), inactive_xml="x")),
            digest(guest(domain(name="b"), inactive_xml="x")),
            digest(guest(domain(name="a"), inactive_xml=None)),
        }
    )


@pytest.mark.parametrize(("module", "name"), [(omc, "__version__"), (guests, "SCHEMA_VERSION")])
def test_another_version_of_omc_reads_every_guest_anew(module, name, monkeypatch):
    """Given what a store knows from another version, the XML is parsed: the new reader may find more in it."""
    raw = guest()
    with monkeypatch.context() as other:
        other.setattr(module, name, "another")
        written = known_of(assembled(guests=(raw,)).host, raw)[UUID]
    poor = msgspec.json.encode(Guest(host="kvm1", name="g1", uuid=UUID, state="shut off"))
    found = assembled(guests=(raw,), known={UUID: KnownGuest(written.digest, poor)})
    assert 64 << 20 == found.host.guests[0].memory_bytes
    assert written.digest != found.digests[UUID]


def test_a_second_missing_fact_of_one_subject_and_code_is_named_too():
    """Given a read-only connection that already lacks something else, domain capabilities are named all the same."""
    fault = Fault("host", "virConnectGetSysinfo", "needs-read-write", "read only", failed=False)
    found = assembled(faults=(fault,), read_only=True).host.issues
    assert ["the host's hardware (SMBIOS)", "what guests may have here (domain capabilities)"] == [
        issue.what for issue in found
    ]


def test_the_same_missing_fact_again_is_counted():
    """Given three volumes that are no XML, one issue says how many there are."""
    xml = "<pool type='dir'><target><path>/p</path></target></pool>"
    pool = RawPool(name="images", uuid="u1", xml=xml, state=2, volumes=("<volume",) * 3)
    (found,) = assembled(pools=(pool,)).host.issues
    assert ("pool/images", "a volume") == (found.subject, found.what)
    assert found.why.endswith(" (3 times)")


def test_a_whole_host_can_be_written_and_read_back():
    """The JSON of a host is the host."""
    host = assembled(recorded_host("full")).host
    assert host == msgspec.json.decode(msgspec.json.encode(host), type=Host)
    assert host.guests[0] == msgspec.json.decode(msgspec.json.encode(host.guests[0]), type=Guest)


def test_an_empty_host_is_a_host():
    """Given a driver that tells nothing but its name, there is a host."""
    host = assembled(RawHost(driver="CH")).host
    assert ("CH", (), None, None) == (host.driver, host.guests, host.pools, host.memory_bytes)
