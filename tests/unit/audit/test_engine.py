"""The audit as a whole: verdicts of rules become findings, what is missing is said, faults stay where they are."""

from collections.abc import Sequence
from typing import Any

import msgspec

from omc.audit.engine import audit, read_fleet
from omc.audit.finding import Report
from omc.audit.fleet import Scope
from omc.audit.rule import Found, Missing, Rule, Seen, Verdicts, fleet_rule, guest_rule, host_rule
from omc.audit.settings import AuditSettings
from omc.audit.waivers import Waiver
from omc.model import Guest, Host

NOW = "2026-11-21T10:00:00.000000Z"
WORDS: Any = {"title": "Title", "reason": "Reason.", "source": "Source", "reads": ("Guest.name", "Guest.vcpus")}


@guest_rule("G98", severity="warning", fix="virsh edit {guest} on {host}", limits={"vcpus": 4}, **WORDS)
def _big(guest: Guest, seen: Seen) -> Verdicts:
    if guest.vcpus is None:
        yield Missing(why="its vCPUs were not read")
    elif guest.vcpus > seen.limits["vcpus"]:
        yield Found(message=f"{guest.vcpus} vCPUs on {seen.host.name}")


@host_rule("H98", severity="critical", fix="…", **WORDS)
def _broken(host: Host, seen: Seen) -> Verdicts:
    raise ValueError(host.name)


@fleet_rule("F97", severity="info", fix="…", **WORDS)
def _each(seen: Seen) -> Verdicts:
    yield from (Found(message="a host", subject="host", host=host.name) for host in seen.fleet.hosts)


@fleet_rule("F98", severity="info", fix="…", **(WORDS | {"reads": ("cluster",)}))
def _alone(seen: Seen) -> Verdicts:
    for cluster in seen.fleet.clusters:
        if len(cluster.hosts) == 1:
            yield Found(message="one host only", subject=f"cluster/{cluster.name}")


def _host(name: str, *guests: Guest, groups: Sequence[str] = ("kvm",), read: bool = True) -> bytes:
    host = Host(name=name, uri="test:///", collected_at=NOW if read else None, groups=tuple(groups), guests=guests)
    return msgspec.json.encode(host)


def _guest(name: str, vcpus: int | None, host: str = "kvm1") -> Guest:
    return Guest(host=host, name=name, uuid=f"uuid-{name}", state="running", type="kvm", vcpus=vcpus)


def _audit(documents: list[bytes], *rules: Rule, settings: AuditSettings | None = None) -> Report:
    settings = settings or AuditSettings()
    return audit(read_fleet(documents, settings), lambda: documents, rules, settings, now=NOW)


def test_a_name_in_a_fix_brings_nothing_but_itself() -> None:
    """It is quoted for the shell and filled in once: places in it, and the word virsh, stay what they are."""
    name = "{host};{guest} virsh $(x)"
    (finding,) = _audit([_host("kvm1", _guest(name, 8))], _big).findings
    assert f"virsh -c test:/// edit '{name}' on kvm1" == finding.fix


def test_a_found_becomes_a_finding_with_its_fix_filled_in() -> None:
    """Rule, severity, subject and host are there without the rule saying them."""
    (finding,) = _audit([_host("kvm1", _guest("web", 8))], _big).findings
    assert ("G98", "warning", "guest/web", "kvm1") == (finding.rule, finding.severity, finding.subject, finding.host)
    assert "8 vCPUs on kvm1" == finding.message
    assert "virsh -c test:/// edit web on kvm1" == finding.fix


def test_facts_that_are_missing_are_never_fine() -> None:
    """A guest whose facts are not there is unchecked, and so is all of a host that was never read."""
    report = _audit([_host("kvm1", _guest("web", None)), _host("kvm2", read=False)], _big)
    assert () == report.findings
    assert [("guest/web", "kvm1"), ("host", "kvm2")] == [(item.subject, item.host) for item in report.unchecked]
    assert "never read" in report.unchecked[1].why


def test_a_guest_without_its_configuration_is_never_fine() -> None:
    """Nothing of its XML was read: rules on it are unchecked, those on its name or state are not."""
    bare = Guest(host="kvm1", name="web", uuid="uuid-web", state="running")
    assert ["the guest's configuration was not read"] == [i.why for i in _audit([_host("kvm1", bare)], _big).unchecked]
    by_state = msgspec.structs.replace(_big, reads=("Guest.state", "Host.status"))
    assert ["its vCPUs were not read"] == [i.why for i in _audit([_host("kvm1", bare)], by_state).unchecked]


def test_what_is_missing_for_a_whole_host_is_said_once() -> None:
    """However many guests miss it."""
    rule = guest_rule("G97", severity="info", fix="…", **WORDS)(_without_agents)
    report = _audit([_host("kvm1", _guest("web", 1), _guest("db", 1)), _host("kvm2", _guest("x", 1, "kvm2"))], rule)
    assert [("kvm1", "host"), ("kvm2", "host")] == [(item.host, item.subject) for item in report.unchecked]


