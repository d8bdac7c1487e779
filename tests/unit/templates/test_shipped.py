"""The shipped templates: what they compute from facts, and what they refuse."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from omc.inventory.issues import WHAT
from omc.model import Disk, Host, HostCell, Issue
from omc.templates import catalogue
from omc.templates.render import Limits, RenderError, World, render
from omc.templates.render.needs import needs_facts
from tests import shipped
from tests.facts import GIB

ROOT = shipped.ROOT.parents[3]
NETWORKS = ("network-ifupdown", "network-netplan", "network-networkd", "network-networkmanager")
MIB2 = 2 << 20
LOST, UNREAD = WHAT["connection"], WHAT["virDomainGetXMLDesc"]


def made(name: str, facts: Host, **variables: Any) -> str:
    """Return the text of a template's first file for a host with these facts."""
    site = shipped.load()
    world = World(site=site, facts=lambda _: facts, extra=variables)
    [result] = render([shipped.template(name)], [site.hosts["small"]], world, Limits())
    return result.get().files[0].content.decode()


def pages(facts: Host, **variables: Any) -> dict[str, int]:
    """Return how many huge pages each cell gets."""
    lines = made("hugepages", facts, **variables).splitlines()
    asked = [line.split() for line in lines if line.startswith("ExecStart=")]
    return {words[-3]: int(words[-1]) for words in asked}


WRONG: tuple[tuple[str, Mapping[str, Any], str], ...] = (
    ("chrony", {"chrony_sources": [{"adress": "time.example.net"}]}, "chrony_sources[0]: unknown key 'adress'"),
    ("chrony", {"chrony_sources": []}, "chrony_sources: expected"),
    ("chrony", {"chrony_sources": [{"address": "a b"}]}, "chrony_sources[0].address: expected a host name"),
    ("chrony", {"chrony_allow": ["192.0.2.1/24"]}, "chrony_allow[0]: expected an IP network"),
    ("cloud-init", {"cloud_init_guests": [{"name": "../x", "hostname": "x"}]}, "cloud_init_guests[0].name"),
    ("cloud-init", {"cloud_init_keys": ["ssh-ed25519 AAAA\nruncmd: []"]}, "cloud_init_keys[0]"),
    ("hosts", {"hosts_extra": [{"address": "192.0.2.300", "names": ["x"]}]}, "hosts_extra[0].address"),
    ("hosts", {"hosts_domain": "-.example"}, "hosts_domain"),
    ("hugepages", {"hugepages_size": "4M"}, "hugepages_size: expected one of 64K, 2M"),
    ("hugepages", {"hugepages_reserve_percent": 100}, "hugepages_reserve_percent"),
    ("keepalived", {"keepalived_instances": [{"name": "a"}]}, "keepalived_instances[0]: expected interface in it"),
    ("libvirtd", {"libvirtd_max_workers": "many"}, "libvirtd_max_workers: expected a whole number"),
    ("libvirtd", {"libvirtd_host_uuid": 'x" \nauth_tcp = "none'}, "libvirtd_host_uuid"),
    ("logrotate", {"logrotate_logs": [{"paths": ['/var/log/x" {']}]}, "logrotate_logs[0].paths[0]"),
    ("network-networkd", {"network_vlans": [{"name": "v", "link": "e", "id": 4095}]}, "network_vlans[0].id"),
    ("network-netplan", {"network_bridges": [{"name": "a: b"}]}, "network_bridges[0].name: expected the name of"),
    ("nftables", {"nftables_ssh_from": ["0.0.0.0/0; accept"]}, "nftables_ssh_from[0]: expected an IP network"),
    ("nftables", {"nftables_ssh_port": 70000}, "nftables_ssh_port: expected a port"),
    ("omc-exporter", {"omc_exporter_arguments": ["$(reboot)"]}, "omc_exporter_arguments[0]"),
    ("prometheus", {"prometheus_discovery": "dns"}, "prometheus_discovery: expected one of http, file, static"),
    ("qemu", {"qemu_console_listen": "everywhere"}, "qemu_console_listen: expected an IP address"),
    ("rsyslog", {"rsyslog_queue": "lots"}, "rsyslog_queue: expected a size"),
    ("ssh-client", {"ssh_client_bastion": "-oProxyCommand=x y"}, "ssh_client_bastion"),
    ("sshd", {"sshd_permit_root_login": True}, "sshd_permit_root_login: expected text"),
    ("sshd", {"sshd_allow_groups": ["a b"]}, "sshd_allow_groups[0]"),
    ("sysctl", {"sysctl_swappiness": 300}, "sysctl_swappiness"),
)


