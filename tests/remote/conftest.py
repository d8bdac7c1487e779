"""The machines of these tests."""

import pytest

from tests.remote.machine import Machine
from tests.sshd import SshHosts


@pytest.fixture
def machine(ssh_hosts: SshHosts) -> Machine:
    """A new machine for this test."""
    return Machine(ssh_hosts.add("host1")[0])