def _without_agents(guest: Guest, seen: Seen) -> Verdicts:
    yield Missing(why="agents were not asked", subject="host")


def test_a_rule_that_fails_costs_itself_alone() -> None:
    """The others go on, and the fault is told."""
    report = _audit([_host("kvm1", _guest("web", 8))], _broken, _big)
    assert ["G98"] == [finding.rule for finding in report.findings]
    assert ["a fault in the rule itself: ValueError: kvm1"] == [item.why for item in report.unchecked]


def test_the_site_sets_limits() -> None:
    """What audit.yaml says wins over the rule's default."""
    settings = AuditSettings(limits={"G98": {"vcpus": 16}})
    assert () == _audit([_host("kvm1", _guest("web", 8))], _big, settings=settings).findings


def test_hosts_of_equal_groups_are_a_cluster() -> None:
    """A host alone in its groups is a cluster of one."""
    documents = [_host("a", groups=("x",)), _host("b", groups=("x",)), _host("c", groups=("x", "y"))]
    assert ["cluster/x+y"] == [finding.subject for finding in _audit(documents, _alone).findings]
    named = AuditSettings(clusters=("x",))
    assert () == _audit(documents, _alone, settings=named).findings


def test_a_waiver_puts_aside_until_its_day_is_over() -> None:
    """Valid: waived with its reason. Expired: the finding is back, and so is one about the waiver."""
    document = [_host("kvm1", _guest("web", 8))]
    for expires, kept in (("", []), ("2026-11-21", []), ("2026-11-20", ["G98", "W01"])):
        waiver = Waiver(rule="G98", subject="kvm1/guest/w*", reason="big on purpose", expires=expires)
        report = _audit(document, _big, settings=AuditSettings(waivers=(waiver,)))
        assert kept == [finding.rule for finding in report.findings]
        assert ([] if kept else ["big on purpose"]) == [item.reason for item in report.waived]


def test_a_waiver_that_covers_nothing_is_found() -> None:
    """But not where only a part of the fleet was looked at."""
    settings = AuditSettings(waivers=(Waiver(rule="G98", subject="db", reason="…", place="audit.yaml:3"),))
    document = [_host("kvm1", _guest("web", 2))]
    assert ["W02"] == [finding.rule for finding in _audit(document, _big, settings=settings).findings]
    part = read_fleet(document, settings, scope=Scope({"kvm1": "kvm", "kvm2": "kvm"}, ["kvm1"]))
    assert () == audit(part, lambda: document, [_big], settings, now=NOW).findings


def test_a_waiver_of_what_was_not_checked_may_be_needed() -> None:
    """Where its rule could not be checked nobody knows whether it covers something."""
    settings = AuditSettings(waivers=(Waiver(rule="G98", subject="web", reason="…", place="audit.yaml:3"),))
    report = _audit([_host("kvm1", _guest("web", None))], _big, settings=settings)
    assert ([], ["G98"]) == ([one.rule for one in report.findings], [one.rule for one in report.unchecked])


def test_a_waiver_names_a_host_as_the_audit_shows_it() -> None:
    """The host itself is KVM1, not kvm1/host, wherever people read of it."""
    for subject in ("kvm1", "kvm*", "kvm1/host", "host"):
        settings = AuditSettings(waivers=(Waiver(rule="F97", subject=subject, reason="…"),))
        report = _audit([_host("kvm1")], _each, settings=settings)
        assert (1, ()) == (len(report.waived), report.findings), subject


def test_hosts_to_compare_with_are_seen_and_nothing_is_told_of_them() -> None:
    """The cluster is whole, and its other hosts' findings, guests and waivers are left for whoever chooses them."""
    documents = [_host("kvm1", _guest("web", 2)), _host("kvm2", _guest("db", 8, host="kvm2"))]
    settings = AuditSettings(waivers=(Waiver(rule="G98", subject="db", reason="…", place="audit.yaml:3"),))
    fleet = read_fleet(documents, settings, scope=Scope({"kvm1": "kvm", "kvm2": "kvm"}, ["kvm1"]))
    report = audit(fleet, lambda: documents[:1], [_alone, _each], settings, now=NOW)
    assert [("F97", "kvm1")] == [(one.rule, one.host) for one in report.findings]
    assert ((), 1, 1) == (report.unchecked, report.hosts, report.guests)


def test_a_part_of_a_cluster_is_compared_with_nothing() -> None:
    """What a rule would find there may be wrong, and what it would not find may be there: it is not checked."""
    part = read_fleet([_host("kvm1")], AuditSettings(), scope=Scope({"kvm1": "kvm", "kvm2": "kvm"}, ["kvm1"]))
    report = audit(part, lambda: [_host("kvm1")], [_alone, _each], AuditSettings(), now=NOW)
    assert ["F97"] == [one.rule for one in report.findings]
    assert [("F98", "cluster/kvm", "")] == [(one.rule, one.subject, one.host) for one in report.unchecked]
    assert "only 1 of the 2 hosts" in report.unchecked[0].why
