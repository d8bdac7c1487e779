"""The program `omc` as a user runs it: a process of its own, with a store of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from tests.lab import ready


class Answer(msgspec.Struct, frozen=True):
    """What a command gave."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


class Omc(msgspec.Struct, frozen=True):
    """`omc` for one site; `home` holds its store."""

    site: Path
    home: Path

    def command(self, *words: str) -> list[str]:
        return [str(Path(sys.executable).with_name("omc")), "--site", str(self.site), *words]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        return {**kept, "XDG_STATE_HOME": str(self.home)}

    def __call__(self, *words: str, seconds: float = 60) -> Answer:
        started = time.monotonic()
        code, stdout, stderr = ready.run(self.command(*words), self.environment, seconds=seconds)
        return Answer(code, stdout, stderr, time.monotonic() - started)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command and leave it running."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self.command(*words), env=self.environment, stdout=pipe, stderr=pipe, text=True)


def make_site(folder: Path, uris: Mapping[str, str]) -> Omc:
    """A site with these hosts, and `omc` for it."""
    (folder / "site" / "inventory").mkdir(parents=True)
    hosts = {name: {"libvirt_uri": uri} for name, uri in uris.items()}
    (folder / "site" / "inventory" / "hosts.yaml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    return Omc(folder / "site", folder / "state")
