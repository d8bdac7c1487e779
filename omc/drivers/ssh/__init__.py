"""The SSH driver: hosts' shells over paramiko, and the only part that imports it.

It fetches and does not think: scripts in, answers out (`omc.ports.Shell`). Hosts are found by the user's own SSH
configuration, trusted by known_hosts alone, and reached with keys alone: no question is ever asked. Whatever waits has
a deadline. paramiko is imported by the first shell that is opened, not by importing this.

`shells` opens, `connect` makes connections, `session` is one, `shell` and `lane` run a script over it. What the files
say is read in `config`, `settings`, `known_hosts`, `certificates`; `trust` decides about host keys.
"""

from omc.drivers.ssh.options import SshOptions
from omc.ports import Shells

__all__ = ["SshOptions", "ssh_shells"]


def ssh_shells(options: SshOptions | None = None) -> Shells:
    """Give the way to reach hosts over SSH; connects to nothing."""
    from omc.drivers.ssh.loading import lacking

    with lacking("invoke"):  # half of what paramiko takes to load, and only its own reader of ssh_config runs commands
        from omc.drivers.ssh.shells import SshShells
    return SshShells(options or SshOptions())
