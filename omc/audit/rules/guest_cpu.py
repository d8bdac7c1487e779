"""Rules on guests' CPUs: acceleration, models that move, mitigations."""

from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule
from omc.model import Guest, Host


@guest_rule(
    "G01",
    severity="critical",
    title="Guest runs without hardware acceleration",
    reason="QEMU translates every instruction of such a guest: it runs many times slower, and takes a host CPU for it.",
    source="libvirt, virt-host-validate: QEMU checks",
    fix="stop it, then virsh -c URI edit {guest}: <domain type='kvm'>",
    reads=("Guest.type", "Host.architectures"),
)
def emulated(guest: Guest, seen: Seen) -> Verdicts:
    """Found where the type is qemu, and the host has KVM for the guest's architecture."""
    if guest.type is None or (guest.type == "qemu" and not seen.host.architectures):
        yield Missing(why="the host's capabilities were not read")
    elif guest.type == "qemu" and _offers_kvm(seen.host, guest.arch):
        yield Found(message="its type is qemu, and the host has KVM")


def _offers_kvm(host: Host, arch: str | None) -> bool:
    return any("kvm" in found.types for found in host.architectures if arch in (None, found.arch))


@guest_rule(
    "G04",
    severity="warning",
    title="Guest has its host's very CPU, and the hosts of its cluster differ",
    reason="host-passthrough shows the guest all of its host's CPU; on a host with another one it fails or misbehaves "
    "after a live migration.",
    source="QEMU, qemu-cpu-models(7): host passthrough",
    fix="virsh edit {guest}: <cpu mode='custom'> with a model that all hosts of the cluster have",
    reads=("Guest.cpu", "Host.cpu"),
)
def passthrough(guest: Guest, seen: Seen) -> Verdicts:
    """Found where the mode is host-passthrough, and two hosts of the cluster have different CPUs."""
    if guest.cpu.mode != "host-passthrough":
        return
    cluster = seen.cluster
    if any(not host.read for host in cluster.hosts):
        unread = ", ".join(host.name for host in cluster.hosts if not host.read)
        yield Missing(why=f"hosts of the cluster were never read: {unread}")
    kinds = {(host.cpu.vendor, host.cpu.model, host.cpu.microcode, host.cpu.features) for host in cluster.hosts}
    if len(kinds) > 1:
        yield Found(
            message=f"its CPU mode is host-passthrough, and cluster {cluster.name} has {len(kinds)} kinds of CPU"
        )
