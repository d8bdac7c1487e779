"""The views of hosts, their storage, their networks, and what could not be read."""

from omc.inventory.store.views import view

HOSTS = view(
    "hosts",
    "One row a host. Of an unreachable host the facts are those of `collected_at`.",
    """
name                       | text    | h.name                       | the host's name in the site
uri                        | text    | h.uri                        | libvirt's URI
status                     | text    | h.status                     | ok, partial or unreachable, of the last attempt
status_reason              | text    | h.status_reason              | why it is not ok
attempted_at               | text    | h.attempted_at               | the last attempt
collected_at               | text    | h.collected_at               | when these facts were read; null never
collect_seconds            | number  | h.collect_seconds            | how long that took
uuid                       | text    | h.uuid                       | of the host, from capabilities
hostname                   | text    | h.hostname                   | what it calls itself
driver                     | text    | h.driver                     | QEMU, LXC, Xen, TEST …
libvirt_version            | text    | h.libvirt_version            | of the daemon
hypervisor_version         | text    | h.hypervisor_version         | of QEMU …
site_groups                | text    | h.site_groups                | its groups in the site, with commas
read_only                  | boolean | h.read_only                  | the connection that read this
arch                       | text    | h.arch                       | x86_64 …
cpu_model                  | text    | h.cpu_model                  | libvirt's named model
cpus                       | integer | h.cpus                       | logical CPUs that are online
cpu_mhz                    | integer | h.cpu_mhz                    | their speed in MHz
sockets                    | integer | h.sockets                    | of the whole host
cores_per_socket           | integer | h.cores_per_socket           | cores
threads_per_core           | integer | h.threads_per_core           | threads
numa_cells                 | integer | h.numa_cells                 | NUMA cells
memory_bytes               | integer | h.memory_bytes               | of the machine
memory_free_bytes          | integer | h.memory_free_bytes          | free when it was read
manufacturer               | text    | h.manufacturer               | of the machine (SMBIOS)
product                    | text    | h.product                    | of the machine (SMBIOS)
serial                     | text    | h.serial                     | of the machine (SMBIOS)
bios_version               | text    | h.bios_version               | of its firmware (SMBIOS)
guests                     | integer | h.guests                     | all guests
guests_running             | integer | h.guests_running             | guests that hold memory, crashed ones too
vcpus                      | integer | h.vcpus                      | vCPUs of all guests
vcpus_running              | integer | h.vcpus_running              | vCPUs of the running ones
guest_memory_bytes         | integer | h.guest_memory_bytes         | memory of all guests
guest_memory_running_bytes | integer | h.guest_memory_running_bytes | memory of the running ones
pools                      | integer | h.pools                      | storage pools; null where not read
pool_capacity_bytes        | integer | h.pool_capacity_bytes        | sum over the pools
pool_allocation_bytes      | integer | h.pool_allocation_bytes      | sum over the pools
networks                   | integer | h.networks                   | virtual networks; null where not read
issues                     | integer | h.issues                     | issues of the last attempt
""",
    source="host h",
    order="name",
)

POOLS = view(
    "pools",
    "One row a storage pool of a host. The same storage may be a pool of several hosts: compare `source`.",
    """
host             | text    | p.host             | the host's name in the site
name             | text    | p.name             | libvirt's name
uuid             | text    | p.uuid             | libvirt's UUID
type             | text    | p.type             | dir, fs, netfs, logical, iscsi, rbd, zfs …
state            | text    | p.state            | inactive, building, running, degraded, inaccessible
autostart        | boolean | p.autostart        | started with the daemon
persistent       | boolean | p.persistent       | kept over a restart of the daemon
path             | text    | p.path             | target path on the host
source           | text    | p.source           | the storage behind it
capacity_bytes   | integer | p.capacity_bytes   | size of the storage
allocation_bytes | integer | p.allocation_bytes | space in use
available_bytes  | integer | p.available_bytes  | space left
volumes          | integer | p.volumes          | volumes; null where not read
""",
    source="pool p",
    order="host name",
)

