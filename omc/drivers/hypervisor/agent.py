"""What the guest agents say: opt-in, over connections of its own, each guest with its own deadline.

libvirt waits for an agent's answer for ever unless the guest has a response timeout, which it keeps in the daemon for
all clients and cannot be asked for. omc sets one before its calls and puts libvirt's default (wait for ever) back
after them, for a short one would cut another client's freeze of the file systems.
"""

import re
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.guests import GuestDraft, addresses

CALL = "virDomainGetGuestInfo"
_WAIT_FOR_EVER = libvirt.VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK
_CHANNEL = re.compile(r"<target [^>]*name='org\.qemu\.guest_agent\.0'[^>]*state='connected'")


def is_connected(draft: GuestDraft) -> bool:
    """Tell whether an agent listens, from the live XML and so without asking it."""
    return draft.id is not None and _CHANNEL.search(draft.xml) is not None


def submit(calls: Calls, drafts: list[GuestDraft], *, seconds: float) -> None:
    """Queue one task for every guest whose agent is connected; needs a read-write connection."""
    for draft in drafts:
        if is_connected(draft) and not draft.hung:
            calls.submit(draft.subject, CALL, partial(_ask, draft, seconds))


def _ask(draft: GuestDraft, seconds: float, session: Session) -> None:
    domain = session.domain(draft.uuid)
    domain.agentSetResponseTimeout(max(1, int(seconds)))
    try:
        draft.agent = dict(domain.guestInfo(0, 0))
        found = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, 0)
        draft.addresses += addresses("agent", found)
    finally:
        domain.agentSetResponseTimeout(_WAIT_FOR_EVER)
