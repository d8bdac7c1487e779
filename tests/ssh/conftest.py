"""What the tests of the SSH driver share."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from omc.drivers.ssh import SshOptions, ssh_shells
from omc.ports import Endpoint, Shell, Shells
from tests.lab.process import run
from tests.sshd import SshHost, SshHosts

SECONDS = 20.0
Open = Callable[..., Shell]


def soon(seconds: float = SECONDS) -> float:
    """A deadline that is far enough away for everything that works."""
    return time.monotonic() + seconds


def endpoint(host: SshHost, *arguments: str, **values: Any) -> Endpoint:
    """Where a host is, by the configuration of its fleet; arguments of ssh come before that."""
    config = str(host.folder.parent / "ssh_config")
    given: dict[str, Any] = {"address": host.name, "ssh_arguments": (*arguments, "-F", config), **values}
    return Endpoint(host=host.name, **given)


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "", *, form: str = "RFC4716") -> Path:
    """Make a pair of keys; those of RSA are no longer than they must be, for they take long to find."""
    bits = ("-b", "2048") if kind == "rsa" else ()
    run("ssh-keygen", "-q", "-t", kind, *bits, "-N", passphrase, "-m", form, "-f", str(path))
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home with .ssh in it."""
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def warnings() -> list[str]:
    """What was said of the configuration."""
    return []


@pytest.fixture
def shells(home: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shells]:
    """The driver, with nothing of this machine's user."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    options = SshOptions(home=home, system_config=home / "none", warn=warnings.append)
    with closing(ssh_shells(options)) as opened:
        yield opened


@pytest.fixture
def open_shell(shells: Shells) -> Iterator[Open]:
    """Open a host's shell; see `endpoint`."""
    with ExitStack() as stack:

        def open_one(host: SshHost, *arguments: str, seconds: float = SECONDS, **values: Any) -> Shell:
            opened = shells.open(endpoint(host, *arguments, **values), deadline=soon(seconds))
            stack.callback(opened.close)
            return opened

        yield open_one


@pytest.fixture
def host(ssh_hosts: SshHosts) -> SshHost:
    """One usual host."""
    return ssh_hosts.add("host1")[0]
