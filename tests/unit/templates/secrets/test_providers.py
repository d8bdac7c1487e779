"""Every provider of secrets gives the value, and says without any value why it cannot."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omc.errors import OmcError, SiteError
from omc.templates.secrets import age
from omc.templates.secrets.lookup import Secrets
from tests.required import lacking

VALUE = "correct horse"


def site(folder: Path, settings: str) -> Secrets:
    (folder / "templates").mkdir()
    (folder / "templates" / "secrets.yaml").write_text(settings)
    return Secrets(folder)


def private(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def refusal(secrets: Secrets, reference: str) -> str:
    with pytest.raises(OmcError) as caught:
        secrets(reference)
    assert VALUE not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    return f"{caught.value} | {caught.value.hint}"


FILE = "providers: {vars: {type: file, path: secret.yaml}}\n"


def test_a_file_of_names_and_values(tmp_path: Path) -> None:
    """The only provider needs no name; the last newline is not part of a value."""
    private(tmp_path / "secret.yaml", f"db: '{VALUE}'\nkey: |\n  one\n  two\n")
    secrets = site(tmp_path, FILE)
    assert secrets("db") == VALUE
    assert secrets("vars:key") == "one\ntwo"


def test_a_folder_has_one_file_a_secret(tmp_path: Path) -> None:
    """Names may have folders in them, and lead nowhere else."""
    private(tmp_path / "keys" / "db" / "admin", f"{VALUE}\n")
    secrets = site(tmp_path, "providers: {keys: {type: file, path: keys}}\n")
    assert secrets("keys:db/admin") == VALUE
    assert "expected letters" in refusal(secrets, "keys:../keys/db/admin")
    (tmp_path / "keys" / "out").symlink_to("/etc/hostname")
    assert "leads out of" in refusal(secrets, "keys:out")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Of what stands in it the message says nothing."""
    path = private(tmp_path / "keys" / "raw", b"\xff\xfe")
    found = refusal(site(tmp_path, "providers: {keys: {type: file, path: keys}}\n"), "keys:raw")
    assert f"{path} is not UTF-8" in found
    assert "xff" not in found


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The message says what to type."""
    path = private(tmp_path / "secret.yaml", f"db: '{VALUE}'\n", mode)
    assert f"can be read by others (mode {mode:04o}) | chmod 0600 {path}" in refusal(site(tmp_path, FILE), "db")


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    """Whoever owns the file could exchange the value."""
    if os.geteuid() != 0:
        lacking("only root gives a file away: use sudo")
    os.chown(private(tmp_path / "secret.yaml", f"db: '{VALUE}'\n"), 12_345, -1)
    assert "belongs to another user (number 12345)" in refusal(site(tmp_path, FILE), "db")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"db: [{VALUE}\n", "broken YAML"),
        (f"- {VALUE}\n", "expected NAME: VALUE"),
        ("db: 12345678\n", "expected text for 'db'"),
        (f"other: {VALUE}\n", "has no 'db'"),
        (b"db: \xff\n", "broken YAML"),
    ],
)
def test_a_wrong_file_is_named_without_its_content(tmp_path: Path, content: str | bytes, expected: str) -> None:
    """What stands in a file of secrets stands in no message."""
    private(tmp_path / "secret.yaml", content)
    assert expected in refusal(site(tmp_path, FILE), "db")


def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    """Opening it would wait for a writer."""
    os.mkfifo(tmp_path / "secret.yaml", 0o600)
    assert "is no file" in refusal(site(tmp_path, FILE), "db")


def test_the_environment_needs_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`env:` is always there; the prefix keeps other variables out."""
    monkeypatch.setenv("OMC_SECRET_DB_PASSWORD", VALUE)
    assert Secrets(tmp_path)("env:db-password") == VALUE
    monkeypatch.setitem(os.environ, "OMC_SECRET_RAW", "\udcff")
    assert "is not UTF-8" in refusal(Secrets(tmp_path), "env:raw")
    assert "$OMC_SECRET_HOME is not set" in refusal(Secrets(tmp_path), "env:home")


