"""The virtual networks of one host with the leases of their DHCP servers."""

from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.members import Members
from omc.ports import RawLease, RawNetwork

_FILTERS = {
    "autostart": libvirt.VIR_CONNECT_LIST_NETWORKS_AUTOSTART,
    "persistent": libvirt.VIR_CONNECT_LIST_NETWORKS_PERSISTENT,
}


class NetworkDraft:
    """What is known of one network so far."""

    def __init__(self, network: libvirt.virNetwork) -> None:
        self.name: str = network.name()
        self.uuid: str = network.UUIDString()
        self.subject = f"network/{self.name}"
        self.xml = ""
        self.leases: tuple[RawLease, ...] | None = None


class Networks:
    """Reads all networks of one host through `calls`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.drafts: list[NetworkDraft] | None = None
        self.members = Members()

    def submit(self) -> None:
        """Queue the lists; each network's own calls follow when they answer."""
        self.calls.submit("host", "virConnectListAllNetworks", self._list)
        for name, flag in _FILTERS.items():
            self.calls.submit("host", f"virConnectListAllNetworks({name})", partial(self._filter, name, flag))

    def finish(self) -> tuple[RawNetwork, ...] | None:
        """Freeze what was read; None where the list itself failed."""
        if self.drafts is None:
            return None
        return tuple(self._freeze(draft) for draft in self.drafts if draft.xml)

    def _filter(self, name: str, flag: int, session: Session) -> None:
        self.members.keep(name, session.connection.listAllNetworks(flag))

    def _list(self, session: Session) -> None:
        self._filter("active", libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE, session)
        networks = session.connection.listAllNetworks(0)
        self.drafts = [NetworkDraft(network) for network in networks]
        for network, draft in zip(networks, self.drafts, strict=True):
            self.calls.submit(draft.subject, "virNetworkGetXMLDesc", partial(self._network, network, draft))

    def _network(self, network: libvirt.virNetwork, draft: NetworkDraft, _: Session) -> None:
        draft.xml = network.XMLDesc(0)
        if self.members.has("active", draft.uuid) and "<dhcp" in draft.xml:
            call = "virNetworkGetDHCPLeases"
            self.calls.submit(draft.subject, call, partial(self._leases, network, draft))
        else:
            draft.leases = ()

    def _leases(self, network: libvirt.virNetwork, draft: NetworkDraft, _: Session) -> None:
        draft.leases = tuple(
            RawLease(
                mac=lease.get("mac") or "",
                address=lease["ipaddr"],
                prefix=lease.get("prefix"),
                hostname=lease.get("hostname"),
                client_id=lease.get("clientid"),
                expires=lease.get("expirytime") or None,
            )
            for lease in network.DHCPLeases()
        )

    def _freeze(self, draft: NetworkDraft) -> RawNetwork:
        return RawNetwork(
            name=draft.name,
            uuid=draft.uuid,
            xml=draft.xml,
            active=bool(self.members.has("active", draft.uuid)),
            autostart=self.members.has("autostart", draft.uuid),
            persistent=self.members.has("persistent", draft.uuid),
            leases=draft.leases,
        )
