"""The tutorial is true: its commands are run in order, and each line that it shows is printed, in that order.

Times, ages, libvirt's version and the folder differ from run to run; a line with nothing but "…" stands for any lines.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for page in (ROOT / "docs" / "tutorial").glob("*.md") if page.stem != "index")
MASKS = (
    (r"\S*/mysite/", "FOLDER/"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"libvirt [\d.]+", "libvirt VERSION"),
    (r"\b\d+s\b", "AGE"),
    (r"\s+", " "),
)


def plain(line):
    """The line with what differs from run to run masked, and one space for many."""
    for pattern, word in MASKS:
        line = re.sub(pattern, word, line)
    return line.strip()


def commands(page):
    """Every command of the page's console blocks, with the lines shown below it."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def typed(command, folder, home):
    """What a command prints on a terminal of 110 columns, stdout first and then stderr, and the folder it ends in."""
    screen, stdout = pty.openpty()
    fcntl.ioctl(stdout, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
    environ = {"HOME": str(home), "NO_COLOR": "1", "TERM": "xterm", "LANG": "C.UTF-8", "TZ": "UTC"}
    environ["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    script = f"{command}\npwd >{home}/folder"
    with subprocess.Popen(
        ["sh", "-c", script], cwd=folder, env=environ, stdout=stdout, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(stdout)
        printed = b""
        # The terminal ends with EIO when nobody has it open any more.
        while chunk := _read(screen):
            printed += chunk
        said = process.stderr.read() if process.stderr else ""
    os.close(screen)
    return printed.decode().splitlines() + said.splitlines(), (home / "folder").read_text().strip()


def _read(screen):
    try:
        return os.read(screen, 65536)
    except OSError:
        return b""


@pytest.fixture
def home():
    """A home with a short name, so that the table of hosts fits the terminal as it does a reader's."""
    with tempfile.TemporaryDirectory(prefix="omc-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_that_the_tutorial_shows_is_printed(page, home):
    """A reader who types what stands there sees what stands there."""
    folder, since = home, ""
    for command, shown in commands(page):
        # A reader takes longer over it than a test: the time before this command stands for "10 seconds ago".
        lines, folder = typed(command.replace("10 seconds ago", since), folder, home)
        since = datetime.now(UTC).isoformat()
        rest = iter([plain(line) for line in lines])
        missing = [line for line in map(plain, shown) if line != "…" and line not in rest]
        assert [] == missing, f"$ {command}\n" + "\n".join(lines)
