"""A plan says what would change on a host, and holds neither content nor secrets."""

import hashlib

import msgspec
import pytest

from omc.errors import OmcError, UsageError
from omc.templates.desired import Desired, DesiredFile, DesiredHandler, SetCheck
from omc.templates.fingerprint import Fingerprints, own_key
from omc.templates.plan import NOT_THERE, Attribute, host_plan
from omc.templates.planfile import Plan, load, save, stale
from omc.templates.remote.state import FileState, HostState

PRINTS = Fingerprints(lambda: b"k" * 32)
PATH = "/etc/chrony.conf"


def wanted(content: str = "new\n", **fields: object) -> DesiredFile:
    return DesiredFile(**{"template": "chrony", "path": PATH, "content": content.encode()} | fields)


def present(text: str = "old\n", **fields: object) -> FileState:
    data = text.encode()
    given = {"kind": "file", "digest": hashlib.sha256(data).hexdigest(), "content": data, "size_bytes": len(data)}
    attributes = {"owner": "root", "group": "root", "mode": 0o644}
    return FileState(**{"path": PATH} | given | attributes | fields)


def desired(*files: DesiredFile, **fields: object) -> Desired:
    return Desired(**{"host": "kvm1", "templates": ("chrony",), "files": files} | fields)


def state(*files: FileState, **fields: object) -> HostState:
    return HostState(**{"machine": "m1", "files": files} | fields)


def plan_of(file: DesiredFile, now: FileState, **fields: object):
    return host_plan(desired(file, **fields), state(now), PRINTS)


def test_file_that_is_as_it_should_be_stays():
    plan = plan_of(wanted("same\n", owner="root", mode=0o644), present("same\n"))
    assert ["same"] == [file.action for file in plan.files]
    assert not plan.is_pending


def test_missing_file_is_made():
    (file,) = plan_of(wanted(), FileState(path=PATH, kind="missing")).files
    assert ("create", None, ("@@ -0,0 +1 @@", "+new")) == (file.action, file.before, file.difference)


def test_changed_content_is_shown_as_a_difference():
    (file,) = plan_of(wanted(), present()).files
    assert ("change", ("@@ -1 +1 @@", "-old", "+new")) == (file.action, file.difference)


def test_attributes_alone_are_a_change_too():
    (file,) = plan_of(wanted("same\n", owner="chrony", group="0", mode=0o600), present("same\n", mode=0o4755)).files
    assert "attributes" == file.action
    assert (Attribute("owner", "root", "chrony"), Attribute("mode", "4755", "0600")) == file.attributes


def test_owner_given_as_a_number_fits_the_number():
    assert not plan_of(wanted("a", owner="107"), present("a", owner="libvirt-qemu", owner_id=107)).is_pending


def test_selinux_context_counts_only_where_the_host_has_one():
    file = wanted("a", context="system_u:object_r:etc_t:s0")
    assert not plan_of(file, present("a")).is_pending
    assert plan_of(file, present("a", context="system_u:object_r:tmp_t:s0")).is_pending


@pytest.mark.parametrize("kind", ["directory", "symlink", "other"])
def test_what_is_no_file_is_never_replaced(kind):
    plan = plan_of(wanted(), FileState(path=PATH, kind=kind))
    assert "refused" == plan.files[0].action
    assert plan.blockers
    assert plan.is_pending


def test_immutable_file_is_refused_only_where_it_would_change():
    assert "immutable" in plan_of(wanted(), present(immutable=True)).blockers[0]
    assert not plan_of(wanted("old\n"), present(immutable=True)).blockers


def test_change_is_refused_where_the_host_lacks_what_checks_it():
    """Nothing is refused where nothing changes."""
    lacking = {"lacking": frozenset({"nft", "sshd"})}
    made = desired(wanted(validate=("nft", "-cf", "%s")), checks=(SetCheck(template="chrony", command=("sshd", "-t")),))
    plan = host_plan(made, state(present(), **lacking), PRINTS)
    assert (f"{PATH}: nft, {NOT_THERE}",) == plan.blockers, "what does not change is not checked"
    made = msgspec.structs.replace(made, files=(wanted(),))
    assert (f"chrony: sshd, {NOT_THERE}",) == host_plan(made, state(present(), **lacking), PRINTS).blockers
    assert () == host_plan(made, state(present("new\n"), **lacking), PRINTS).blockers


def test_handlers_and_checks_come_only_with_a_change_of_their_templates():
    reload, other = ("systemctl", "reload", "chrony"), ("true",)
    handlers = (
        DesiredHandler(templates=("chrony",), command=reload),
        DesiredHandler(templates=("ssh",), command=other),
    )
    checks = (SetCheck(template="chrony", command=("chronyd", "-p")), SetCheck(template="ssh", command=("sshd", "-t")))
    changed = plan_of(wanted(), present(), handlers=handlers, checks=checks)
    assert ((reload,), (checks[0],)) == (changed.handlers, changed.checks)
    same = plan_of(wanted("old\n"), present(), handlers=handlers, checks=checks)
    assert ((), ()) == (same.handlers, same.checks)


