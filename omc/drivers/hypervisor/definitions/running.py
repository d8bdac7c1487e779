"""What runs: networks that are changed while they do, and networks, pools and guests that are restarted."""

import time
from collections.abc import Sequence
from typing import Any

import libvirt

from omc.drivers.hypervisor.definitions.guests import attach_again, usage_of_network, usage_of_pool
from omc.drivers.hypervisor.definitions.kinds import KINDS
from omc.errors import HostError
from omc.ports import LiveUpdate, Usage

SHUTDOWN_SECONDS = 120.0
"""How long a guest may take to shut down."""

_LOOK_SECONDS = 0.2
_COMMANDS = {
    "add-last": libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
    "modify": libvirt.VIR_NETWORK_UPDATE_COMMAND_MODIFY,
    "delete": libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE,
}
_SECTIONS = {
    "ip-dhcp-host": libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
    "ip-dhcp-range": libvirt.VIR_NETWORK_SECTION_IP_DHCP_RANGE,
    "forward-interface": libvirt.VIR_NETWORK_SECTION_FORWARD_INTERFACE,
    "portgroup": libvirt.VIR_NETWORK_SECTION_PORTGROUP,
    "dns-host": libvirt.VIR_NETWORK_SECTION_DNS_HOST,
    "dns-txt": libvirt.VIR_NETWORK_SECTION_DNS_TXT,
    "dns-srv": libvirt.VIR_NETWORK_SECTION_DNS_SRV,
}


def usage(connection: libvirt.virConnect, kind: str, found: Any) -> Usage:
    """Return who uses an object; one that does not run is used by nobody."""
    if not KINDS[kind].runs(found):
        return Usage()
    of_kind = {"network": usage_of_network, "pool": usage_of_pool}.get(kind)
    return of_kind(connection, found) if of_kind else Usage()


def update(network: libvirt.virNetwork, updates: Sequence[LiveUpdate]) -> None:
    """Change a network that runs, and nothing of its definition."""
    for one in updates:
        network.update(
            _COMMANDS[one.command], _SECTIONS[one.section], one.parent, one.xml, libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE
        )


def restart(connection: libvirt.virConnect, kind: str, found: Any) -> None:
    """Stop an object, unless it stands still already, and start it."""
    if KINDS[kind].runs(found):
        hindrance = usage(connection, kind, found).hindrance
        if hindrance:
            raise HostError(f"{kind} {found.name()}: it is not restarted: {hindrance}", code="in_use")
        if kind == "guest":
            _shut_down(found)
        else:
            found.destroy()
    start(connection, kind, found)


def start(connection: libvirt.virConnect, kind: str, found: Any) -> None:
    """Start an object, unless it runs; guests that have lost a network are attached to it again."""
    if not KINDS[kind].runs(found):
        found.create()
    if kind == "network":
        attach_again(connection, found)


def _shut_down(guest: libvirt.virDomain) -> None:
    guest.shutdown()
    deadline = time.monotonic() + SHUTDOWN_SECONDS
    while guest.isActive():
        if time.monotonic() > deadline:
            hint = f"where it still does, start it again: virsh start {guest.name()}"
            message = f"guest {guest.name()}: it did not shut down within {SHUTDOWN_SECONDS:.0f} s"
            raise HostError(message, code="no_shutdown", hint=hint)
        time.sleep(_LOOK_SECONDS)
