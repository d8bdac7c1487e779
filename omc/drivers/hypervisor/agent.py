"""What the guest agents say: opt-in, each guest with its own deadline.

libvirt waits for an agent's answer for ever unless the guest has a response timeout, which it keeps in the daemon for
all clients and cannot be asked for. omc sets one before its calls and puts libvirt's default (wait for ever) back after
them, for a short one would cut another client's freeze of the file systems; `restore` does so for what was left behind.
"""

import re
import time
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.guests import GuestDraft, addresses
from omc.ports import Fault

CALL = "virDomainGetGuestInfo"
RESTORE = "virDomainAgentSetResponseTimeout"
RESERVE_SECONDS = 1.0
"""Kept of the host's time for putting the timeouts back."""

_WAIT_FOR_EVER = libvirt.VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK
_CHANNEL = re.compile(r"<target [^>]*name='org\.qemu\.guest_agent\.0'[^>]*state='connected'")


def is_connected(draft: GuestDraft) -> bool:
    """Tell whether an agent listens, from the live XML and so without asking it."""
    return draft.id is not None and is_connected_xml(draft.xml)


def is_connected_xml(xml: str) -> bool:
    """Tell the same from the XML of a guest that runs."""
    return _CHANNEL.search(xml) is not None


class Agents:
    """Asks the agents of one host through `calls`; needs a read-write connection."""

    def __init__(self, calls: Calls, *, seconds: float, deadline: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self.deadline = deadline - RESERVE_SECONDS
        self._changed: dict[str, GuestDraft] = {}

    def submit(self, drafts: list[GuestDraft]) -> None:
        """Queue one task for every guest whose agent is connected."""
        for draft in drafts:
            if is_connected(draft) and not draft.hung:
                self.calls.submit(draft.subject, CALL, partial(self._ask, draft))

    def restore(self) -> None:
        """Queue the default timeout for every guest whose task was left behind."""
        for draft in tuple(self._changed.values()):
            self.calls.submit(draft.subject, RESTORE, partial(self._put_back, draft))

    def _ask(self, draft: GuestDraft, session: Session) -> None:
        seconds = int(min(self.seconds, self.deadline - time.monotonic()))
        if seconds < 1:
            self.calls.faults.append(Fault(draft.subject, CALL, "deadline", "no time was left to ask its agent"))
            return
        domain = session.domain(draft.uuid)
        self._changed[draft.uuid] = draft
        try:
            domain.agentSetResponseTimeout(seconds)
            draft.agent = dict(domain.guestInfo(0, 0))
            found = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, 0)
            draft.addresses += addresses("agent", found)
        finally:
            self._put_back(draft, session)

    def _put_back(self, draft: GuestDraft, session: Session) -> None:
        session.domain(draft.uuid).agentSetResponseTimeout(_WAIT_FOR_EVER)
        self._changed.pop(draft.uuid, None)
