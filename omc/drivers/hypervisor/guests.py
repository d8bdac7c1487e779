"""The guests of one host: who is there in a few bulk calls, then XML and what no bulk call gives."""

from collections.abc import Callable
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import fault, number
from omc.ports import Fault, RawAddress, RawGuest, Value

# One list call with a filter answers for all guests what would be one call a guest.
_FILTERS = {
    "autostart": libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART,
    "persistent": libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT,
    "managed_save": libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
    "snapshots": libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT,
    "checkpoints": libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT,
}


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
        self.by_uuid: dict[str, GuestDraft] = {}
        self.members: dict[str, set[str] | None] = dict.fromkeys(_FILTERS)

    def list(self, session: Session) -> None:
        """List the guests: the first call of all, its failure is the host's."""
        self.drafts = [GuestDraft(domain) for domain in session.list_domains()]
        self.by_uuid = {draft.uuid: draft for draft in self.drafts}

    def submit(self, after_filters: Callable[[], None]) -> None:
        """Queue the bulk filters, then XML for every guest; `after_filters` runs when the last filter has answered."""
        left = set(_FILTERS)
        for name in _FILTERS:
            ask = partial(self._filter, name, left, after_filters)
            self.calls.submit("host", f"virConnectListAllDomains({name})", ask)

    def submit_each(self) -> None:
        """Queue what needs a call a guest."""
        for draft in self.drafts:
            self.calls.submit(draft.subject, "virDomainGetXMLDesc", partial(self._xml, draft))
        for name, reader in (("snapshots", self._snapshots), ("checkpoints", self._checkpoints)):
            for uuid in self.members[name] or ():
                if uuid in self.by_uuid:
                    draft = self.by_uuid[uuid]
                    setattr(draft, name, None)
                    call = "virDomainListAllSnapshots" if name == "snapshots" else "virDomainListAllCheckpoints"
                    self.calls.submit(draft.subject, call, partial(reader, draft))

    def finish(self) -> tuple[RawGuest, ...]:
        """Freeze what was read of every guest that is still there."""
        return tuple(self._freeze(draft) for draft in self.drafts if not draft.gone)

    def _filter(self, name: str, left: set[str], after_filters: Callable[[], None], session: Session) -> None:
        try:
            found = session.connection.listAllDomains(_FILTERS[name])
            self.members[name] = {domain.UUIDString() for domain in found}
        finally:
            left.discard(name)
            if not left:
                after_filters()

    def _xml(self, draft: GuestDraft, session: Session) -> None:
        domain = session.domain(draft.uuid)
        try:
            draft.xml = domain.XMLDesc(0)
            if draft.id is None:
                return
            persistent = self.members["persistent"]
            if domain.isPersistent() if persistent is None else draft.uuid in persistent:
                draft.inactive_xml = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        except libvirt.libvirtError as error:
            draft.gone = number(error) == libvirt.VIR_ERR_NO_DOMAIN
            raise
        self._optional("virDomainGetMessages", lambda: self._messages(domain, draft))
        self._optional("virDomainInterfaceAddresses(arp)", lambda: self._arp(domain, draft))

    def _optional(self, call: str, read: Callable[[], None]) -> None:
        if call in self.calls.unsupported:
            return
        try:
            read()
        except libvirt.libvirtError as error:
            if number(error) in (libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_DOMAIN):
                return  # it stopped in between
            if (
                call not in self.calls.unsupported
            ):  # what fails here is the host's (its driver, its kernel), not the guest's
                self.calls.unsupported.add(call)
                self.calls.faults.append(
                    Fault("host", call, "unsupported", fault(error, "host", call).message, failed=False)
                )

    def _messages(self, domain: libvirt.virDomain, draft: GuestDraft) -> None:
        draft.messages = tuple(domain.messages(0))

    def _arp(self, domain: libvirt.virDomain, draft: GuestDraft) -> None:
        if "<interface " in draft.xml:
            found = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP, 0)
            draft.addresses += addresses("arp", found)

    def _snapshots(self, draft: GuestDraft, session: Session) -> None:
        domain = session.domain(draft.uuid)
        found = domain.listAllSnapshots(0)
        draft.snapshots = tuple(snapshot.getXMLDesc(0) for snapshot in found)
        if found and domain.hasCurrentSnapshot(0):
            draft.current_snapshot = domain.snapshotCurrent(0).getName()

    def _checkpoints(self, draft: GuestDraft, session: Session) -> None:
        # NO_DOMAIN leaves out the whole guest's XML that each checkpoint carries
        found = session.domain(draft.uuid).listAllCheckpoints(0)
        draft.checkpoints = tuple(
            checkpoint.getXMLDesc(libvirt.VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN) for checkpoint in found
        )

    def _freeze(self, draft: GuestDraft) -> RawGuest:
        def member(name: str) -> bool | None:
            members = self.members[name]
            return None if members is None else draft.uuid in members

        return RawGuest(
            name=draft.name,
            uuid=draft.uuid,
            xml=draft.xml,
            id=draft.id,
            state=draft.state,
            inactive_xml=draft.inactive_xml,
            autostart=member("autostart"),
            persistent=member("persistent"),
            managed_save=member("managed_save"),
            stats=draft.stats,
            snapshots=draft.snapshots if member("snapshots") is not None else None,
            current_snapshot=draft.current_snapshot,
            checkpoints=draft.checkpoints if member("checkpoints") is not None else None,
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
