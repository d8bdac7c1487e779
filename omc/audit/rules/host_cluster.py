"""Rules on hosts of a cluster beside each other: versions, microcode, networks, identity."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shlex import quote

from omc.audit.abreast import absent
from omc.audit.fleet import Cluster, Fleet, FleetHost
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule

_NO_UUIDS = (
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "03000200-0400-0500-0006-000700080009",  # what a board vendor's tool leaves
)


def counted(names: Mapping[str, list[str]]) -> str:
    """Say which value which hosts have: "9.0.0 on 12 hosts, 10.3.0 on kvm7", the most common first."""
    ordered = sorted(names.items(), key=lambda item: (-len(item[1]), item[0]))
    return ", ".join(
        f"{value} on {', '.join(hosts) if len(hosts) < 3 else f'{len(hosts)} hosts'}" for value, hosts in ordered
    )


def unread(cluster: Cluster) -> Iterator[Missing]:
    """Give a Missing for each host that was never read; a host alone has nothing to be compared with."""
    if len(cluster.hosts) > 1:
        yield from (
            Missing(why="the host was never read", host=host.name, subject="host")
            for host in cluster.hosts
            if not host.read
        )


@fleet_rule(
    "H08",
    severity="warning",
    title="Hosts of a cluster have different versions of libvirt or QEMU",
    reason="Guests migrate to newer versions only; behaviour and defaults differ from host to host.",
    source="cv4pve-diag CN0001, WC0012; libvirt, migration",
    fix="bring all hosts of {subject} to the same packages",
    reads=("Host.libvirt_version", "Host.hypervisor_version", "cluster"),
)
def different_versions(seen: Seen) -> Verdicts:
    """Found once a cluster and program."""
    for cluster in seen.fleet.clusters:
        yield from unread(cluster)
        for what, field in (("libvirt", "libvirt_version"), ("hypervisor", "hypervisor_version")):
            names: dict[str, list[str]] = defaultdict(list)
            for host in (host for host in cluster.hosts if host.read):
                version = getattr(host, field)
                if version is not None:
                    names[f"{host.driver or ''} {version}".strip()].append(host.name)
                elif field == "libvirt_version" and len(cluster.hosts) > 1:
                    yield Missing(why="its versions were not read", host=host.name, subject="host")
            if len(names) > 1:
                yield Found(message=f"{what}: {counted(names)}", subject=f"cluster/{cluster.name}")


@fleet_rule(
    "H11",
    severity="warning",
    title="Hosts with the same CPU have different microcode",
    reason="Microcode adds and takes away CPU features: a guest that has one cannot move to a host without it.",
    source="OpenStack Nova, admin guide: CPU models; Proxmox VE, firmware updates",
    fix="bring all hosts of {subject} to the same microcode package and firmware, and boot them",
    reads=("Host.cpu.microcode", "Host.cpu.model", "cluster"),
)
def different_microcode(seen: Seen) -> Verdicts:
    """Found once a cluster and CPU model."""
    for cluster in seen.fleet.clusters:
        yield from unread(cluster)
        if len(cluster.hosts) < 2:
            continue
        models: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for host in (host for host in cluster.hosts if host.read):
            if host.cpu.microcode is None:
                yield Missing(why="its microcode was not read", host=host.name, subject="host")
            else:
                models[f"{host.cpu.vendor} {host.cpu.model}"][host.cpu.microcode].append(host.name)
        for model, names in sorted(models.items()):
            if len(names) > 1:
                yield Found(message=f"{model}: {counted(names)}", subject=f"cluster/{cluster.name}")


@fleet_rule(
    "H30",
    severity="warning",
    title="A network that guests need is missing, stopped or without autostart",
    reason="Guests on it do not start, and none can be moved to such a host.",
    source="libvirt, formatnetwork; migration",
    fix="virsh net-define net.xml, net-start and net-autostart on {host}; net-dumpxml where it is gives that file",
    reads=("Host.networks", "Guest.nics", "cluster"),
)
def needed_networks(seen: Seen) -> Verdicts:
    """Found for each host and network that a guest of its cluster is on."""
    for cluster in seen.fleet.clusters:
        needed = dict(_needed(cluster))
        if not needed:
            continue
        yield from unread(cluster)
        for host in cluster.hosts:
            if host.read and host.networks is None:
                yield Missing(why="its networks were not read", host=host.name, subject="host")
            elif host.read:
                yield from _without(host, needed, cluster.hosts, seen.fleet)


def _needed(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Give networks and one guest that is on each."""
    for host in cluster.hosts:
        yield from _networks_of(host)


