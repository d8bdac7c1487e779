"""No secret leaves omc by any other way than into the file that it is for."""

from pathlib import Path

import pytest

from tests.template.fleet import PATH, Fleet

SECRET, OLD, BEFORE = "hunter2-Zürich", "0ldWord-of-theirs", "S3cond-one-of-ours"
TEXT = "user = bob\npassword = {{ secret('env:db') }}\nencoded = {{ secret('env:db') | b64encode }}\n"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMC_SECRET_DB", SECRET)


def everything(fleet: Fleet, folder: Path, *said: str) -> bytes:
    """All that was said, and every file that omc wrote on this machine."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and fleet.site not in path.parents]
    assert len(files) >= 2
    return b"".join([*files, *(text.encode() for text in said)])


def assert_hidden(found: bytes) -> None:
    import base64

    for value in (SECRET, OLD, BEFORE, base64.b64encode(SECRET.encode()).decode()):
        assert value.encode() not in found


def test_secret_is_in_the_file_and_nowhere_else(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.add("a", "b")
    fleet.template(text=TEXT)
    fleet.put("a", f"user = alice\npassword = {OLD}\n")
    plan, report, junit = (str(tmp_path / name) for name in ("plan.json", "run.json", "run.xml"))
    said = []
    for arguments in (
        ("plan", "-f", plan, "--debug", "-vv"),
        ("apply", plan, "--yes", "--report", report, "--junit", junit, "--debug", "-vv"),
        ("status", "--all", "-o", "json"),
        ("history", "-o", "json"),
        ("render", "conf", "a"),
    ):
        ran = fleet.omc("template", *arguments)
        assert ran.code in (0, 4), ran.err
        said += [ran.out, ran.err]
    assert f"password = {SECRET}\n" in fleet.content("a")
    assert "-user = alice\n-password = (secret)\n+user = bob\n+password = (secret)\n" in said[0]
    monkeypatch.setenv("OMC_SECRET_DB", BEFORE)
    ran = fleet.omc("template", "plan")
    assert 4 == ran.code
    assert_hidden(everything(fleet, tmp_path, *said, ran.out, ran.err))
    run = fleet.history()[0]["run"]
    ran = fleet.omc("template", "rollback", run, "--yes")
    assert_hidden(everything(fleet, tmp_path, ran.out, ran.err))
    assert OLD in fleet.content("a")


def test_secret_that_a_validator_or_handler_prints_is_hidden(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("a", "b")
    fleet.template(
        text=TEXT,
        files=[{"template": "file.j2", "path": PATH, "validate": 'sh -c "cat $0; {{ valid }}" %s'}],
        handlers=[{"command": f'sh -c "cat {PATH} >&2; {{{{ handled }}}}"'}],
    )
    fleet.variables("a", valid="exit 1", handled="true")
    fleet.variables("b", valid="true", handled="exit 3")
    ran = fleet.omc("template", "apply", "all", "--yes", "--debug", "-vv")
    assert 3 == ran.code
    assert "ended with 1\nuser = bob\npassword = (secret)" in ran.err
    assert "ended with 3\nuser = bob\npassword = (secret)" in ran.err
    assert_hidden(everything(fleet, tmp_path, ran.out, ran.err))


def test_store_and_plan_hold_no_plain_digest_of_a_file_with_a_secret(fleet: Fleet, tmp_path: Path) -> None:
    import hashlib

    fleet.add("a")
    fleet.template(text="{{ secret('env:db') }}\n")
    fleet.omc("template", "plan", "-f", str(tmp_path / "plan.json"))
    fleet.omc("template", "apply", "a", "--yes")
    digest = hashlib.sha256(f"{SECRET}\n".encode()).hexdigest()
    assert digest.encode() not in everything(fleet, tmp_path)
    assert 0 == fleet.omc("template", "status").code


def test_secret_that_a_handler_prints_when_a_run_is_finished_or_put_back_is_hidden(
    fleet: Fleet, tmp_path: Path
) -> None:
    """Nothing is rendered then, so nobody knows what to hide. On b omc knows of no secret, and shows what was said."""
    fleet.add("a", "b")
    fleet.template("conf", text=TEXT, hosts="a")
    fleet.omc("template", "apply", "a", "--yes")
    waits = "touch /var/tmp/begun; until [ -e /var/tmp/go ]; do sleep 0.05; done"
    command = f'sh -c "{waits}; cat /etc/omc-*; test -e /var/tmp/fine"'
    fleet.template("other", files=[{"template": "file.j2", "path": "/etc/omc-b.conf"}], handlers=[{"command": command}])
    process = fleet.start("template", "apply", "all", "other", "--yes")
    for host in fleet.hosts.values():
        host.run("sh", "-c", "until [ -e /var/tmp/begun ]; do sleep 0.02; done")
    process.kill()
    process.wait(10)
    fleet.omc("template", "unlock", "all", "--force", "--yes")
    for host in fleet.hosts.values():
        host.write("/var/tmp/go", b"")
    run = fleet.history()[0]["run"]
    resumed = fleet.omc("template", "resume", run, "--yes")
    for host in fleet.hosts.values():
        host.write("/var/tmp/fine", b"")
    assert 0 == fleet.omc("template", "resume", run, "--yes").code
    for host in fleet.hosts.values():
        host.run("rm", "/var/tmp/fine")
    back = fleet.omc("template", "rollback", run, "--yes")
    for ran, shown in ((resumed, "value = new"), (back, "cat:")):
        assert f"ended with 1\n{shown}" in ran.err
        assert "ended with 1\nwhat it wrote is not shown: a secret may be in it" in ran.err
    assert_hidden(everything(fleet, tmp_path, resumed.out, resumed.err, back.out, back.err))
