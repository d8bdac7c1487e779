"""All tests, in two pytest processes at a time: the tests on whole hosts mostly wait, the others mostly compute.

The second one's output follows the first one's; the last line sums up both, in pytest's words.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

HOSTS = ("tests/lab", "tests/contract", "tests/machine")
_PYTEST = (sys.executable, "-m", "pytest")
_CLOSING = re.compile(rb"^(?:=+ )?((?:\d+ \w+(?:, )?)+) in [0-9.]+s", re.MULTILINE)


def main() -> int:
    """Run both; the exit status is the worse one's."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        hosts = subprocess.Popen([*_PYTEST, *HOSTS], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        others = subprocess.Popen(
            [*_PYTEST, *(f"--ignore={folder}" for folder in HOSTS)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        outputs = [_shown(others), b""]
        statuses = [others.wait(), hosts.wait()]
        said.seek(0)
        outputs[1] = said.read()
    sys.stdout.buffer.write(outputs[1])
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