def _networks_of(host: FleetHost) -> Iterator[tuple[str, str]]:
    for guest in host.guests:
        for nic in guest.nics:
            if nic.type == "network" and nic.source:
                yield nic.source, f"{host.name}/{guest.name}"


def _copied(name: str, hosts: Iterable[FleetHost], fleet: Fleet) -> str:
    """Return how a host gets a network as one that has it; the engine puts in the URI of the host that lacks it."""
    owner = next((host for host in hosts if any(each.name == name for each in host.networks or ())), None)
    made = "virsh net-define net.xml && virsh net-start {name} && virsh net-autostart {name}"
    if owner is None or not fleet.uri_of(owner.name):
        return f"write its definition into net.xml; {made}"
    return f"virsh -c {quote(fleet.uri_of(owner.name))} net-dumpxml {{name}} > net.xml && {made}"


def _without(host: FleetHost, needed: Mapping[str, str], hosts: Sequence[FleetHost], fleet: Fleet) -> Verdicts:
    networks = {network.name: network for network in host.networks or ()}
    own = dict(_networks_of(host))
    for name, other in sorted(needed.items()):
        network, subject = networks.get(name), f"network/{name}"
        guest, is_on = own.get(name, other), "is on it" if name in own else "is on one of that name"
        if network is None:
            message = f"the host has no network {name}, and {guest} is on it"
            yield Found(message=message, host=host.name, subject=subject, fix=_copied(name, hosts, fleet))
        elif not network.active:
            message = f"it is not started, and {guest} {is_on}"
            yield Found(message=message, host=host.name, subject=subject, fix="virsh net-start {name}")
        elif network.autostart is False:
            message = f"it does not start with the host, and {guest} {is_on}"
            yield Found(message=message, host=host.name, subject=subject, fix="virsh net-autostart {name}")


@fleet_rule(
    "H31",
    severity="warning",
    title="Host has no UUID of its own",
    reason="libvirt refuses to migrate between hosts of one UUID: it takes them for the same machine.",
    source="libvirt, host_uuid in libvirtd.conf; katello 8942",
    fix='on {host}: host_uuid = "…" in /etc/libvirt/libvirtd.conf or virtqemud.conf, the answer of uuidgen (nothing is '
    "expanded in the file), then restart the daemon",
    reads=("Host.uuid", "Host.driver"),
)
def same_uuid(seen: Seen) -> Verdicts:
    """Found for each host whose UUID another has, or that is a known placeholder."""
    yield from absent(seen.fleet)
    owners: dict[str, list[str]] = defaultdict(list)
    for host in seen.fleet.hosts:
        if not host.read:
            yield Missing(why="the host was never read", host=host.name, subject="host")
        elif host.uuid is None and host.driver in (None, "QEMU"):
            yield Missing(why="its UUID was not read", host=host.name, subject="host")
        elif host.uuid is not None:
            owners[host.uuid.lower()].append(host.name)
    for uuid, names in owners.items():
        for name in names:
            others = [other for other in names if other != name]
            if uuid in _NO_UUIDS:
                yield Found(message=f"its UUID is the placeholder {uuid}", host=name, subject="host")
            elif others:
                yield Found(
                    message=f"its UUID {uuid} is that of {', '.join(others[:3])} too", host=name, subject="host"
                )
