"""`omc template` and the libvirt objects of real hosts: planned, defined, put back, and what goes wrong on the way."""

import json
import re
import signal
import stat
import time

import libvirt
import pytest
import yaml

from omc.drivers.hypervisor.definitions.door import open_definitions
from omc.templates.objects.live import stands
from tests import shipped
from tests.lab.guests import Guest
from tests.lab.host import Host
from tests.lab.objects import FILE, FILTER, KINDS, NAME, NETWORK, PLAIN_GUEST, POOL, STOP_ONCE, Site, find, site, xml

__all__ = ["site"]
pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_is_made_and_changed_and_put_back(site: Site, connection: libvirt.virConnect, kind: str) -> None:
    """A second plan finds nothing to do; a change keeps UUID and MACs; each rollback gives what was there before."""
    site.template({kind: KINDS[kind]})
    planned = site.plan()
    assert planned.code == 4, planned
    assert f"create libvirt:{kind}/{NAME} (objects)" in planned.stdout
    assert xml(connection, kind) is None, "a plan changes nothing"
    assert site.apply().code == 0
    made, first = xml(connection, kind), site.run()
    assert made is not None
    assert site.plan().code == 0
    assert site("status", "kvm1", "objects").code == 0
    assert site.apply("-e", "n=7").code == 0
    changed, second = xml(connection, kind), site.run()
    assert changed is not None
    assert changed != made
    assert re.findall("<uuid>.*|<mac .*", made) == re.findall("<uuid>.*|<mac .*", changed)
    assert site.plan("-e", "n=7").code == 0
    assert site.file() == "n = 7"
    assert site("rollback", second, "--yes").code == 0
    assert xml(connection, kind) == made
    assert site("rollback", first, "--yes").code == 0
    assert xml(connection, kind) is None
    assert site.file() == "none"


def test_an_object_that_somebody_else_defined_alike_is_not_changed(site: Site, connection: libvirt.virConnect) -> None:
    """What libvirt adds to a definition is no difference, also where omc never applied it."""
    plain = {kind: re.sub(r"\{\{.*?default\('?([\w-]+).*?\}\}", r"\1", text) for kind, text in KINDS.items()}
    plain["guest"] = plain["guest"].replace(">0</memory>", ">64</memory>")
    connection.networkDefineXML(plain["network"])
    connection.storagePoolDefineXML(plain["pool"].replace("{{ n }}", "0"))
    connection.secretDefineXML(plain["secret"].replace("{{ n }}", "0"))
    connection.nwfilterDefineXML(plain["nwfilter"])
    connection.defineXML(plain["guest"])
    site.template(KINDS)
    planned = site.plan()
    assert "libvirt:" not in planned.stdout
    assert "(1 file to create)" in planned.stdout


def test_a_password_is_neither_shown_nor_lost(site: Site, connection: libvirt.virConnect) -> None:
    """It stands in no plan, history, journal of the site or report, and a rollback brings it back."""
    site.template({"guest": PLAIN_GUEST})
    said = [site.apply("-e", "password=first-pw"), site.apply("-e", "password=a<b&'c\"d")]
    run = site.run()
    plan = site.omc.home / "plan.json"
    said += [
        site.plan("-e", "password=third-pw", "-f", str(plan)),
        site("rollback", run, "--yes"),
    ]
    assert [answer.code for answer in said] == [0, 0, 4, 0]
    texts = [answer.stdout + answer.stderr for answer in said] + [plan.read_text()]
    texts += [path.read_bytes().decode("latin-1") for path in site.omc.home.rglob("*") if path.is_file()]
    for password in ("first-pw", "a<b&", "a&lt;b&amp;", "third-pw"):
        assert [] == [text[:80] for text in texts if password in text]
    assert 'passwd="(secret)"' in said[1].stdout
    assert "passwd='first-pw'" in str(xml(connection, "guest"))
    kept = site.host.run("find", "/var/lib/omc/runs", "-name", "objects", "-printf", "%m\n").split()
    assert kept == ["600", "600"]


def test_what_runs_goes_on_as_it_is(site: Site, connection: libvirt.virConnect) -> None:
    """A network and a guest that run are defined anew and not restarted; the plan says when it counts."""
    site.template({"network": NETWORK.replace("255.255.255.0", "255.255.{{ mask | default(255) }}.0")})
    assert site.apply().code == 0
    network = connection.networkLookupByName(NAME)
    network.create()
    network.setAutostart(1)
    before = network.XMLDesc(0)
    planned = site.plan("-e", "mask=0")
    assert "takes effect at its next start; what runs now goes on as it is" in planned.stdout
    assert site.apply("-e", "mask=0").code == 0
    assert (network.isActive(), network.autostart()) == (1, 1)
    assert network.XMLDesc(0) == before
    assert "255.255.0.0" in network.XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE)
    assert site.plan("-e", "mask=0").code == 0


