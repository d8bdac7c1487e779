"""Storage that several hosts reach is judged once, by the host that knows it best."""

from collections.abc import Sequence
from typing import Any

import msgspec

from omc.audit.engine import audit, read_fleet
from omc.audit.finding import Report
from omc.audit.fleet import Scope
from omc.audit.rules.host_storage import full_pools
from omc.audit.settings import AuditSettings
from omc.model import Host, Pool

NOW = "2026-11-21T10:00:00.000000Z"


def _host(host: str, **changes: Any) -> bytes:
    fields: dict[str, Any] = {"capacity_bytes": 1000, "allocation_bytes": 1, "available_bytes": 50, "volumes": ()}
    facts = {"name": "nfs", "uuid": "p", "type": "netfs", "state": "running", "source": "nas:/vm"}
    return msgspec.json.encode(
        Host(name=host, uri="", collected_at=NOW, pools=(Pool(**{**facts, **fields, **changes}),))
    )


def _audited(*documents: bytes, chosen: Sequence[int] | None = None) -> Report:
    names = [msgspec.json.decode(document)["name"] for document in documents]
    taken = range(len(names)) if chosen is None else chosen
    settings = AuditSettings()
    scope = Scope(dict.fromkeys(names, "all"), [names[place] for place in taken])
    fleet = read_fleet(documents, settings, scope=scope)
    return audit(fleet, lambda: [documents[place] for place in taken], [full_pools], settings, now=NOW)


def test_one_full_storage_of_many_hosts_is_one_finding() -> None:
    """It names them, and is the first one's, so that a waiver of it holds tomorrow."""
    (finding,) = _audited(*(_host(f"kvm{number}", name=f"pool{number}") for number in range(1, 6))).findings
    assert ("kvm1", "pool/pool1", "critical") == (finding.host, finding.subject, finding.severity)
    assert "95 % of 1000 B are used; 5 hosts have it: kvm1, kvm2, kvm3 and 2 more" == finding.message


def test_the_host_that_knows_most_tells() -> None:
    """Where it does not run, or its size or volumes were not read, another host does."""
    stopped = _host("kvm1", state="inactive", capacity_bytes=0)
    unread = _host("kvm2", capacity_bytes=None)
    without_volumes = _host("kvm3", volumes=None)
    report = _audited(stopped, unread, without_volumes, _host("kvm4"))
    assert (["kvm4"], ()) == ([finding.host for finding in report.findings], report.unchecked)
    assert ["kvm3"] == [finding.host for finding in _audited(stopped, unread, without_volumes).findings]
    assert [("kvm2", "its size was not read")] == [(one.host, one.why) for one in _audited(stopped, unread).unchecked]


def test_a_chosen_host_tells_of_what_others_share() -> None:
    """The first of all need not be among them."""
    report = _audited(_host("kvm1"), _host("kvm2"), chosen=[1])
    assert ["95 % of 1000 B are used"] == [finding.message for finding in report.findings]


def test_storage_of_their_own_is_judged_on_each_host() -> None:
    """Folders of one path on two hosts are two."""
    report = _audited(*(_host(name, type="dir", source=None) for name in ("kvm1", "kvm2")))
    assert ["kvm1", "kvm2"] == [finding.host for finding in report.findings]
