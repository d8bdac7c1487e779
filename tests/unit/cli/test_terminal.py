"""omc on a terminal: width, colour, progress, Ctrl-C; and what of it a pipe must not see."""

import shlex
import socket
import subprocess
import time
from pathlib import Path

import pytest

from omc.text import cell_width
from tests.unit.cli.running import COMMAND, Omc, Terminal, on_terminal, program


@pytest.mark.parametrize("columns", [60, 200])
def test_table_fits(omc: Omc, columns: int) -> None:
    omc("inventory")
    code, text = on_terminal("inventory", "guests", "--no-color", columns=columns)
    assert code == 0
    table = [line for line in text.splitlines() if line.startswith(("HOST", "kvm", "lab"))]
    assert len(table) == 1 + 15
    assert max(map(cell_width, table)) <= columns
    assert table[0].endswith("…") == (columns == 60)


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("audit", "--profile", "core-2026", "kvm2"), "cpu: hardware acceleration: no kvm; cpu: not checked"),
        (("capacity", "forecast"), "at least 10 over 14 are needed"),
    ],
)
def test_what_says_most_is_whole_on_a_narrow_terminal(
    omc: Omc, columns: int, words: tuple[str, ...], told: str
) -> None:
    """Where the table has no room for it, it is wrapped below its row."""
    omc("inventory")
    lines = on_terminal(*words, "--no-color", columns=columns)[1].splitlines()
    assert max(map(cell_width, lines)) <= columns
    below = " ".join(line.strip() for line in lines if line.startswith("    "))
    assert told in below
    assert "…" not in below


def test_terminal_gets_words_and_a_pipe_gets_raw_values(omc: Omc) -> None:
    omc("inventory")
    _, text = on_terminal("inventory", "guests", columns=200)
    assert "64 GiB" in text
    assert "68719476736" in program("inventory", "guests").out


def test_colour_only_on_a_terminal_that_wants_it(omc: Omc) -> None:
    omc("inventory")
    assert "\x1b[32mrunning" in on_terminal("inventory", "guests", columns=100)[1]
    for arguments, environ in ((("--no-color",), {}), ((), {"NO_COLOR": "1"})):
        assert "\x1b[" not in on_terminal("inventory", "guests", *arguments, columns=100, environ=environ)[1]
    assert "\x1b" not in program("inventory", "guests", "-o", "table").out


def test_progress_only_on_a_terminal(omc: Omc) -> None:
    assert "collecting" in on_terminal("inventory", "--max-age", "0", columns=100)[1]
    ran = program("inventory", "--max-age", "0")
    assert "collecting" not in ran.err
    assert "\x1b" not in ran.err


def test_hostile_name_cannot_write_to_the_terminal(omc: Omc, site: Path) -> None:
    """A guest's title with escapes is shown escaped, on its own line."""
    path = site / "inventory" / "demo" / "kvm1.xml"
    path.write_text(path.read_text().replace("Shop, front end 1", "a&#x9b;2J&#x85;b\u202ec"))
    omc("inventory")
    _, text = on_terminal("inventory", "guests", "--columns", "title,name", "--no-color", columns=100)
    assert r"a\x9b2J\x85b" in text
    assert "\x9b" not in text
    assert "\u202e" not in text


def test_control_c_ends_with_130_and_keeps_what_was_collected(omc: Omc, site: Path, tmp_path: Path) -> None:
    """A host that does not answer is left behind at once; the others are in the store."""
    path = tmp_path / "mute.sock"
    with socket.socket(socket.AF_UNIX) as mute, (site / "inventory" / "hosts.yaml").open("a") as file:
        mute.bind(str(path))
        mute.listen()
        file.write(
            f"    mute:\n      hosts:\n        mute1:\n          libvirt_uri: qemu+unix:///system?socket={path}\n"
        )
        file.flush()
        terminal = Terminal(["inventory", "--max-age", "0"], columns=100)
        terminal.wait_for("3/4")
        terminal.wait_for("waiting for mute1")
        started = time.monotonic()
        terminal.press(b"\x03")
        assert terminal.finish() == 130
        assert time.monotonic() - started < 2
        assert "interrupted" in terminal.text
        assert "Traceback" not in terminal.text
    assert omc("inventory", "sql", "SELECT count(*) FROM guests").out.split()[-1] == "15"
    assert "interrupted" in omc("inventory", "sql", "SELECT outcome FROM runs").out


def test_closed_stdout_is_an_error_and_no_traceback(site: Path) -> None:
    script = f"{shlex.join(COMMAND)} inventory guests >&-"
    ran = subprocess.run(["sh", "-c", script], check=False, stderr=subprocess.PIPE, text=True, timeout=60)
    assert ran.returncode == 1
    assert "stdout is closed" in ran.stderr
    assert "Traceback" not in ran.stderr