def test_a_running_guest_is_not_restarted(site: Site, connection: libvirt.virConnect) -> None:
    """Its process is the same one after its definition changed."""
    text = Guest(name=NAME).xml()
    connection.defineXML(text)
    site.template({"guest": text.replace("</name>", "</name><title>{{ n | default(0) }}</title>", 1)})
    guest = connection.lookupByName(NAME)
    guest.create()
    before = (guest.ID(), site.host.guest_pid(NAME))
    applied = site.apply("-e", "n=5")
    assert applied.code == 0, applied
    assert "takes effect at its next start" in applied.stdout
    assert (guest.ID(), site.host.guest_pid(NAME)) == before
    assert "<title>5</title>" in str(xml(connection, "guest"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<network><name>omc-object</name><nonsense/></network>", "Element network has extra content: nonsense"),
        ("<network><name>other</name></network>", "its target is 'omc-object', and its definition names 'other'"),
        ("<network><name>omc-object</name>", "this is no XML"),
        ("<domain/>", "begins with <network>, not with <domain>"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><network><name>&b;</name></network>", "a document type declaration"),
        ("<network>" * 65, "nested more than 64 deep"),
    ],
)
def test_a_definition_that_is_wrong_is_refused_in_the_plan(site: Site, text: str, said: str) -> None:
    """The plan says what is wrong, and apply changes nothing of that host."""
    site.template({"network": text})
    planned = site.plan()
    assert planned.code == 3
    assert said in planned.stdout
    assert site.apply().code == 3
    assert site.file() == "none"


def test_a_definition_that_the_host_refuses_puts_everything_back(site: Site, connection: libvirt.virConnect) -> None:
    """Filters are checked by the host alone: the network that was defined before it, and the file, are put back."""
    site.template({"network": NETWORK, "nwfilter": FILTER})
    assert site.apply().code == 0
    before = {kind: xml(connection, kind) for kind in ("network", "nwfilter")}
    site.template({"network": NETWORK, "nwfilter": FILTER.replace("<all/>", "<nonsense/>")})
    applied = site.apply("-e", "n=3")
    assert applied.code == 3
    assert "kvm1: restored" in applied.stdout
    assert "nonsense" in applied.stderr
    assert before == {kind: xml(connection, kind) for kind in ("network", "nwfilter")}
    assert site.file() == "n = 0"
    assert site("history", "-o", "json").json[0]["results"][0]["status"] == "restored"


def test_an_object_that_changed_since_the_plan_is_left_alone(site: Site, connection: libvirt.virConnect) -> None:
    """A saved plan refuses the host, and so does a rollback of a run whose object changed since; --force does it."""
    site.template({"network": NETWORK})
    assert site.apply().code == 0
    first, made = site.run(), str(xml(connection, "network"))
    plan = str(site.omc.home / "plan.json")
    assert site.plan("-e", "n=5", "-f", plan).code == 4
    theirs = made.replace("10.201.0.9", "10.201.0.44")
    connection.networkDefineXML(theirs)
    refused = site("apply", plan, "--yes", "-e", "n=5")
    assert refused.code == 3
    assert f"libvirt:network/{NAME}: it changed on the host since the plan" in refused.stderr
    status = site("status", "kvm1", "objects", "-o", "json").json
    assert [(one["state"], one["subject"]) for one in status] == [("changed", f"libvirt:network/{NAME}")]
    back = site("rollback", first, "--yes")
    assert back.code == 3
    assert "it is no longer as the run left it" in back.stderr
    assert xml(connection, "network") == theirs
    assert site.file() == "n = 0"
    assert site("rollback", first, "--yes", "--force").code == 0
    assert xml(connection, "network") is None


def test_what_no_template_makes_any_more_is_left(site: Site, connection: libvirt.virConnect) -> None:
    """Status names an object that was applied once, says where somebody changed it since, and forgets what is gone."""
    site.template({"network": NETWORK, "pool": POOL})
    assert site.apply().code == 0
    site.template({"pool": POOL})
    left = [{"subject": f"libvirt:network/{NAME}", "state": "left", "detail": "its template is not for this host"}]

    def status() -> list[dict[str, str]]:
        found = site("status", "kvm1", "-o", "json").json
        return [{name: one[name] for name in ("subject", "state", "detail")} for one in found]

    assert status() == left
    connection.networkDefineXML(str(xml(connection, "network")).replace("10.201.0.9", "10.201.0.8"))
    assert status() == [left[0] | {"detail": "its template is not for this host, and somebody changed it since"}]
    connection.networkLookupByName(NAME).undefine()
    assert status() == []


def test_a_host_without_its_daemon_is_named(site: Site) -> None:
    """Nothing of it is changed, and the plan says what to start."""
    site.template({"network": NETWORK})
    site.host.kill_libvirt()
    try:
        planned, applied = site.plan(), site.apply()
    finally:
        site.host.start_libvirt()
    assert (planned.code, applied.code) == (3, 3)
    assert "start libvirtd" in planned.stderr
    assert site.file() == "none"


def test_a_run_that_is_killed_between_files_and_objects_is_finished(site: Site, connection: libvirt.virConnect) -> None:
    """The files are in place, the daemon hangs, omc is killed: resume defines the rest, rollback takes all back."""
    site.template({}, "file", handlers=[{"command": STOP_ONCE}])
    site.template({"network": NETWORK, "pool": POOL}, file=False)
    process = site.omc.start("template", "apply", "kvm1", "file", "objects", "--yes")
    try:
        site.host.run(
            "sh", "-c", f"until [ -e {FILE} ]; do :; done; until [ -e /var/lib/omc/runs/*/*/objects ]; do :; done"
        )
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        site.host.run("sh", "-c", "kill -CONT $(cat /run/libvirtd.pid)")
    run = site.run()
    assert (site.file(), xml(connection, "network")) == ("n = 0", None)
    assert site("history", "-o", "json").json[0]["status"] == "interrupted"
    resumed = site("resume", run, "--yes")
    assert resumed.code == 0, resumed
    assert None not in {kind: xml(connection, kind) for kind in ("network", "pool")}.values()
    assert site("plan", "kvm1", "file", "objects").code == 0
    assert site("rollback", run, "--yes").code == 0
    assert (site.file(), xml(connection, "network"), xml(connection, "pool")) == ("none", None, None)


@pytest.mark.parametrize("name", ["$(id >x)", "'; id #", '"<&>', "-h", "..", "ü 😀"])
def test_a_hostile_name_is_only_a_name(site: Site, connection: libvirt.virConnect, name: str) -> None:
    """It reaches neither a shell nor a path; libvirt itself decides whether it is one."""
    site.template({})
    folder = site.omc.site / "templates" / "objects"
    (folder / "filter.j2").write_text("<secret><usage type='ceph'><name>{{ name | e }}</name></usage></secret>")
    files = [{"template": "filter.j2", "target": "libvirt:secret/{{ name }}"}]
    (folder / "manifest.yaml").write_text(yaml.safe_dump({"files": files}))
    words = ("-e", f"name={name}")
    applied = site.apply(*words)
    try:
        assert applied.code == 0, applied
        assert find(connection, "secret", name) is not None
        assert site.plan(*words).code == 0
    finally:
        assert site("rollback", site.run(), "--yes").code == 0
    assert find(connection, "secret", name) is None
    assert site.host.run("sh", "-c", "ls /x /root/x 2>/dev/null || echo none") == "none\n"


def test_a_user_who_may_only_read_is_refused_before_anything_changes(site: Site) -> None:
    """The daemon's socket for readers takes no definition; nothing of the host is changed."""
    site.template({"network": NETWORK})
    inventory = site.omc.site / "inventory" / "hosts.yaml"
    text = inventory.read_text()
    document = yaml.safe_load(text)
    document["all"]["hosts"]["kvm1"]["libvirt_uri"] = f"qemu+unix:///system?socket={site.host.socket}-ro"
    inventory.write_text(yaml.safe_dump(document))
    planned = site.plan()
    assert planned.code == 3
    assert "read only" in planned.stderr or "may only read" in planned.stderr
    assert site.file() == "none"


def test_a_saved_plan_of_objects_is_applied(site: Site, connection: libvirt.virConnect) -> None:
    """It holds no definition, and is carried out where nothing changed since; its report is JSON with the objects."""
    site.template(KINDS)
    plan, report = site.omc.home / "plan.json", site.omc.home / "report.json"
    assert site.plan("-f", str(plan)).code == 4
    assert stat.S_IMODE(plan.stat().st_mode) == 0o600
    applied = site("apply", str(plan), "--yes", "--report", str(report))
    assert applied.code == 0, applied
    paths = [file["path"] for file in json.loads(report.read_bytes())["hosts"][0]["files"]]
    assert [FILE, *(f"libvirt:{kind}/{NAME}" for kind in KINDS)] == paths
    assert None not in {kind: xml(connection, kind) for kind in KINDS}.values()


@pytest.mark.parametrize("name", shipped.HOSTS)
def test_the_shipped_objects_are_taken_as_they_are(host: Host, name: str) -> None:
    """Libvirt defines each, and what it made of it is no difference; then they are undefined."""
    definitions = open_definitions(host.local_uri, time.monotonic() + 60)
    made = shipped.of("libvirt-networks", name).objects
    try:
        for one in made:
            assert definitions.faults(one.kind, one.xml) == ""
            assert stands(one.kind, one.xml, definitions.define(one.kind, one.name, one.xml).xml)
    finally:
        for one in reversed(made):
            definitions.undefine(one.kind, one.name)
        definitions.close()
    assert made
