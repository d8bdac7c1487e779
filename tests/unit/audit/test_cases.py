"""Every rule on its data cases: what it finds, what is fine, and what it says where the facts are missing.

The cases of a rule are `tests/data/audit/RULE/{found,fine,missing}.json`, each a list of

    {"why": "a sentence", "guest": {…}, "host": {…}, "hosts": [{…}], "limits": {…}, "says": "in the message",
     "fix": "in what is to be typed", "never": "in none of it"}

`guest` (or `guests`) are on the host kvm1 with the fields of `host`; `hosts` are the others, `settings` is the text of
an audit.yaml, `host_reserve` is of its site.yaml, `machines` is what the shells of hosts told, by name, `total` how
many hosts the site has, `mates` names hosts that are only there to be compared with. Fields are those of `omc.model`; a
guest's `xml` names a file of `tests/data/domains`, read by omc's own parser. What is not said stands at the defaults
below: a read host, a running guest of KVM. `says` are texts with "|" between them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from omc.audit.engine import audit, read_fleet
from omc.audit.finding import Report
from omc.audit.fleet import Cluster, Fleet, Scope
from omc.audit.machine import Machine
from omc.audit.rule import Rule, Seen
from omc.audit.rules import all_rules
from omc.audit.settings import AuditSettings, read_audit_settings
from omc.inventory.domain import parse_guest
from omc.model import Guest, Host
from omc.site.clusters import cluster_name
from omc.sizes import HOST_RESERVE

DATA = Path(__file__).parents[2] / "data"
KINDS = ("found", "fine", "missing")
NOW = "2026-11-21T10:00:00.000000Z"
HOST = {"name": "kvm1", "uri": "qemu+ssh://kvm1/system", "driver": "QEMU", "collected_at": NOW, "groups": ["kvm"]}
GUEST = {
    "host": "kvm1",
    "name": "web",
    "uuid": "5b2ba1c1-7d5a-4c8e-9d0e-3c1d2f0a0001",
    "state": "running",
    "type": "kvm",
    "os_type": "hvm",
    "arch": "x86_64",
    "machine": "pc-q35-9.2",
    "autostart": True,
    "persistent": True,
    "managed_save": False,
    "pending_changes": False,
    "files": [],
}

BY_CONFIGURATION_ALONE = frozenset(
    (
        *("G03", "G05", "G06", "G09", "G10", "G11", "G13", "G22", "G24", "G25", "G26", "G31", "G38", "G45", "G46"),
        *("G50", "G55", "G57"),
    )
)
"""Rules on guests that find nothing missing where the guest's configuration was read."""

Case = dict[str, Any]
RULES = all_rules()


def _cases() -> Iterator[Any]:
    for rule in RULES:
        for kind in KINDS:
            path = DATA / "audit" / rule.id / f"{kind}.json"
            for number, case in enumerate(msgspec.json.decode(path.read_bytes()) if path.exists() else ()):
                yield pytest.param(rule, kind, case, id=f"{rule.id}-{kind}-{number}")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_cases_of_all_kinds(rule: Rule) -> None:
    """A rule without one of them is not finished."""
    folder = DATA / "audit" / rule.id
    assert [] == [kind for kind in KINDS if not (folder / f"{kind}.json").exists()]


def test_an_id_stands_for_one_rule_for_good() -> None:
    """Waivers, scripts and reports name it: the register says what each was given for, and keeps it."""
    register = yaml.safe_load((DATA / "audit" / "ids.yaml").read_text(encoding="utf-8"))
    assert {rule.id: rule.title for rule in RULES} == register["given"]
    assert set() == register["given"].keys() & {*register["retired"], *register["meant"]}
    assert set() == register["retired"].keys() & register["meant"].keys()


def test_missing_facts_reach_the_rule_itself() -> None:
    """A guest without any configuration does not: the engine answers. Rules on its configuration alone miss no more."""
    unreached = set()
    for rule in (rule for rule in RULES if rule.scope == "guest"):
        cases = msgspec.json.decode((DATA / "audit" / rule.id / "missing.json").read_bytes())
        if all("guests" not in case and case["guest"].get("type", "") is None for case in cases):
            unreached.add(rule.id)
    assert BY_CONFIGURATION_ALONE == unreached


def test_no_case_is_of_a_rule_that_is_gone() -> None:
    """A folder of cases belongs to a rule."""
    folders = {path.name for path in (DATA / "audit").iterdir() if path.is_dir()}
    assert set() == folders - {rule.id for rule in RULES}


