"""Headless Chromium for tests, spoken to in its own DevTools protocol over two pipes: no driver, no port, no network.

A page that asks for anything over the network is found out: `requests` names what it asked for.
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.required import lacking

_SECONDS = 60
_AS_3_AND_4 = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe"),
)


class Screen(NamedTuple):
    """What the page is looked at on."""

    width: int = 1280
    height: int = 900
    dark: bool = False
    scripts: bool = True


class Page:
    """One page in a browser."""

    def __init__(self, reading: int, writing: int) -> None:
        self.requests: list[str] = []
        self.messages: list[str] = []
        self._reading, self._writing = reading, writing
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self._call(f"{domain}.enable")

    def open(self, file: Path, screen: Screen = Screen(), *, anchor: str = "") -> None:  # noqa: B008 - it is frozen
        """Show a file, as it looks on that screen, and wait until it is there."""
        size = {"width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.width < 600}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        theme = {"name": "prefers-color-scheme", "value": "dark" if screen.dark else "light"}
        self._call("Emulation.setEmulatedMedia", media="", features=[theme])
        self._call("Emulation.setScriptExecutionDisabled", value=not screen.scripts)
        self._loaded = False
        self._call("Page.navigate", url=file.as_uri() + anchor)
        while not self._loaded:
            self._read()

    def run(self, script: str) -> Any:
        """Return what an expression of JavaScript gives."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        """Write a picture of what is seen, or of the whole page."""
        answer = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(b64decode(answer["data"]))

    def on_paper(self) -> None:
        """Show the page as it is printed, until another is opened."""
        self._call("Emulation.setEmulatedMedia", media="print")

    def pdf(self, file: Path) -> None:
        """Print."""
        answer = self._call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        file.write_bytes(b64decode(answer["data"]))

    def _call(self, method: str, **params: object) -> Mapping[str, Any]:
        self._number += 1
        number = self._number
        message: dict[str, object] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                result: Mapping[str, Any] = answer["result"]
                return result

    def _read(self) -> Mapping[str, Any]:
        """Return the next message; note what it tells of the page."""
        deadline = time.monotonic() + _SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reading], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._reading, 1 << 20) if ready else b""
            assert data, "the browser does not answer"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: Mapping[str, Any] = json.loads(line)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method: str | None, params: Mapping[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Log.entryAdded":
            self.messages.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.messages.append(params["exceptionDetails"]["text"])
        elif method == "Page.javascriptDialogOpening":
            self.messages.append(f"dialog: {params['message']}")


def installed() -> str | None:
    """Return the browser's program, None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)


@contextmanager
def browser() -> Iterator[Page]:
    """Give a page in a browser of its own, which ends with it; skip the test where there is no Chromium."""
    program = installed()
    if program is None:
        if "ID=ubuntu\n" in Path("/etc/os-release").read_text(encoding="utf-8"):
            pytest.skip("Ubuntu has Chromium as a snap only")
        lacking("there is no Chromium here: apt-get install chromium")
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    theirs = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (theirs_in, theirs_out)]  # neither is 3 or 4
    os.close(theirs_in)
    os.close(theirs_out)
    with tempfile.TemporaryDirectory(prefix="omc-browser-", ignore_cleanup_errors=True) as profile:
        command = [
            sys.executable,
            "-SEc",
            _AS_3_AND_4,
            *map(str, theirs),
            program,
            *_OPTIONS,
            f"--user-data-dir={profile}",
        ]
        with subprocess.Popen(
            command,
            pass_fds=theirs,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            for one in theirs:
                os.close(one)
            try:
                yield Page(ours_in, ours_out)
            finally:
                os.close(ours_out)  # the browser ends when nobody speaks to it any more
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                os.close(ours_in)
