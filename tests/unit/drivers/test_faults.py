"""What libvirt says when no connection comes about, as a code and a hint."""

import libvirt
import pytest

from omc.drivers.hypervisor.faults import connect_error

CHANGED = (
    "Cannot recv data: @ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @ Host key verification failed.: "
    "Connection reset by peer"
)
NEW = "Cannot recv data: Host key verification failed.: Connection reset by peer"
NO_AGENT = "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'"
NOT_ALLOWED = "Unable to read TLS confirmation: Input/output error"


@pytest.mark.parametrize(
    ("message", "code", "hint"),
    [
        (CHANGED, "unknown-host-key", "compare the key, then remove the old one: ssh-keygen -R kvm1"),
        (NEW, "unknown-host-key", "compare the key, then add it: ssh-keyscan kvm1 >> ~/.ssh/known_hosts"),
        (NO_AGENT, "authentication", "this user may only read there: see docs/how-to/connect.md"),
        (
            NOT_ALLOWED,
            "authentication",
            "the host refuses this certificate: see tls_allowed_dn_list in its libvirtd.conf",
        ),
        ("something else", "failed", "try it by hand: virsh -r -c 'qemu+ssh://root@kvm1/system' list"),
    ],
)
def test_a_refused_connection_names_its_cure(message, code, hint):
    """A changed host key is told from an unknown one, and each known reason has its own hint."""
    error = connect_error(libvirt.libvirtError(message), "qemu+ssh://root@kvm1/system")
    assert (message, code, hint) == (error.message, error.code, error.hint)
