"""What a grown host has: pools, networks, and a guest for every special case that an inventory must tell apart.

| guest     | what is special |
|-----------|-----------------|
| web1      | running, autostart; title, description, metadata of nova, libosinfo and omc; two disks, two nics |
| chain1    | shut off; its disk is the top of a chain of three files |
| rewind1   | shut off; two internal snapshots, the second a child of the first |
| overlay1  | running; an external snapshot, so that its disk is an overlay |
| pending1  | running with 1 vCPU and 16 MiB; from its next start on with 2 and 32 |
| saved1    | shut off with its memory saved |
| paused1   | paused |
| once1     | running, transient: nothing of it is left when it ends |
| orphaned  | no guest: a volume that nobody uses, beside the volume golden.qcow2 that is the base of others |
"""

import libvirt
import msgspec

from tests.lab import disks, guests
from tests.lab.guests import Guest
from tests.lab.host import Host

LEASES = "leases"

# A container, for a host of that flavour, whose only process sleeps.
CONTAINER = """<domain type='lxc'><name>box1</name><memory unit='MiB'>64</memory>
<os><type>exe</type><init>/bin/sleep</init><initarg>infinity</initarg></os>
<devices><console type='pty'/></devices></domain>"""

_METADATA = """<title>Web server</title><description>Shop, front end</description><metadata>
<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'><nova:name>shop-web</nova:name>
<nova:flavor name='m1.small'><nova:memory>16</nova:memory><nova:vcpus>1</nova:vcpus></nova:flavor>
<nova:owner><nova:project uuid='11111111111111111111111111111111'>shop</nova:project></nova:owner></nova:instance>
<libosinfo:libosinfo xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'>
<libosinfo:os id='http://debian.org/debian/12'/></libosinfo:libosinfo>
<omc:guest xmlns:omc='urn:omc:guest:1'><omc:tag>prod</omc:tag><omc:attribute name='owner'>web team</omc:attribute>
</omc:guest></metadata>"""

_POOL = "<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>"
_VOLUME = """<volume><name>orphaned.qcow2</name><capacity unit='MiB'>64</capacity>
<target><format type='qcow2'/></target></volume>"""
_LEASES = f"""<network><name>{LEASES}</name><forward mode='open'/><bridge name='virbr1'/>
<ip address='192.168.50.1' netmask='255.255.255.0'>
<dhcp><range start='192.168.50.100' end='192.168.50.200'/></dhcp></ip></network>"""
_ISOLATED = """<network><name>isolated</name><bridge name='virbr2'/>
<ip address='192.168.51.1' netmask='255.255.255.0'/></network>"""


def furnish(host: Host) -> None:
    """Give an empty host all of it; takes 3 s or so."""
    with host.connect() as connection:
        _pools(connection)
        networks(connection)
        _shut_off(host, connection)
        _running(host, connection)
        connection.storagePoolLookupByName("images").refresh()


def networks(connection: libvirt.virConnect) -> None:
    """The network "leases", active with a DHCP server, and the network "isolated", which is not active."""
    active = connection.networkDefineXML(_LEASES)
    active.setAutostart(1)
    active.create()
    connection.networkDefineXML(_ISOLATED)


def twins(first: Host, second: Host) -> None:
    """Define the same guest, UUID and all, on two hosts, as a migration gone wrong leaves it."""
    guest = Guest(name="twin1", uuid="7777aaaa-0000-4000-8000-000000000077")
    for host in (first, second):
        with host.connect() as connection:
            guests.define(connection, [guest])


def _pools(connection: libvirt.virConnect) -> None:
    images = connection.storagePoolDefineXML(_POOL.format(name="images", path=disks.INSIDE))
    images.setAutostart(1)
    images.create()
    images.createXML(_VOLUME)
    connection.storagePoolDefineXML(_POOL.format(name="archive", path="/var/lib/libvirt/archive"))


def _shut_off(host: Host, connection: libvirt.virConnect) -> None:
    top = disks.chain(host, "chain1")
    base = disks.chain(host, "golden", depth=1)
    overlay = disks.overlay(host, "rewind1", base)
    _, rewind = guests.define(
        connection,
        [
            Guest(name="chain1", disks=(guests.disk(top, driver="qcow2"),), nics=(guests.nic(),)),
            Guest(name="rewind1", disks=(guests.disk(overlay, driver="qcow2"),)),
        ],
    )
    for name in ("before-upgrade", "after-upgrade"):
        rewind.snapshotCreateXML(f"<domainsnapshot><name>{name}</name></domainsnapshot>")


def _running(host: Host, connection: libvirt.virConnect) -> None:
    pending, saved, paused, once = (guests.halting(host, name) for name in ("pending1", "saved1", "paused1", "once1"))
    domains = guests.define(connection, [_web(host), _overlay(host), pending, saved, paused])
    guests.start(domains)
    connection.createXML(once.xml())
    domains[0].setAutostart(1)
    nightly = "<domainsnapshot><name>nightly</name></domainsnapshot>"
    domains[1].snapshotCreateXML(nightly, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)
    changed = msgspec.structs.replace(pending, uuid=domains[2].UUIDString(), vcpus=2, memory_mib=32)
    connection.defineXML(changed.xml())
    domains[3].managedSave()
    domains[4].suspend()


def _web(host: Host) -> Guest:
    nics = (guests.nic(), guests.nic(LEASES, network=True))
    return msgspec.structs.replace(guests.halting(host, "web1", disk_count=2), nics=nics, elements=(_METADATA,))


def _overlay(host: Host) -> Guest:
    top = disks.overlay(host, "overlay1", str(disks.INSIDE / "golden.qcow2"))
    return Guest(name="overlay1", disks=(guests.disk(top, driver="qcow2"),), nics=(guests.nic(),))
