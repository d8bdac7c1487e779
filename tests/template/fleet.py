"""A site over real hosts for SSH, and omc run on it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from omc.cli.main import main
from tests.sshd import Options, SshHost, SshHosts
from tests.unit.cli.running import COMMAND, Ran

PATH = "/etc/omc-test.conf"
HANDLED = "/var/tmp/handled"


class Fleet:
    """Some hosts, a site that has them, and templates as a test wants them."""

    def __init__(self, folder: Path, ssh: SshHosts, capture: Any) -> None:
        self.site = folder / "site"
        self.state = folder / "state"
        self._ssh = ssh
        self._capture = capture

    def add(
        self, *names: str, variables: Mapping[str, object] | None = None, options: Options | None = None
    ) -> list[SshHost]:
        """Bring up these hosts, and write the site anew."""
        hosts = self._ssh.add(*names, options=options)
        self._ssh.write_site(self.site, variables)
        return hosts

    @property
    def hosts(self) -> Mapping[str, SshHost]:
        return self._ssh.hosts

    def variables(self, host: str, **values: object) -> None:
        """Set a host's variables."""
        folder = self.site / "inventory" / "host_vars"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{host}.yaml").write_text(yaml.safe_dump(values))

    def template(
        self, name: str = "conf", text: str = "value = {{ value | default('new') }}\n", **manifest: Any
    ) -> None:
        """Write a template with one file of that text."""
        folder = self.site / "templates" / name
        folder.mkdir(parents=True, exist_ok=True)
        given = {"description": "a test", "files": [{"template": "file.j2", "path": PATH}]} | manifest
        (folder / "manifest.yaml").write_text(yaml.safe_dump(given))
        (folder / "file.j2").write_text(text)

    def omc(self, *arguments: str) -> Ran:
        """Run omc in this process."""
        self._capture.readouterr()
        code = main(("--site", str(self.site), *arguments))
        out, err = self._capture.readouterr()
        return Ran(code, out.decode(), err.decode())

    def start(self, *arguments: str, environ: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start omc as a process of its own."""
        return subprocess.Popen(
            [*COMMAND, "--site", str(self.site), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(environ or {})},
        )

    def history(self) -> list[dict[str, Any]]:
        """All runs, newest first."""
        found: list[dict[str, Any]] = json.loads(self.omc("template", "history", "-o", "json").out)
        return found

    def results(self, run: int = 0) -> dict[str, str]:
        """The status of each host of a run, the newest by default."""
        return {result["host"]: result["status"] for result in self.history()[run]["results"]}

    def content(self, host: str, path: str = PATH) -> str:
        return self.hosts[host].read(path).decode()

    def contents(self, hosts: Sequence[str] | None = None) -> dict[str, str]:
        return {name: self.content(name) for name in hosts or self.hosts}

    def put(self, host: str, text: str = "value = old\n", path: str = PATH) -> None:
        self.hosts[host].write(path, text.encode())

    def leftovers(self, host: str) -> list[str]:
        """What lies beside the target and is not it."""
        return self.hosts[host].run("sh", "-c", "ls -A /etc | grep -i omc | grep -v '^omc-test.conf$' || true").split()
