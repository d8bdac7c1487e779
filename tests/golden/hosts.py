"""A small data center with everything that is awkward to print: what the golden outputs show."""

from omc.model import (
    Address,
    Agent,
    ChainImage,
    Change,
    Channel,
    Disk,
    Firmware,
    Guest,
    GuestMetadata,
    Host,
    HostCpu,
    Issue,
    Network,
    Nic,
    Pool,
    Snapshot,
)

GIB = 2**30
HOSTILE = "=cmd|' /C calc'!A0\x1b[31m\n\x9b2J{{ lookup('pipe', 'id') }}"
SERVER = Guest(
    host="kvm1",
    name="web1",
    uuid="00000000-0000-4000-8000-000000000001",
    state="running",
    state_reason="booted",
    id=7,
    type="kvm",
    title="Shop, front end",
    vcpus=2,
    vcpus_maximum=4,
    memory_bytes=8 * GIB,
    memory_current_bytes=6 * GIB,
    machine="pc-q35-7.2",
    firmware=Firmware(type="efi", secure_boot=True),
    disks=(
        Disk(
            target="vda",
            bus="virtio",
            format="qcow2",
            source="/var/lib/libvirt/images/web1.qcow2",
            capacity_bytes=20 * GIB,
            allocation_bytes=6 * GIB + GIB // 10,
            physical_bytes=6 * GIB,
            backing_chain=(
                ChainImage(source="/var/lib/libvirt/images/layer.qcow2", format="qcow2", capacity_bytes=20 * GIB),
                ChainImage(source="/var/lib/libvirt/images/debian-12.raw", format="raw", physical_bytes=2 * GIB),
            ),
        ),
        Disk(target="vdb", bus="virtio", type="volume", format="raw", source="fast/web1-data", capacity_bytes=GIB),
        Disk(target="sda", bus="sata", device="cdrom", readonly=True),
    ),
    nics=(
        Nic(
            mac="52:54:00:00:00:01",
            model="virtio",
            source="servers",
            vlan=(120, 130),
            target="vnet3",
            addresses=(
                Address(address="198.51.100.21", prefix=24, source="lease"),
                Address(address="198.51.100.21", prefix=24, source="agent"),
                Address(address="2001:db8::21", prefix=64, source="agent"),
                Address(address="fe80::1", prefix=64, source="agent"),
            ),
        ),
        Nic(mac="52:54:00:00:00:02", model="e1000e", type="bridge", source="br0"),
    ),
    channels=(Channel(name="org.qemu.guest_agent.0", connected=True),),
    autostart=True,
    persistent=True,
    pending_changes=True,
    pending=(
        Change(path="memory_bytes", before=8 * GIB, after=16 * GIB),
        Change(path="disks.vdb", before=None, after={"target": "vdb"}),
    ),
    snapshots=(
        Snapshot(name="clean", created_at="2026-01-02T03:04:05Z", state="shutoff", description="fresh"),
        Snapshot(name="later", created_at="2026-02-02T03:04:05Z", state="running", parent="clean", current=True),
        Snapshot(name="orphan", created_at="2026-02-03T03:04:05Z", state="running", parent="gone"),
    ),
    metadata=GuestMetadata(
        os_id="http://debian.org/debian/12", tags=("shop", "front end"), attributes={"owner": "web team"}
    ),
    agent_connected=True,
    agent=Agent(hostname="web1.example.org", os_id="debian", os_version="12"),
)
STRANGER = Guest(
    host="kvm1",
    name=HOSTILE,
    uuid="00000000-0000-4000-8000-000000000002",
    state="paused",
    state_reason="I/O error",
    title="-1+1\t'; DROP TABLE guest; --",
    vcpus=1,
    memory_bytes=GIB // 2,
    persistent=False,
    metadata=GuestMetadata(tags=("{% x %}",), attributes={"note": "{{ 7 * 7 }}"}),
)
WIDE = Guest(
    host="kvm2",
    name="größe-数据库-🚀",
    uuid="00000000-0000-4000-8000-000000000003",
    state="shut off",
    vcpus=128,
    memory_bytes=4096 * GIB,
    autostart=False,
    persistent=True,
    snapshots=None,
)
SHADOW = Guest(
    host="kvm2", name="localhost", uuid="00000000-0000-4000-8000-000000000004", state="crashed", persistent=True
)
TWIN = Guest(host="kvm2", name="web1", uuid="00000000-0000-4000-8000-000000000005", state="running", persistent=True)

HOSTS = (
    Host(
        name="kvm1",
        uri="qemu+ssh://root@kvm1/system",
        status="partial",
        status_reason="1 read failed",
        collected_at="2026-03-01T12:00:00.000Z",
        collect_seconds=0.5,
        groups=("prod",),
        hostname="kvm1.example.org",
        uuid="00000000-0000-4000-8000-0000000000a1",
        driver="QEMU",
        libvirt_version="9.0.0",
        hypervisor_version="7.2.0",
        cpu=HostCpu(arch="x86_64", count=32),
        memory_bytes=256 * GIB,
        guests=(SERVER, STRANGER),
        pools=(
            Pool(
                name="images",
                uuid="00000000-0000-4000-8000-0000000000b1",
                type="dir",
                state="running",
                path="/var/lib/libvirt/images",
                capacity_bytes=100 * GIB,
                allocation_bytes=60 * GIB,
                available_bytes=40 * GIB,
                volumes=(),
            ),
            Pool(name="fast", uuid="00000000-0000-4000-8000-0000000000b2", type="logical", state="inactive"),
        ),
        networks=(Network(name="servers", uuid="00000000-0000-4000-8000-0000000000c1", active=True, bridge="virbr1"),),
        issues=(
            Issue(host="kvm1", subject="pool/fast", code="failed", what="volumes", why="no such device", failed=True),
            Issue(
                host="kvm1",
                subject=f"guest/{HOSTILE}",
                code="needs-read-write",
                what="addresses from the guest agent",
                why="the connection is read-only\x1b[2J",
                hint="run with --agent",
            ),
        ),
    ),
    Host(
        name="kvm2",
        uri="qemu+ssh://root@kvm2/system",
        collected_at="2026-03-01T12:00:01.000Z",
        driver="QEMU",
        libvirt_version="10.0.0",
        hypervisor_version="8.2.2",
        cpu=HostCpu(arch="x86_64", count=64),
        memory_bytes=512 * GIB,
        guests=(SHADOW, TWIN, WIDE),
        pools=(),
        networks=(),
    ),
)
