"""The views of guests and their parts."""

from omc.inventory.store.views import view

GUESTS = view(
    "guests",
    "One row a guest of a host. A guest of a host that is unreachable now stays, with `collected_at` as its age.",
    """
host                  | text    | g.host                  | the host's name in the site
name                  | text    | g.name                  | libvirt's name
uuid                  | text    | g.uuid                  | libvirt's UUID; (host, uuid) is the key
state                 | text    | g.state                 | running, paused, shut off, crashed, pmsuspended …
state_reason          | text    | g.state_reason          | libvirt's reason for the state
state_since           | text    | g.state_since           | when this state was first seen
type                  | text    | g.type                  | kvm, qemu, lxc, xen …
title                 | text    | g.title                 | short free text
os                    | text    | g.os                    | what the agent says, else libosinfo's id
hostname              | text    | g.hostname              | what the guest calls itself, from the agent
address               | text    | g.address               | the first address that is not link-local
vcpus                 | integer | g.vcpus                 | vCPUs now
vcpus_maximum         | integer | g.vcpus_maximum         | can be plugged up to
memory_bytes          | integer | g.memory_bytes          | what it starts with
memory_current_bytes  | integer | g.memory_current_bytes  | what the balloon leaves it now
memory_rss_bytes      | integer | g.memory_rss_bytes      | resident on the host
arch                  | text    | g.arch                  | x86_64, aarch64 …
machine               | text    | g.machine               | machine type
firmware              | text    | g.firmware              | bios or efi
secure_boot           | boolean | g.secure_boot           | enforced by the firmware
tpm                   | text    | g.tpm                   | version of the TPM; null without one
cpu_mode              | text    | g.cpu_mode              | host-passthrough, host-model, custom …
cpu_model             | text    | g.cpu_model             | named CPU model
autostart             | boolean | g.autostart             | started with the host
persistent            | boolean | g.persistent            | kept when it stops
managed_save          | boolean | g.managed_save          | the next start resumes a saved memory image
pending_changes       | boolean | g.pending_changes       | the next start brings another configuration
agent_connected       | boolean | g.agent_connected       | the guest agent listens; null without a channel
disks                 | integer | g.disks                 | disks, CD-ROMs and floppies
nics                  | integer | g.nics                  | network interfaces
host_devices          | integer | g.host_devices          | devices of the host that it was given
snapshots             | integer | g.snapshots             | snapshots; null where not read
checkpoints           | integer | g.checkpoints           | checkpoints; null where not read
disk_capacity_bytes   | integer | g.disk_capacity_bytes   | sum of what it sees of its disks (no CD-ROMs, no floppies)
disk_allocation_bytes | integer | g.disk_allocation_bytes | sum of the same disks' allocation
disk_physical_bytes   | integer | g.disk_physical_bytes   | sum of the space they take on the host, chains left out
tags                  | text    | g.tags                  | of omc's own metadata, with commas
first_seen_at         | text    | g.first_seen_at         | when the store first saw it on this host
collected_at          | text    | h.collected_at          | when these facts were read
host_status           | text    | h.status                | ok, partial or unreachable: how the host's last attempt went
""",
    source="guest g LEFT JOIN host h ON h.name = g.host WHERE g.removed_at IS NULL",
    order="host name",
)

_OF_GUEST = """
host     | text | g.host | the host's name in the site
guest    | text | g.name | the guest's name
uuid     | text | g.uuid | the guest's UUID
"""

DISKS = view(
    "disks",
    "One row a disk, CD-ROM or floppy of a guest.",
    f"""{_OF_GUEST.strip()}
target           | text    | d.target           | libvirt's target device
device           | text    | d.device           | disk, cdrom, floppy, lun
bus              | text    | d.bus              | virtio, scsi, sata …
type             | text    | d.type             | file, block, network, volume …
format           | text    | d.format           | raw, qcow2 …
source           | text    | d.source           | path, device, POOL/VOLUME or URL; null for an empty drive
capacity_bytes   | integer | d.capacity_bytes   | what the guest sees
allocation_bytes | integer | d.allocation_bytes | highest offset written, or clusters in use
physical_bytes   | integer | d.physical_bytes   | space taken on the host by the top image
chain_length     | integer | d.chain_length     | images below the top
cache            | text    | d.cache            | cache mode; null is the hypervisor's default
io               | text    | d.io               | threads, native, io_uring
discard          | text    | d.discard          | unmap, ignore
serial           | text    | d.serial           | as the guest sees it
readonly         | boolean | d.readonly         | the guest cannot write it
shareable        | boolean | d.shareable        | several guests may write it
encrypted        | boolean | d.encrypted        | by the hypervisor
""",
    source="guest g JOIN disk d ON d.guest = g.id",
    order="host guest target",
)

NICS = view(
    "nics",
    "One row a network interface of a guest.",
    f"""{_OF_GUEST.strip()}
mac        | text    | n.mac        | lower case, with colons
model      | text    | n.model      | virtio, e1000 …; null is the hypervisor's default
type       | text    | n.type       | network, bridge, direct …
source     | text    | n.source     | network, bridge or device of the host
portgroup  | text    | n.portgroup  | of the network
target     | text    | n.target     | the host's device while the guest runs
vlan       | text    | n.vlan       | VLAN tags, with commas
link_state | text    | n.link_state | up or down, as configured
mtu        | integer | n.mtu        | bytes
queues     | integer | n.queues     | of the driver
filter     | text    | n.filter     | nwfilter that guards it
address    | text    | n.address    | its first address that is not link-local
""",
    source="guest g JOIN nic n ON n.guest = g.id",
    order="host guest mac",
)

ADDRESSES = view(
    "addresses",
    "One row an address of a nic and the source that says so.",
    f"""{_OF_GUEST.strip()}
mac     | text    | a.mac     | of the nic
address | text    | a.address | IPv4 or IPv6
prefix  | integer | a.prefix  | length; null where the source does not know it
source  | text    | a.source  | agent, lease or arp
""",
    source="guest g JOIN address a ON a.guest = g.id",
    order="host guest mac address",
)

SNAPSHOTS = view(
    "snapshots",
    "One row a snapshot of a guest.",
    f"""{_OF_GUEST.strip()}
name        | text    | s.name        | libvirt's name
created_at  | text    | s.created_at  | when it was made
state       | text    | s.state       | the guest's state then
parent      | text    | s.parent      | the snapshot before it
description | text    | s.description | free text
current     | boolean | s.current     | the guest goes on from it
memory      | text    | s.memory      | internal, external, no
disks       | text    | s.disks       | targets that it holds, with commas
""",
    source="guest g JOIN snapshot s ON s.guest = g.id",
    order="host guest name",
)
