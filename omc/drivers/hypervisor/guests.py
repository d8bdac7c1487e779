"""The guests of one host: who is there in a few bulk calls, then XML and what no bulk call gives."""

from collections.abc import Callable, Container
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import each_that_is_there, fault, is_broken, number
from omc.drivers.hypervisor.members import Members
from omc.ports import Fault, RawAddress, RawGuest, Value

# One list call with a filter answers for all guests what would be one call a guest.
_FILTERS = {
    "autostart": libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART,
    "persistent": libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT,
    "managed_save": libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
    "snapshots": libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT,
    "checkpoints": libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT,
}

# In libvirt's message where it cannot read the kernel's neighbour table: so it is for every guest of that host.
_NEIGHBOUR_TABLE = "nlmsg"


class GuestDraft:
    """What is known of one guest so far; tasks fill it, `finish` freezes it."""

    def __init__(self, domain: libvirt.virDomain) -> None:
        self.name: str = domain.name()
        self.uuid: str = domain.UUIDString()
        self.id: int | None = domain.ID() if domain.ID() >= 0 else None
        self.subject = f"guest/{self.name}"
        self.gone = False
        self.xml = ""
        self.inactive_xml: str | None = None
        self.state: tuple[int, int] | None = None
        self.stats: dict[str, Value] | None = None
        self.snapshots: tuple[str, ...] | None = ()
        self.current_snapshot: str | None = None
        self.checkpoints: tuple[str, ...] | None = ()
        self.addresses: tuple[RawAddress, ...] = ()
        self.messages: tuple[str, ...] = ()
        self.agent: dict[str, Value] | None = None
        self.hung = False


class Guests:
    """Reads all guests of one host through `calls`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.drafts: list[GuestDraft] = []
        self.members = Members()
        self.chosen: list[GuestDraft] = []

    def list(self, session: Session) -> None:
        """List the guests: the first call of all, its failure is the host's."""
        self.drafts = [GuestDraft(domain) for domain in session.list_domains()]

    def submit(self, only: Container[str] | None = None) -> None:
        """Queue the bulk filters, each of which queues what follows from it, and the XML of every guest.

        With `only`, what costs a call a guest is read of those guests alone, by their UUIDs.
        """
        self.chosen = [draft for draft in self.drafts if only is None or draft.uuid in only]
        for name in _FILTERS:
            self.calls.submit("host", f"virConnectListAllDomains({name})", partial(self._filter, name))
        for draft in self.chosen:
            self.calls.submit(draft.subject, "virDomainGetXMLDesc", partial(self._xml, draft))

    def finish(self) -> tuple[RawGuest, ...]:
        """Freeze what was read of every guest that is still there."""
        return tuple(self._freeze(draft) for draft in self.drafts if not draft.gone)

    def _filter(self, name: str, session: Session) -> None:
        members = self.members.keep(name, session.connection.listAllDomains(_FILTERS[name]))
        following = self._following().get(name)
        if following is None:
            return
        call, read = following
        for draft in self.chosen:
            if draft.uuid in members and (name != "persistent" or draft.id is not None):
                self.calls.submit(draft.subject, call, partial(read, draft))

    def _following(self) -> dict[str, tuple[str, Callable[[GuestDraft, Session], None]]]:
        """Return by filter which call follows for each of its members. Kept, it would tie this into a circle.

        The connection is closed with the last that refers to it, which is then at some later time.
        """
        return {
            "persistent": ("virDomainGetXMLDesc(inactive)", self._inactive),
            "snapshots": ("virDomainListAllSnapshots", self._snapshots),
            "checkpoints": ("virDomainListAllCheckpoints", self._checkpoints),
        }

    def _xml(self, draft: GuestDraft, session: Session) -> None:
        domain = session.domain(draft.uuid)
        try:
            draft.xml = domain.XMLDesc(0)
        except libvirt.libvirtError as error:
            draft.gone = number(error) == libvirt.VIR_ERR_NO_DOMAIN
            raise
        if draft.id is not None:
            self._optional(draft, "virDomainGetMessages", lambda: self._messages(domain, draft))
            self._optional(draft, "virDomainInterfaceAddresses(arp)", lambda: self._arp(domain, draft))

    def _inactive(self, draft: GuestDraft, session: Session) -> None:
        draft.inactive_xml = session.domain(draft.uuid).XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)

    def _optional(self, draft: GuestDraft, call: str, read: Callable[[], None]) -> None:
        """Read what some drivers and kernels do not give: what fails for all is said once and not asked again."""
        if call in self.calls.unsupported:
            return
        try:
            read()
        except libvirt.libvirtError as error:
            if is_broken(error):
                raise
            if number(error) in (libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_DOMAIN):
                return  # it stopped in between
            found = fault(error, draft.subject, call)
            if found.failed and _NEIGHBOUR_TABLE not in found.message:
                self.calls.faults.append(found)
            elif call not in self.calls.unsupported:
                self.calls.unsupported.add(call)
                self.calls.faults.append(Fault("host", call, "unsupported", found.message, failed=False))

    def _messages(self, domain: libvirt.virDomain, draft: GuestDraft) -> None:
        draft.messages = tuple(domain.messages(0))

    def _arp(self, domain: libvirt.virDomain, draft: GuestDraft) -> None:
        if "<interface " in draft.xml:
            found = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP, 0)
            draft.addresses += addresses("arp", found)

    def _snapshots(self, draft: GuestDraft, session: Session) -> None:
        draft.snapshots = None
        domain = session.domain(draft.uuid)
        found = domain.listAllSnapshots(0)
        read = each_that_is_there(found, lambda snapshot: snapshot.getXMLDesc(0))
        if read and domain.hasCurrentSnapshot(0):
            draft.current_snapshot = domain.snapshotCurrent(0).getName()
        draft.snapshots = read

    def _checkpoints(self, draft: GuestDraft, session: Session) -> None:
        draft.checkpoints = None
        found = session.domain(draft.uuid).listAllCheckpoints(0)
        # NO_DOMAIN leaves out the whole guest's XML that each checkpoint carries
        flags = libvirt.VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN
        draft.checkpoints = each_that_is_there(found, lambda checkpoint: checkpoint.getXMLDesc(flags))

    def _freeze(self, draft: GuestDraft) -> RawGuest:
        return RawGuest(
            name=draft.name,
            uuid=draft.uuid,
            xml=draft.xml,
            id=draft.id,
            state=draft.state,
            inactive_xml=draft.inactive_xml,
            autostart=self.members.has("autostart", draft.uuid),
            persistent=self.members.has("persistent", draft.uuid),
            managed_save=self.members.has("managed_save", draft.uuid),
            stats=draft.stats,
            snapshots=draft.snapshots if self.members.has("snapshots", draft.uuid) is not None else None,
            current_snapshot=draft.current_snapshot,
            checkpoints=draft.checkpoints if self.members.has("checkpoints", draft.uuid) is not None else None,
            addresses=draft.addresses,
            messages=draft.messages,
            agent=draft.agent,
            hung=draft.hung,
        )


def addresses(source: str, found: dict[str, dict[str, object]]) -> tuple[RawAddress, ...]:
    """Flatten what libvirt-python gives: {interface: {"hwaddr": …, "addrs": [{"addr": …, "prefix": …}] or None}}."""
    flat = []
    for interface, entry in found.items():
        listed = entry.get("addrs")
        for one in listed if isinstance(listed, list) else ():
            prefix = one.get("prefix") if source != "arp" else None
            flat.append(RawAddress(source, interface, str(entry.get("hwaddr") or ""), str(one["addr"]), prefix))
    return tuple(flat)