VOLUMES = view(
    "volumes",
    "One row a volume of a pool, as the pool saw it at its last refresh.",
    """
host             | text    | v.host             | the host's name in the site
pool             | text    | v.pool             | name of the pool
name             | text    | v.name             | name in the pool
path             | text    | v.path             | where a guest finds it
type             | text    | v.type             | file, block, dir, network …
format           | text    | v.format           | raw, qcow2, iso …
capacity_bytes   | integer | v.capacity_bytes   | what a guest sees
allocation_bytes | integer | v.allocation_bytes | space in use
physical_bytes   | integer | v.physical_bytes   | space taken on the host
backing_path     | text    | v.backing_path     | the image below it
backing_format   | text    | v.backing_format   | and its format
encrypted        | boolean | v.encrypted        | the volume is encrypted
modified_at      | text    | v.modified_at      | last change
""",
    source="volume v",
    order="host pool name",
)

NETWORKS = view(
    "networks",
    "One row a virtual network of a host.",
    """
host            | text    | n.host            | the host's name in the site
name            | text    | n.name            | libvirt's name
uuid            | text    | n.uuid            | libvirt's UUID
active          | boolean | n.active          | started
autostart       | boolean | n.autostart       | started with the daemon
persistent      | boolean | n.persistent      | kept over a restart of the daemon
bridge          | text    | n.bridge          | the host's device
forward         | text    | n.forward         | nat, route, open, bridge …; null is isolated
forward_devices | text    | n.forward_devices | devices of the host that it uses, with commas
domain          | text    | n.domain          | DNS domain
mtu             | integer | n.mtu             | bytes
vlan            | text    | n.vlan            | VLAN tags, with commas
addresses       | text    | n.addresses       | ADDRESS/PREFIX of the host on it, with commas
leases          | integer | n.leases          | leases; null where not read
""",
    source="network n",
    order="host name",
)

LEASES = view(
    "leases",
    "One row an address that libvirt's DHCP server gave out.",
    """
host       | text    | l.host       | the host's name in the site
network    | text    | l.network    | name of the network
mac        | text    | l.mac        | lower case, with colons
address    | text    | l.address    | IPv4 or IPv6
prefix     | integer | l.prefix     | length
hostname   | text    | l.hostname   | as the client said it
client_id  | text    | l.client_id  | DHCP client id or DUID
expires_at | text    | l.expires_at | null never
""",
    source="lease l",
    order="host network address",
)

ISSUES = view(
    "issues",
    "One row a fact that could not be read at the last attempt, and a row a guest whose UUID another host has too.",
    """
host    | text    | i.host    | the host's name in the site
subject | text    | i.subject | host, guest/NAME, pool/NAME …
code    | text    | i.code    | a stable word for programs
what    | text    | i.what    | which fact is missing
why     | text    | i.why     | the reason
hint    | text    | i.hint    | what to type or change next
failed  | boolean | i.failed  | a read that should have worked failed
""",
    source="""
(SELECT g.host AS host, 'guest/' || g.name AS subject, 'duplicate-uuid' AS code, 'identity' AS what,
'the UUID ' || g.uuid || ' is that of a guest on ' || CASE WHEN t.one = g.host THEN t.other ELSE t.one END
|| CASE WHEN t.number > 2 THEN ' and on ' || CAST(t.number - 2 AS TEXT) || ' more hosts' ELSE '' END || ' too' AS why,
'remove the definition that is left over, or give the copy a UUID of its own' AS hint, g.host = '' AS failed
FROM guest g JOIN (SELECT uuid, min(host) AS one, max(host) AS other, count(*) AS number FROM guest
WHERE removed_at IS NULL GROUP BY uuid HAVING count(*) > 1) t ON t.uuid = g.uuid WHERE g.removed_at IS NULL
UNION ALL
SELECT host, subject, code, what, why, hint, failed FROM issue) i
""",
    order="host subject code",
)
