"""A page of the tutorial as a reader types it: its commands, and what they print on a terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted(page for page in (ROOT / "docs" / "tutorial").glob("*.md") if page.stem != "index")
MASKS = (
    (r"\S*/mysite\b", "FOLDER"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{6}Z)?", "TIME"),
    (r"libvirt [\d.]+", "libvirt VERSION"),
    (r"\b\d+s\b", "AGE"),
    (r"\b\d{8}-\d{6}-[0-9a-z]{4}\b", "RUN"),
    (r"\b\d+\.\d s\b", "SECONDS"),
    (r"\s+", " "),
)


def plain(line: str) -> str:
    """The line with what differs from run to run masked, and one space for many."""
    for pattern, word in MASKS:
        line = re.sub(pattern, word, line)
    return line.strip()


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """Every command of the page's console blocks, with the lines shown below it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> "):  # the shell's own sign that the command goes on
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
            else:
                found[-1][1].append(line)
    return found


def typed(command: str, folder: str | Path, home: Path) -> tuple[list[str], str]:
    """What a command prints on a terminal of 110 columns, stdout first and then stderr, and the folder it ends in."""
    screen, stdout = pty.openpty()
    fcntl.ioctl(stdout, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
    environ = {"HOME": str(home), "NO_COLOR": "1", "TERM": "xterm", "LANG": "C.UTF-8", "TZ": "UTC"}
    environ["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    script = f"{command}\npwd >{home}/folder\n"
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


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:
        return b""
