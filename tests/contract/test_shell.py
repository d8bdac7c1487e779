"""What every way to a host's shell must do: one suite over this machine itself and over a real sshd."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from omc.drivers.local import LocalShells
from omc.drivers.ssh import SshOptions, ssh_shells
from omc.errors import DeadlineError, HostError
from omc.ports import Answer, Endpoint, Shell, Shells

SECONDS = 20.0


def soon() -> float:
    return time.monotonic() + SECONDS


@pytest.fixture(params=["local", "ssh"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Shells, Endpoint]]:
    """A way to a host, and where that host is."""
    if request.param == "local":
        yield LocalShells(), Endpoint(host="here", address="here", local=True)
        return
    host = request.getfixturevalue("ssh_host")
    endpoint = Endpoint(
        host=host.name,
        address=host.name,
        ssh_arguments=("-F", str(host.folder.parent / "ssh_config")),
    )
    with closing(ssh_shells(SshOptions(home=tmp_path))) as shells:
        yield shells, endpoint


@pytest.fixture
def shell(way: tuple[Shells, Endpoint]) -> Iterator[Shell]:
    """An open shell."""
    shells, endpoint = way
    with closing(shells.open(endpoint, deadline=soon())) as opened:
        yield opened


@pytest.fixture
def run(shell: Shell) -> Callable[..., Answer]:
    """Run a script with data."""

    def run(script: str, *data: bytes, most_bytes: int = 1 << 20) -> Answer:
        return shell.run(script, data, deadline=soon(), most_bytes=most_bytes)

    return run


def test_output_errors_and_status_come_back(run: Callable[..., Answer]) -> None:
    """The three are kept apart."""
    assert Answer(3, b"out\n", b"err\n") == run("echo out; echo err >&2; exit 3")


def test_bytes_come_back_as_they_are(run: Callable[..., Answer]) -> None:
    """No newline is added or lost, no byte is changed, whichever of the two streams it is."""
    every = bytes(range(256)) * 40
    assert Answer(0, every, b"") == run("cat", every)
    assert Answer(0, b"", every) == run("cat >&2", every)
    assert Answer(0, b"", b"") == run(":")
    assert Answer(0, b"no newline", b"\n\n") == run("printf 'no newline'; printf '\\n\\n' >&2")


def test_data_come_in_one_piece_after_the_other(run: Callable[..., Answer]) -> None:
    """The script's standard input is its data and nothing else."""
    assert b"first\nsecond" == run("read -r line; echo $line; cat", b"first\nse", b"", b"cond").output
    assert b"0\n" == run("wc -c").output


def test_a_script_may_be_long_and_hold_any_character(run: Callable[..., Answer]) -> None:
    """Quotes, backslashes, several lines, UTF-8: the script is never quoted on its way."""
    text = "'\"\\$`!*?[]{}~#äöü€ \t;&|<>()"
    script = f"#{'x' * 100_000}\ncat <<'END'\n{text}\nEND\n"
    assert f"{text}\n".encode() == run(script).output


def test_the_locale_is_plain(run: Callable[..., Answer]) -> None:
    """Messages of programs are English, and sorting is by bytes."""
    assert b"C\n" == run("echo $LC_ALL").output


def test_a_script_that_ends_its_shell_ends_only_itself(run: Callable[..., Answer]) -> None:
    """What `set -e` does, exit in a function, exec, a trap, and a kill of itself all give an answer."""
    assert 1 == run("set -e; false; echo never").status
    assert 7 == run("f() { exit 7; }; f; echo never").status
    assert Answer(0, b"replaced\n", b"") == run("exec echo replaced")
    assert Answer(2, b"trapped\n", b"") == run("trap 'echo trapped' EXIT; exit 2")
    assert 137 == run("sh -c 'kill -KILL \"$PPID\"'; sleep 5").status


def test_a_script_that_is_wrong_says_so(run: Callable[..., Answer]) -> None:
    """A syntax error is the script's own answer."""
    answer = run("if")
    assert 0 != answer.status
    assert b"yntax error" in answer.errors