def command(folder: Path, code: str, more: str = "") -> Secrets:
    script = folder / "show.py"
    script.write_text(code)
    return site(
        folder, f"providers: {{show: {{type: command, command: [{sys.executable}, {script}, '{{name}}']{more}}}}}\n"
    )


def test_a_command_prints_the_value(tmp_path: Path) -> None:
    """The name is one argument, whatever it holds; its input is closed."""
    secrets = command(tmp_path, "import sys\nprint(sys.argv[1:], repr(sys.stdin.read()))")
    assert secrets("show:web/db@prod") == "['web/db@prod'] ''"


def test_a_command_may_give_its_first_line_alone(tmp_path: Path) -> None:
    """As `pass show` prints a password, and notes below it."""
    assert command(tmp_path, "print('one\\ntwo')", ", line: first")("show:x") == "one"


def test_a_command_is_asked_once_a_run(tmp_path: Path) -> None:
    """However many hosts need the value."""
    secrets = command(tmp_path, "import time\nprint(time.monotonic_ns())")
    assert secrets("show:a") == secrets("show:a")
    assert secrets("show:a") != secrets("show:b")


@pytest.mark.parametrize("end", ["0", "1"])
def test_a_command_is_asked_once_by_all_who_want_it_at_the_same_time(tmp_path: Path, end: str) -> None:
    """Nobody starts a second one while the first is at it, and one that failed is not tried for every host."""
    log = tmp_path / "asked"
    code = f"import sys, time\nopen({str(log)!r}, 'a').write('x')\ntime.sleep(0.2)\nprint('value')\nsys.exit({end})"
    secrets = command(tmp_path, code)

    def said(_: int) -> str:
        try:
            return secrets("show:sudo")
        except OmcError as error:
            return error.message

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(said, range(16)))
    assert ({"value"} if end == "0" else {f"the secret 'show:sudo': {sys.executable} failed with status 1"}) == found
    assert "x" == log.read_text()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import sys; sys.exit('not in the store\\x1b[2J')", "failed with status 1: not in the store\\x1b[2J"),
        ("import time; time.sleep(60)", "gave no answer within 0.5 s"),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "not UTF-8"),
        ("print('x' * 100_000)", "at most 65536 characters"),
        ("print('x' * 2_000_000)", "expected at most 1048576"),
        ("print('a\\0b')", "expected text"),
    ],
)
def test_a_command_that_fails_is_named(tmp_path: Path, code: str, expected: str) -> None:
    """Also one that never ends; what it said is made harmless for the terminal."""
    assert expected in refusal(command(tmp_path, code, ", timeout_seconds: 0.5" if "sleep" in code else ""), "show:db")


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """No shell looks for it either."""
    secrets = site(tmp_path, "providers: {show: {type: command, command: [no-such-program-here]}}\n")
    assert "no-such-program-here cannot be started" in refusal(secrets, "show:db")


AGE = "providers: {age: {type: age, path: %s, identity: identity.txt}}\n"


@pytest.fixture
def recipient(tmp_path: Path) -> str:
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    private(tmp_path / "identity.txt", made)
    return next(line.split()[-1] for line in made.splitlines() if line.startswith("# public key"))


def encrypted(path: Path, text: str, recipient: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["age", "-r", recipient, "-o", path], input=text, text=True, check=True)


