"""Hosts for SSH for pytest: one process tree for the whole run, and hosts in it for as long as a test needs them."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.required import lacking
from tests.sshd.host import Options, SshHost
from tests.sshd.hosts import SshHosts, missing


class MakeSshHosts(Protocol):
    """Brings up hosts of these names, which are gone when the test ends."""

    def __call__(self, *names: str, options: Options | None = None) -> list[SshHost]: ...


@pytest.fixture(scope="session")
def _every_ssh_host() -> Iterator[SshHosts]:
    if why := missing():
        lacking(why)
    with SshHosts() as hosts:
        yield hosts


@pytest.fixture
def ssh_hosts(_every_ssh_host: SshHosts) -> Iterator[SshHosts]:
    """No host yet; `add` brings up what the test needs, and the test's end removes it."""
    yield _every_ssh_host
    _every_ssh_host.remove(*_every_ssh_host.hosts.values())


@pytest.fixture
def make_ssh_hosts(ssh_hosts: SshHosts) -> MakeSshHosts:
    """A function that brings up hosts for this test."""
    return ssh_hosts.add


@pytest.fixture
def ssh_host(ssh_hosts: SshHosts) -> SshHost:
    """One usual host, new for this test."""
    return ssh_hosts.add("host1")[0]
