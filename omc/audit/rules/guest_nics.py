"""Rules on guests' network interfaces."""

from omc.audit.guests import is_active, is_machine, listed, of_host
from omc.audit.rule import Found, Seen, Verdicts, guest_rule, typed
from omc.model import Guest

_EMULATED = frozenset({"e1000", "e1000e", "e1000-82544gc", "e1000-82545em", "rtl8139", "ne2k_pci", "pcnet", "i82551"})


@guest_rule(
    "G10",
    severity="warning",
    title="Network interface is an emulated card",
    reason="QEMU plays the registers of a real card for it, packet by packet; virtio moves many packets at once, past "
    "QEMU, in the host's kernel.",
    source="Proxmox VE, qm(1): Network device",
    fix="put virtio drivers into {guest} first (Windows: virtio-win), then virsh edit {guest}: <model type='virtio'/>",
    reads=("Guest.nics", "Guest.type"),
)
def emulated_card(guest: Guest, _: Seen) -> Verdicts:
    """Found for the cards that QEMU emulates; a device of the host that is passed through has no model."""
    emulated = [f"{nic.mac} ({nic.model})" for nic in guest.nics if nic.model in _EMULATED]
    if is_machine(guest) and emulated:
        yield Found(message=f"emulated: {listed(emulated)}")


@guest_rule(
    "G44",
    severity="info",
    title="Interface without a filter where its neighbours have one",
    reason="Filters keep a guest from using another one's address: one guest without it undoes it for the whole "
    "network.",
    source="libvirt, formatnwfilter: Goals and background",
    fix="virsh edit {guest}: <filterref filter='clean-traffic'/> in <interface>",
    reads=("Guest.nics", "Host.guests"),
)
def unfiltered(guest: Guest, seen: Seen) -> Verdicts:
    """Found only on a network or bridge where another guest of the host has a filter: elsewhere nobody wants one."""
    bare = [nic for nic in guest.nics if nic.filter is None and nic.source]
    if not bare:
        return
    guarded = {
        (nic.type, nic.source)
        for other in seen.host.guests
        if other.uuid != guest.uuid
        for nic in other.nics
        if nic.filter is not None
    }
    found = [nic for nic in bare if (nic.type, nic.source) in guarded]
    for nic in found:
        yield Found(message=f"{nic.mac} on {nic.source} has no filter, and other guests there have")
    if unread := [other.name for other in seen.host.guests if other.type is None and len(found) < len(bare)]:
        yield of_host(f"whether {listed(unread, 3)} has filters was not read")


@guest_rule(
    "G45",
    severity="info",
    title="Interface whose cable is pulled",
    reason="A link that is down is often what a test left behind.",
    source="libvirt, formatdomain: Modifying virtual link state",
    fix="virsh domif-setlink {guest} MAC up, while it runs, and with --config",
    reads=("Guest.nics",),
)
def link_down(guest: Guest, _: Seen) -> Verdicts:
    """Found for each interface that is configured down; the waiting half of a failover pair is no fault."""
    down = [nic.mac for nic in guest.nics if nic.link_state == "down" and nic.teaming is None]
    if down:
        yield Found(message=f"link down: {listed(down)}", fix="; ".join(_plugged(guest, mac) for mac in down))


def _plugged(guest: Guest, mac: str) -> str:
    """Return what plugs a nic's cable: domif-setlink knows no --live, and takes either the one or the other."""
    command = f"virsh domif-setlink {{guest}} {typed(mac)} up"
    now = (command,) if is_active(guest) else ()
    later = () if guest.persistent is False else (f"{command} --config",)
    return "; ".join((*now, *later))


@guest_rule(
    "G46",
    severity="info",
    title="One queue for the traffic of many vCPUs",
    reason="A virtio nic with one queue is served by one vCPU and one thread of the host, however many there are.",
    source="libvirt, formatdomain: Setting NIC driver-specific options; OpenStack Nova, hw_vif_multiqueue_enabled",
    fix="virsh edit {guest}: <driver queues='4'/> in <interface>; stop and start it",
    reads=("Guest.nics", "Guest.vcpus", "Guest.type"),
    limits={"vcpus": 4},
)
def one_queue(guest: Guest, seen: Seen) -> Verdicts:
    """Found for tap devices of guests with more vCPUs than the limit."""
    if not is_machine(guest) or (guest.vcpus or 0) <= seen.limits["vcpus"]:
        return
    single = [
        nic.mac
        for nic in guest.nics
        if nic.model == "virtio" and (nic.queues or 1) == 1 and nic.type in {"network", "bridge", "direct", "ethernet"}
    ]
    if single:
        yield Found(message=f"{guest.vcpus} vCPUs, one queue: {listed(single)}")