@pytest.fixture(params=["package", "program"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the package pyrage, and by the program where the package is not installed."""
    if request.param == "program":
        monkeypatch.setitem(sys.modules, "pyrage", None)


@pytest.mark.usefixtures("way")
def test_age_opens_a_file_a_secret(tmp_path: Path, recipient: str) -> None:
    """The encrypted files may lie in the site."""
    encrypted(tmp_path / "templates" / "secrets" / "db.age", f"{VALUE}\n", recipient)
    (tmp_path / "templates" / "secrets.yaml").write_text(AGE % "templates/secrets")
    secrets = Secrets(tmp_path)
    assert secrets("db") == VALUE
    assert "there is no file" in refusal(secrets, "web")


@pytest.mark.usefixtures("way")
def test_age_opens_one_file_of_names_and_values(tmp_path: Path, recipient: str) -> None:
    """One file holds many."""
    encrypted(tmp_path / "all.age", f"db: {VALUE}\n", recipient)
    assert site(tmp_path, AGE % "all.age")("age:db") == VALUE


@pytest.mark.usefixtures("way", "recipient")
def test_another_identity_does_not_open_it(tmp_path: Path) -> None:
    """The message names the file and nothing of what is in it."""
    other = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    encrypted(tmp_path / "all.age", f"db: {VALUE}\n", other.split("public key: ")[1].split()[0])
    found = refusal(site(tmp_path, AGE % "all.age"), "age:db")
    assert "does not open" in found or "no identity matched" in found


@pytest.mark.usefixtures("recipient")
def test_an_identity_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The private key is a secret, too."""
    (tmp_path / "identity.txt").chmod(0o644)
    assert "can be read by others" in refusal(site(tmp_path, AGE % "all.age"), "age:db")


def test_without_package_and_program_age_says_what_to_install(
    tmp_path: Path, recipient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is needed by a site that has no such files."""
    encrypted(tmp_path / "all.age", f"db: {VALUE}\n", recipient)
    monkeypatch.setitem(sys.modules, "pyrage", None)
    monkeypatch.setattr(age.shutil, "which", lambda _: None)
    assert "pip install 'omc[age]'" in refusal(site(tmp_path, AGE % "all.age"), "age:db")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("db", "names no provider"),
        ("vault:db", "no provider is named 'vault'"),
        ("vras:db", "meant vars?"),
        ("vars:", "expected letters"),
        ("vars:-x", "expected letters"),
        ("vars:a b", "expected letters"),
        ("vars:$(id)", "expected letters"),
        ("vars:/etc/shadow", "expected letters"),
    ],
)
def test_a_reference_that_fits_nothing_is_refused(tmp_path: Path, reference: str, expected: str) -> None:
    """With two providers none is the default; a name cannot be an option, a path or a shell's text."""
    more = "providers: {vars: {type: file, path: x}, env: {type: env}, two: {type: env, prefix: X_}}\n"
    assert expected in refusal(site(tmp_path, more), reference)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("- a\n", "secrets.yaml:1: expected a mapping, found a list ()"),
        ("provider: {}\n", "secrets.yaml:1: unknown key 'provider' (meant providers?)"),
        (
            "providers:\n  a: {type: files}\n",
            "secrets.yaml:2: a: expected type as one of file, env, command, age, found files ()",
        ),
        ("providers:\n  a: {type: file}\n", "secrets.yaml:2: a: a provider of type file needs path ()"),
        ("providers:\n  a: {type: env, path: x}\n", "secrets.yaml:2: a: a provider of type env has no path ()"),
        (
            "providers:\n  a: {type: command, command: pass show}\n",
            "secrets.yaml:2: command: expected a list of arguments, [pass, show, '{name}']; no shell sees it, found the text 'pass show' ()",  # noqa: E501
        ),
        (
            "providers: {a: {type: command, command: [x], timeout_seconds: 0}}\n",
            "secrets.yaml:1: timeout_seconds: expected a number of seconds from 0.1 to 600, found the number '0' ()",
        ),
        ("default: b\nproviders: {a: {type: env}}\n", "secrets.yaml:1: default: no provider is named 'b' ()"),
    ],
)
def test_wrong_settings_are_named_with_their_line(tmp_path: Path, settings: str, expected: str) -> None:
    """Each mistake says what was found and what was expected."""
    secrets = site(tmp_path, settings)
    with pytest.raises(SiteError) as caught:
        secrets("env:x")
    assert expected == f"{caught.value} ({caught.value.hint})".removeprefix(f"{tmp_path}/templates/")