def test_pending_handlers_of_earlier_runs_make_a_plan_of_an_unchanged_host():
    plan = host_plan(desired(wanted("a")), state(present("a"), pending_handlers=(("true",),)), PRINTS)
    assert plan.is_pending
    assert (("true",),) == plan.pending


def test_secrets_are_nowhere_in_a_plan():
    handler = DesiredHandler(templates=("chrony",), command=("login", "S3cret!!"))
    file = wanted("key S3cret!!\n", secrets=("S3cret!!",))
    text = msgspec.json.encode(plan_of(file, present("key 0ldWord\n"), handlers=(handler,))).decode()
    assert "S3cret" not in text
    assert "0ldWord" not in text
    for content in (b"key S3cret!!\n", b"key 0ldWord\n"):
        assert hashlib.sha256(content).hexdigest() not in text


def test_old_file_with_something_to_hide_has_a_keyed_fingerprint_even_where_the_new_one_holds_no_secret():
    (file,) = plan_of(wanted("a\n"), present("a\npassword = 0ldWord\n")).files
    assert file.before.startswith("hmac-")


def test_content_that_was_too_large_to_fetch_is_said_to_be():
    (file,) = plan_of(wanted(), present(content=None, size_bytes=3_000_000)).files
    assert "too large to show: 3000000 bytes" == file.omitted


def whole(*hosts) -> Plan:
    return Plan(made_at="2026-01-01T00:00:00Z", actor="ada", omc_version="1", site="/s", key=PRINTS.name, hosts=hosts)


def test_plan_file_is_read_as_it_was_written_and_is_for_its_owner_alone(tmp_path):
    saved = whole(plan_of(wanted(), present()))
    save(saved, tmp_path / "plan.json")
    assert saved == load(tmp_path / "plan.json", PRINTS)
    assert 0o600 == (tmp_path / "plan.json").stat().st_mode & 0o777
    assert ["plan.json"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", "no plan of omc"),
        (b"\xff", "no plan of omc"),
        (b'{"omc_plan": 99}', "of version 99"),
        (b'{"omc_plan": 1, "hosts": 3}', "damaged"),
    ],
)
def test_file_that_is_no_plan_is_refused(tmp_path, content, message):
    (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises((OmcError, UsageError), match=message):
        load(tmp_path / "plan.json", PRINTS)


def test_plan_with_secrets_is_refused_where_its_key_is_not(tmp_path):
    path = tmp_path / "plan.json"
    save(whole(plan_of(wanted("S3cret!!", secrets=("S3cret!!",)), present())), path)
    with pytest.raises(OmcError, match="another user or on another machine"):
        load(path, Fingerprints(lambda: b"x" * 32))
    save(whole(plan_of(wanted(), present())), path)
    assert load(path, Fingerprints(lambda: b"x" * 32))


SECRET = {"secrets": ("S3cret!!",)}


@pytest.mark.parametrize("more", [{}, SECRET])
def test_saved_plan_holds_while_nothing_changed(more):
    file = wanted("S3cret!!\n", **more)
    saved = plan_of(file, present())
    seen = state(present(content=None))
    assert [] == stale(saved, host_plan(desired(file), seen, PRINTS), seen, PRINTS)


@pytest.mark.parametrize(
    ("file", "now", "reason"),
    [
        (wanted("other\n"), present(), "the template, a variable or a fact changed"),
        (wanted(mode=0o600), present(), "the template, a variable or a fact changed"),
        (wanted(validate=("true", "%s")), present(), "the template, a variable or a fact changed"),
        (wanted(path="/etc/other"), present(path="/etc/other"), "the template, a variable or a fact changed"),
        (wanted(), present("someone was here\n"), "it changed on the host"),
        (wanted(), FileState(path=PATH, kind="missing"), "it changed on the host"),
        (wanted(), FileState(path=PATH, kind="symlink"), "it changed on the host"),
    ],
)
def test_saved_plan_is_refused_where_something_changed(file, now, reason):
    seen = state(now)
    found = stale(plan_of(wanted(), present()), host_plan(desired(file), seen, PRINTS), seen, PRINTS)
    assert reason in found[0]


def test_saved_plan_is_refused_where_the_mode_changed_on_the_host():
    file = wanted(mode=0o600)
    seen = state(present(mode=0o666))
    assert stale(plan_of(file, present()), host_plan(desired(file), seen, PRINTS), seen, PRINTS)


def test_saved_plan_is_refused_where_another_machine_answers():
    seen = state(present(), machine="m2")
    found = stale(plan_of(wanted(), present()), host_plan(desired(wanted()), seen, PRINTS), seen, PRINTS)
    assert ["another machine answers by this name now"] == found


def test_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "omc" / "fingerprint.key"
    key = own_key(path)
    assert key == own_key(path)
    assert 32 == len(key)
    assert 0o600 == path.stat().st_mode & 0o777
    assert [path] == list(path.parent.iterdir())


def test_key_that_others_can_read_is_refused(tmp_path):
    own_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(OmcError, match="others can use the key"):
        own_key(tmp_path / "key")
