"""Hosts for SSH: many sshd on loopback ports, each with a file system of its own, in one process tree.

A host is a mount and a pid namespace over a copy-on-write view of this machine's own files, so a test may write to
its /etc, fill its disk or kill all of its processes, and nothing of that remains. Twenty come up in about a second.
There is no libvirt here, and no network of its own: `tests.lab` has hosts with both.
"""

from tests.sshd.host import ADMIN, ADMIN_PASSWORD, Options, SshHost
from tests.sshd.hosts import SshHosts, missing, up

__all__ = ["ADMIN", "ADMIN_PASSWORD", "Options", "SshHost", "SshHosts", "missing", "up"]