def test_closed_streams_are_an_empty_answer(run: Callable[..., Answer]) -> None:
    """A script may close what it writes to, and may leave its data unread."""
    assert Answer(0, b"", b"") == run("exec >&- 2>&-; :", b"unread" * 1_000_000)


def test_much_data_in_and_out_at_once(run: Callable[..., Answer]) -> None:
    """Neither side waits for the other for ever, far beyond every window and pipe between them."""
    data = b"0123456789abcdef" * 400_000
    assert data == run("cat", data, most_bytes=1 << 24).output


def test_what_runs_on_in_the_background_is_not_waited_for(run: Callable[..., Answer]) -> None:
    """A process that keeps the streams open does not keep the answer."""
    started = time.monotonic()
    assert b"done\n" == run("sleep 15 & echo done").output
    assert SECONDS / 2 > time.monotonic() - started


def test_several_scripts_one_after_the_other(run: Callable[..., Answer]) -> None:
    """Nothing of one script is left for the next."""
    assert b"" == run("x=1; cd /tmp; umask 077; exec 3>/dev/null").output
    for number in range(20):
        assert f"{number}\n".encode() == run("echo ${x-$0}${x-} >/dev/null; cat", f"{number}\n".encode()).output


def test_too_much_output_is_refused(run: Callable[..., Answer]) -> None:
    """What comes back is bounded; the shell can be used again."""
    with pytest.raises(HostError, match="more than 64 KiB came back") as refused:
        run("cat /dev/zero", most_bytes=1 << 16)
    assert "too_large" == refused.value.code
    assert b"still here\n" == run("echo still here").output


def test_a_deadline_ends_a_script(way: tuple[Shells, Endpoint]) -> None:
    """DeadlineError comes at the deadline, with the host's name, whatever the script does."""
    shells, endpoint = way
    for script in ("sleep 30", "while :; do :; done", "trap '' HUP PIPE TERM; sleep 30 >/dev/null 2>&1"):
        with closing(shells.open(endpoint, deadline=soon())) as shell:
            started = time.monotonic()
            with pytest.raises(DeadlineError) as late:
                shell.run(script, [b"x" * 5_000_000] if script == "sleep 30" else (), deadline=started + 0.4)
            assert 0.4 <= time.monotonic() - started < SECONDS / 2
            assert endpoint.host == late.value.where


def test_nothing_of_a_script_that_was_given_up_goes_on_here(tmp_path: Path) -> None:
    """On this machine itself no process of it is left, also not one that would be busy for ever."""
    mark = tmp_path / "group"
    shell = LocalShells().open(Endpoint(host="here", address="here", local=True), deadline=soon())
    with closing(shell), pytest.raises(DeadlineError):
        shell.run(f"echo $$ >{mark}; while :; do :; done", deadline=time.monotonic() + 1)
    stats = [path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")]
    assert [] == [state for state, _, group, *_ in stats if group == mark.read_text().strip() and state != "Z"]


def test_a_closed_shell_runs_nothing(way: tuple[Shells, Endpoint]) -> None:
    """After close there is an error, not a wait; a second close is none."""
    shells, endpoint = way
    shell = shells.open(endpoint, deadline=soon())
    shell.close()
    shell.close()
    with pytest.raises(HostError) as refused:
        shell.run("echo", deadline=soon())
    assert ("connection-lost", endpoint.host) == (refused.value.code, refused.value.where)


def test_an_open_that_is_too_late_is_refused(way: tuple[Shells, Endpoint]) -> None:
    """A deadline that has passed is not the start of anything."""
    shells, endpoint = way
    with pytest.raises(DeadlineError):
        shells.open(endpoint, deadline=time.monotonic() - 1)


def test_a_script_is_no_argument_of_any_process(run: Callable[..., Answer]) -> None:
    """Whoever lists processes on the host sees neither the script nor its data."""
    script = "# a-very-secret-script\ncat >/dev/null; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    answer = run(script, b"a-very-secret-value")
    assert b"eval" in answer.output
    assert b"a-very-secret" not in answer.output
