"""A whole machine: systemd as its first process, a network of its own, and what the shipped templates are for.

It is made of this machine's own files, copy on write and in memory, with packages unpacked over them that nobody wants
to install for a test (chrony, NetworkManager, cloud-init …). Nothing of it remains. What it shares is the kernel: its
settings outside the network are out of the machine's reach (read-only), and so are disks and cards.

`tests.sshd` has many hosts that are quicker to make, `tests.lab` hosts with libvirt.
"""

from tests.machine.machine import Machine, missing, up

__all__ = ["Machine", "missing", "up"]
