"""The ways to hosts' shells: SSH, and this machine itself for hosts with `ansible_connection: local`."""

from omc.drivers.local import LocalShells
from omc.drivers.ssh import SshOptions, ssh_shells
from omc.ports import Endpoint, Shell, Shells


class EveryShell:
    """Opens each endpoint in its own way; SSH is loaded only where a host needs it."""

    def __init__(self, options: SshOptions) -> None:
        self._options = options
        self._local = LocalShells()
        self._ssh: Shells | None = None

    def prepare(self) -> None:
        """Load what SSH needs, before several threads ask for it at once."""
        if self._ssh is None:
            self._ssh = ssh_shells(self._options)

    def open(self, endpoint: Endpoint, *, deadline: float) -> Shell:
        """Give the host's shell; see `omc.ports.Shells`."""
        if endpoint.local:
            return self._local.open(endpoint, deadline=deadline)
        assert self._ssh is not None, "prepare comes first"
        return self._ssh.open(endpoint, deadline=deadline)

    def close(self) -> None:
        """End everything that is still open."""
        self._local.close()
        if self._ssh is not None:
            self._ssh.close()
