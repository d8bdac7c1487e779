"""All tests, in three pytest processes at a time: those on whole hosts and over lines mostly wait, the others compute.

The output of the others comes first, as it comes; the last line sums up all, in pytest's words.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

WAITING = (
    ("tests/lab", "tests/contract"),
    ("tests/template", "tests/remote", "tests/ssh", "tests/server", "tests/rules"),
)
"""The folders of the processes that mostly wait; what is in none is the other process's."""

_PYTEST = (sys.executable, "-m", "pytest")
_GIVING_WAY = ("nice", "-n", "10")
"""All but the first, which is the longest: it has the processors when it wants them."""
_CLOSING = re.compile(rb"^(?:=+ )?((?:\d+ \w+(?:, )?)+) in [0-9.]+s", re.MULTILINE)


def main() -> int:
    """Run all; the exit status is the worst one's."""
    started = time.monotonic()
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in WAITING]
        waiting = [
            subprocess.Popen([*first, *_PYTEST, *folders], stdin=subprocess.DEVNULL, stdout=file, stderr=file)
            for first, folders, file in zip(((), _GIVING_WAY), WAITING, files, strict=True)
        ]
        others = subprocess.Popen(
            [*_GIVING_WAY, *_PYTEST, *(f"--ignore={folder}" for folders in WAITING for folder in folders)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        outputs = [_shown(others)]
        statuses = [others.wait()]
        for process, file in zip(waiting, files, strict=True):
            statuses.append(process.wait())
            file.seek(0)
            outputs.append(file.read())
            sys.stdout.buffer.write(outputs[-1])
            sys.stdout.buffer.flush()
    print(f"{closing(outputs)} in {time.monotonic() - started:.2f}s")
    return max(statuses, key=abs)


def _shown(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout is not None
    read = b""
    while part := os.read(process.stdout.fileno(), 1 << 16):
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        read += part
    return read


def closing(outputs: Sequence[bytes]) -> str:
    """Sum up the closing lines of several runs: "1 failed, 7 passed"; one without such a line is an error."""
    total: Counter[str] = Counter()
    for output in outputs:
        found = _CLOSING.findall(output)
        counts = re.findall(r"(\d+) (\w+)", found[-1].decode()) if found else [("1", "error")]
        total.update({word.replace("errors", "error"): int(count) for count, word in counts})
    first = ("failed", "passed", "skipped")
    words = [*(word for word in first if word in total), *(word for word in total if word not in first)]
    return ", ".join(f"{total[word]} {word}" for word in words)


if __name__ == "__main__":
    if Path.cwd() != Path(__file__).parents[1]:
        sys.exit("run this in the checkout's folder")
    sys.exit(main())