@pytest.mark.parametrize(("rule", "kind", "case"), tuple(_cases()))
def test_a_rule_says_what_its_case_expects(rule: Rule, kind: str, case: Case, tmp_path: Path) -> None:
    """Found: a finding. Fine: silence. Missing: not checked, and no finding."""
    report = _audit(rule, case, tmp_path)
    found = [finding.message for finding in report.findings]
    unchecked = [item.why for item in report.unchecked]
    assert [] == [why for why in unchecked if "fault in the rule" in why], case["why"]
    assert (kind == "found", kind == "missing") == (bool(found), bool(unchecked)), (case["why"], found, unchecked)
    said = "\n".join((*found, *unchecked))
    assert all(text in said for text in case.get("says", "").split("|")), (case["why"], said)
    assert case.get("times", len(found)) == len(found), (case["why"], found)
    fixes = "\n".join(finding.fix for finding in report.findings)
    assert case.get("fix", "") in fixes, (case["why"], fixes)
    assert "never" not in case or case["never"] not in fixes, (case["why"], fixes)
    assert " ''" not in fixes, "a name that is not there was filled in"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_nothing_is_fine_in_a_cluster_of_which_hosts_miss(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever rule looks at a cluster says that it is a part only, and finds nothing by it."""
    asked: list[str] = []

    def cluster(seen: Seen) -> Cluster:
        asked.append("its own")
        return seen.fleet.cluster_of(seen.host.name)

    def clusters(_: Fleet) -> tuple[Cluster, ...]:
        asked.append("all")
        return ()

    monkeypatch.setattr(Seen, "cluster", property(cluster))
    monkeypatch.setattr(Fleet, "clusters", property(clusters))
    for case in msgspec.json.decode((DATA / "audit" / rule.id / "found.json").read_bytes()):
        asked.clear()
        report = _audit(rule, case, tmp_path, cut=True)
        assert not (asked and report.unchecked == ()), case["why"]


def test_no_fix_deletes_what_others_may_need() -> None:
    """Disks and UEFI variables stay: what lies upon an image is seen by whoever looks at each of them."""
    deleting = ("--remove-all-storage", "--wipe-storage", "--nvram", "vol-delete", "vol-wipe", "pool-delete")
    fixes = [(rule.id, re.sub("never (with )?--remove-all-storage", "", rule.fix)) for rule in RULES]
    assert [] == [(rule, word) for rule, fix in fixes for word in deleting if word in fix]


def test_nobody_is_told_to_merge_a_whole_chain() -> None:
    """Without --base or --shallow blockcommit writes into the lowest image: a template that others lie upon."""
    merging = [rule for rule in RULES if "blockcommit" in rule.fix]
    assert ["G17", "G21"] == [rule.id for rule in merging]
    assert all("--base" in rule.fix or "--shallow" in rule.fix for rule in merging)


def all_fixes(folder: Path) -> Iterator[str]:
    """Give what is told to be typed: by each rule in general, and in each of its cases."""
    yield from (rule.fix for rule in RULES)
    for rule, kind, case in (param.values for param in _cases()):
        if kind == "found":
            yield from (finding.fix for finding in _audit(rule, case, folder).findings)


def _audit(rule: Rule, case: Case, folder: Path, *, cut: bool = False) -> Report:
    """Audit a case; `cut`: each cluster has a host more that is not here."""
    settings = AuditSettings(
        limits={rule.id: case["limits"]} if "limits" in case else {},
        host_reserve=case.get("host_reserve", HOST_RESERVE),
    )
    if "settings" in case:
        path = folder / "audit.yaml"
        path.write_text(case["settings"], encoding="utf-8")
        settings = read_audit_settings(path, RULES)
    documents = [msgspec.json.encode(host) for host in _hosts(case)]
    fleet = read_fleet(documents, settings, scope=_scope(case, settings, cut=cut))
    machines = msgspec.convert(case.get("machines"), dict[str, Machine | str] | None)
    return audit(fleet, lambda: documents, [rule], settings, now=NOW, machines=machines)


def _scope(case: Case, settings: AuditSettings, *, cut: bool) -> Scope:
    """Return the site: the hosts of the case, of which all but `mates` are chosen, and as many as miss to `total`."""
    here = {host.name: cluster_name(host.groups, settings.clusters) for host in _hosts(case)}
    more = {f"elsewhere{number}": "elsewhere" for number in range(case.get("total", 0) - len(here))}
    absent = {f"absent-{name}": name for name in here.values()} if cut else {}
    return Scope(here | more | absent, [name for name in here if name not in case.get("mates", ())])


def _hosts(case: Case) -> Iterator[Host]:
    guests = case.get("guests", [case["guest"]] if "guest" in case else [])
    if guests or "host" in case:
        yield _host({**case.get("host", {}), "guests": guests})
    for host in case.get("hosts", ()):
        yield _host(host)


def _host(fields: Case) -> Host:
    merged = {**HOST, **fields}
    merged["guests"] = [_guest(guest, merged["name"]) for guest in fields.get("guests", ())]
    return msgspec.convert(merged, Host)


def _guest(fields: Case, host: str) -> Case:
    own = {key: value for key, value in fields.items() if key != "xml"}
    if "xml" not in fields:
        return {**GUEST, "host": host, **own}
    text = (DATA / "domains" / f"{fields['xml']}.xml").read_text(encoding="utf-8")
    read: Guest = parse_guest(text, host=host)
    return {**msgspec.to_builtins(read), "state": "running", **own}
