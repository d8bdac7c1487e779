"""The answer of a script is found between the marks, in whatever pieces and with whatever noise it comes."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.drivers.shell.reading import Reading
from omc.drivers.shell.refusals import sudo_refusal
from omc.drivers.shell.request import PLAIN, SUDO, SUDO_ASKING, Request, login_of
from omc.ports import Endpoint, Hidden

MARK = "omc:mark:0123"
PIECES = st.lists(st.integers(1, 9), max_size=30)


def endpoint(**values: object) -> Endpoint:
    return Endpoint(host="kvm1", address="kvm1", **values)


def in_pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [*pieces, data]


@given(noise=st.binary(max_size=40), content=st.binary(max_size=80), after=st.binary(max_size=20), sizes=PIECES)
def test_the_answer_is_what_is_between_the_marks(noise: bytes, content: bytes, after: bytes, sizes: list[int]) -> None:
    """Byte for byte, however the stream is cut."""
    reading = Reading(MARK)
    for piece in in_pieces(noise + f"{MARK}(\n".encode() + content + f"{MARK})3\n".encode() + after, sizes):
        reading.feed(piece, b"")
    assert (content, b"3") == (reading.output.content, reading.output.last)
    assert not reading.whole


@given(data=st.binary(max_size=200), sizes=PIECES)
def test_without_marks_there_is_no_answer(data: bytes, sizes: list[int]) -> None:
    """All of it is noise, and the end of that is kept for messages."""
    reading = Reading(MARK)
    for piece in in_pieces(data, sizes):
        reading.feed(b"", piece)
    assert (False, b"", None, data) == (
        reading.begun,
        reading.errors.content,
        reading.errors.last,
        reading.errors.noise,
    )


def test_noise_without_an_end_takes_little_memory() -> None:
    """A host may say more than anybody reads."""
    reading = Reading(MARK)
    for _ in range(1000):
        reading.feed(b"x" * 10_000, b"")
    assert 20_000 > len(reading.output.noise)


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "fish", "tcsh"])
@pytest.mark.parametrize("command", [PLAIN, SUDO, SUDO_ASKING])
def test_every_shell_reads_the_command_line_alike(shell: str, command: str) -> None:
    """Nothing in it is special to any of them: each hands the same words to sh."""
    shown = command.replace("exec sh -c", "printf %s", 1)
    done = subprocess.run(
        [shell, "-c", shown], capture_output=True, text=True, check=True, env={"HOME": "/nonexistent"}
    )
    assert command.removeprefix("exec sh -c '").removesuffix("'") == done.stdout


@pytest.mark.parametrize("programs", ["busybox", "coreutils"])
def test_a_script_takes_no_byte_of_its_data(programs: str, tmp_path: Path) -> None:
    """Whatever reads the script reads so many bytes and not one more, from a pipe that holds all at once."""
    if programs == "busybox":
        subprocess.run(["busybox", "--install", "-s", str(tmp_path)], check=True)
        path = str(tmp_path)
    else:
        path = "/usr/bin:/bin"
    script, data = "# " + "x" * 70_000 + "\ncat", b"first\n" * 30_000
    request = Request(login_of(endpoint()), script, [data])
    whole = b"".join([request.opening(), *request.body()])
    command = ["sh", "-c", request.login.command]
    done = subprocess.run(command, input=whole, capture_output=True, check=True, env={"PATH": path})
    reading = Reading(request.mark)
    reading.feed(done.stdout, done.stderr)
    assert (data, b"", b"0") == (reading.output.content, reading.errors.content, reading.output.last)


@pytest.mark.parametrize("script", ["a\0b", ""])
def test_a_script_that_could_not_arrive_is_refused(script: str) -> None:
    """No shell could hold a NUL, and nothing counts no bytes."""
    with pytest.raises(ValueError, match="NUL"):
        Request(login_of(endpoint()), script, ())


def test_the_secrets_of_a_request_are_in_its_bytes_only() -> None:
    """The password is in the opening, once, and in no text of the objects."""
    login = login_of(endpoint(become=True, become_password=Hidden("s3cret")))
    request = Request(login, "true", ())
    assert 1 == request.opening().count(b"s3cret")
    assert "s3cret" not in f"{login!r} {login.command}"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("sudo: a password is required", "sudo-password"),
        ("sudo: interactive authentication is required", "sudo-password"),
        ("Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt", "sudo-password"),
        ("sudo: Authentication failed, try again.", "sudo-password"),
        ("admin is not in the sudoers file.", "sudo-refused"),
        ("Sorry, user admin is not allowed to execute '/usr/bin/sh' as root on kvm1.", "sudo-refused"),
        ("sudo: I'm sorry admin. I'm afraid I can't do that", "sudo-refused"),
        ("sudo: sorry, you must have a tty to run sudo", "sudo-tty"),
        ("sh: 1: exec: sudo: not found", "sudo-missing"),
        ("bash: line 1: exec: sudo: not found", "sudo-missing"),
        ("sudo: unknown user: x", "sudo"),
        ("sudo: /etc/sudo.conf is owned by uid 1, should be 0", "sudo"),
    ],
)
def test_what_sudo_says_is_understood(said: str, code: str) -> None:
    """Also what versions say that are not installed here."""
    error = sudo_refusal(login_of(endpoint(become=True)), f"Welcome to kvm1\n{said}")
    assert error is not None
    assert (code, "kvm1") == (error.code, error.where)
    assert error.hint


def test_other_words_are_none_of_sudos() -> None:
    assert sudo_refusal(login_of(endpoint(become=True)), "Welcome to kvm1") is None