@pytest.mark.parametrize(
    ("name", "variables", "said"), WRONG, ids=lambda value: value if isinstance(value, str) else ""
)
def test_wrong_variable_is_refused(name: str, variables: Mapping[str, Any], said: str) -> None:
    """A variable that does not fit is named with what was expected, and with the host; nothing is rendered."""
    with pytest.raises(RenderError) as caught:
        shipped.of(name, "small", **variables)
    assert said in caught.value.message
    assert ("small", name) == (caught.value.host, caught.value.template)
    assert caught.value.variable == next(iter(variables))


def test_missing_variable_is_refused() -> None:
    """What a template cannot do without is asked for by name, with what it is."""
    site = shipped.load()
    [result] = render([shipped.template("rsyslog")], [site.hosts["ceph1"]], World(site=site), Limits())
    assert isinstance(result.error, RenderError)
    assert "the variable 'rsyslog_target' is not set: The log server." == result.error.message


def test_networks_are_described_in_one_way() -> None:
    """The four templates for networks have the same variables, so that a host moves from one to the other."""
    first, *others = [catalogue.load().get(name).manifest.variables for name in NETWORKS]
    plain = [strip(msgspec.to_builtins(variables)) for variables in (first, *others)]
    assert [plain[0]] * len(others) == plain[1:]


def test_variables_of_one_name_are_one() -> None:
    """A variable that several templates have takes the same values in all of them."""
    seen: dict[str, Any] = {}
    for template in catalogue.load().templates.values():
        for name, variable in template.manifest.variables.items():
            found = strip(msgspec.to_builtins(variable))
            assert found == seen.setdefault(name, found)


def strip(value: Any) -> Any:
    """Leave out where something was written, and what is said about it."""
    if isinstance(value, dict):
        return {key: strip(item) for key, item in value.items() if key not in ("where", "description")}
    return [strip(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("suffix", ["service", "socket"])
def test_exporter_units_are_the_shipped_ones(suffix: str) -> None:
    """The template of the exporter's units says what exporters/systemd/ says, but for its first line."""
    made = shipped.content("omc-exporter", "small", f"/etc/systemd/system/omc-exporter.{suffix}")
    assert (ROOT / "exporters" / "systemd" / f"omc-exporter.{suffix}").read_text() == made.partition("\n")[2]


def test_facts_are_asked_for_where_they_are_read() -> None:
    """Only templates that count something on the host make omc ask its libvirt."""
    every, site = catalogue.load(), shipped.load()
    needs = {name: needs_facts(every.choose([name]), site) for name in every.names}
    assert ["cloud-init", "hugepages", "sysctl"] == [name for name in every.names if needs[name].own]
    assert [] == [name for name in every.names if needs[name].fleet]


@pytest.mark.parametrize("name", shipped.NAMES)
def test_works_without_a_variable(name: str) -> None:
    """Where that makes sense nothing has to be set: the defaults are complete, and valid by their own rules."""
    site = shipped.load()
    world = World(site=site, facts=lambda _: Host(name="ceph1", uri="qemu:///system"))
    [result] = render([shipped.template(name)], [site.hosts["ceph1"]], world, Limits())
    required = {"cloud-init": "cloud_init_guests", "keepalived": "keepalived_instances", "rsyslog": "rsyslog_target"}
    if name in required:
        assert isinstance(result.error, RenderError)
        assert required[name] == result.error.variable
    else:
        assert result.error is None


def test_hostile_guests_stay_data() -> None:
    """Names and devices of guests are never template source, and no template writes a guest's name to a host."""
    bad = "{{ 7 * 7 }}\n[Service]\nExecStart=/bin/evil"
    facts = shipped.FACTS["large"]
    guests = [msgspec.structs.replace(guest, name=bad, title=bad, disks=(Disk(target=bad),)) for guest in facts.guests]
    hostile = msgspec.structs.replace(facts, guests=tuple(guests))
    for name in ("cloud-init", "hugepages", "sysctl"):
        text = made(name, hostile)
        assert "evil" not in text
        assert "49" not in text.split()


def test_huge_pages_follow_the_guests_cells() -> None:
    """A bound guest takes pages of its cells in equal parts, any other of all cells by their memory."""
    facts = shipped.FACTS["large"]
    guests = facts.guests[:3]
    found = pages(msgspec.structs.replace(facts, guests=guests))
    ninth = (8 * GIB // MIB2 + 1 + 1) // 2
    assert {"0": 64 * GIB // MIB2 + 24 * GIB // MIB2 + ninth, "1": 24 * GIB // MIB2 + ninth} == found


def test_huge_pages_leave_the_host_its_share() -> None:
    """What guests want beyond the reserve, other guests' memory and QEMU's own is not set aside."""
    facts = shipped.FACTS["large"]
    cell = HostCell(id=0, memory_bytes=100 * GIB)
    [big, other] = [facts.guests[0], facts.guests[4]]
    small = msgspec.structs.replace(
        facts, cells=(cell,), guests=(msgspec.structs.replace(big, memory_bytes=90 * GIB), other)
    )
    most = 100 * GIB - 10 * GIB - 16 * GIB - 2 * (256 << 20)
    assert {"0": most // MIB2} == pages(small, hugepages_reserve_percent=10)
    assert {"0": 0} == pages(small, hugepages_reserve="200 GiB")
    assert "Some guests will not start." in made("hugepages", small)


def test_huge_pages_of_one_size_are_for_guests_of_that_size() -> None:
    """Guests that name another size, or none where the kernel's own is another, get nothing."""
    facts = shipped.FACTS["large"]
    facts = msgspec.structs.replace(facts, guests=facts.guests[:4])
    assert {"0": 0, "1": 32} == pages(facts, hugepages_size="1G")
    everybody = pages(facts, hugepages_size="1G", hugepages_default_size="1G", hugepages_spare_percent=0)
    assert everybody["0"] == 24 + 5


@pytest.mark.parametrize("name", ["hugepages", "cloud-init"])
@pytest.mark.parametrize("what", ["unreachable", "guest", "connection"])
def test_guests_that_were_not_read_are_not_taken_for_none(name: str, what: str) -> None:
    """Where not every guest could be read nothing is counted: fewer pages, or a new instance, would follow from it."""
    facts = shipped.FACTS["large"]
    if what == "unreachable":
        facts = msgspec.structs.replace(facts, status="unreachable", cells=(), guests=())
    else:
        subject, fact = ("guest/web1", UNREAD) if what == "guest" else ("host", LOST)
        issue = Issue(host="small", subject=subject, code="failed", what=fact, why="gone", failed=True)
        facts = msgspec.structs.replace(facts, issues=(issue,))
    with pytest.raises(RenderError, match="not all guests of small could be read"):
        made(name, facts)


def test_other_issues_do_not_matter() -> None:
    """A pool that could not be read, or a guest's agent that did not answer, is no reason to refuse."""
    issues = (
        Issue(host="small", subject="pool/images", code="failed", what="the configuration", why="gone", failed=True),
        Issue(host="small", subject="guest/web1", code="no-agent", what="addresses", why="no agent", failed=False),
    )
    facts = shipped.FACTS["large"]
    assert pages(facts) == pages(msgspec.structs.replace(facts, status="partial", issues=issues))


def test_huge_pages_may_be_told() -> None:
    """Counts by the cell win over what is computed; a cell that they leave out is still computed."""
    facts = shipped.FACTS["large"]
    told = pages(facts, hugepages_counts={"0": 7})
    assert 7 == told["0"]
    assert pages(facts)["1"] == told["1"]


def test_only_running_guests_may_count() -> None:
    """Guests that are shut off, or not started with the host, can be left out."""
    facts = shipped.FACTS["large"]
    assert {"0": 0, "1": 0} == pages(facts, hugepages_size="1G", hugepages_guests="running")
    assert {"0": 0, "1": 0} == pages(facts, hugepages_size="1G", hugepages_guests="autostart")
