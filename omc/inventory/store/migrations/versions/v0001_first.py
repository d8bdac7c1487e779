"""The first tables, as they were then: this text stays as it is, and later revisions change the tables by `op`.

A line a table: its name, "clustered" where SQLite keeps it in the order of its key, and its columns. `*` marks the key,
`!` what is never null; a column without a type is text.
"""

from collections.abc import Iterator
from typing import Any, Literal

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

_TABLES = """
run: *id:number started_at! finished_at outcome actor! selection! omc_version!
collect clustered: *host *run:number status! reason attempted_at! collected_at seconds:float guests:number
    issues:number
host: *id:number name! uri! status! status_reason attempted_at collected_at collect_seconds:float uuid hostname driver
    libvirt_version hypervisor_version site_groups read_only:flag arch cpu_model cpus:number cpu_mhz:number
    sockets:number cores_per_socket:number threads_per_core:number numa_cells:number memory_bytes:number
    memory_free_bytes:number manufacturer product serial bios_version guests:number guests_running:number vcpus:number
    vcpus_running:number guest_memory_bytes:number guest_memory_running_bytes:number pools:number
    pool_capacity_bytes:number pool_allocation_bytes:number networks:number issues:number document_digest:bytes
    configuration_digest:bytes
host_document: *host:number document!:bytes
guest: *id:number host! uuid! name! state! state_reason state_since type title os hostname address vcpus:number
    vcpus_maximum:number memory_bytes:number memory_current_bytes:number memory_rss_bytes:number arch machine firmware
    secure_boot:flag tpm cpu_mode cpu_model autostart:flag persistent:flag managed_save:flag pending_changes:flag
    agent_connected:flag disks:number nics:number host_devices:number snapshots:number checkpoints:number
    disk_capacity_bytes:number disk_allocation_bytes:number disk_physical_bytes:number tags first_seen_at removed_at
    xml_digest document_digest:bytes configuration_digest:bytes
guest_document: *guest:number document!:bytes
disk clustered: *guest:number *position:number target! bus device type format source capacity_bytes:number
    allocation_bytes:number physical_bytes:number chain_length:number cache io discard serial readonly:flag
    shareable:flag encrypted:flag
nic clustered: *guest:number *position:number mac! model type source portgroup target vlan link_state mtu:number
    queues:number filter address
address clustered: *guest:number *nic:number *position:number mac! address! prefix:number source!
snapshot clustered: *guest:number *position:number name! created_at state parent description current:flag memory disks
pool clustered: *host *uuid name! type state autostart:flag persistent:flag path source capacity_bytes:number
    allocation_bytes:number available_bytes:number volumes:number configuration_digest:bytes
volume clustered: *host *pool *name path type format capacity_bytes:number allocation_bytes:number
    physical_bytes:number backing_path backing_format encrypted:flag modified_at
network clustered: *host *uuid name! active:flag autostart:flag persistent:flag bridge forward forward_devices domain
    mtu:number vlan addresses leases:number configuration_digest:bytes
lease clustered: *host *network *mac *address prefix:number hostname client_id expires_at
issue clustered: *host *position:number subject! code! what! why! hint! failed:flag
version clustered: *host *kind *uuid *valid_to valid_from! name! digest!:bytes document!:number
version_document: *id:number document!:bytes
host_state clustered: *host *valid_to valid_from! status! reason
guest_state clustered: *guest:number *valid_to valid_from! state! reason
guest_address clustered: *guest:number *mac *address *source *valid_to valid_from! prefix:number
disk_sample clustered: *guest:number *target *valid_to valid_from! capacity_bytes:number allocation_bytes:number
    physical_bytes:number
pool_sample clustered: *host *pool *valid_to valid_from! state capacity_bytes:number allocation_bytes:number
    available_bytes:number
lease_sample clustered: *host *network *mac *address *valid_to valid_from! hostname expires_at
"""

_INDEXES = (
    ("ux_host_name", "host", ("name",), True),
    ("ux_guest_host_uuid", "guest", ("host", "uuid"), True),
    ("ix_guest_uuid", "guest", ("uuid",), False),
    ("ix_guest_name", "guest", ("name",), False),
)

_TYPES: dict[str, TypeEngine[Any]] = {
    "": Text().with_variant(Text(collation="C"), "postgresql"),
    "number": BigInteger().with_variant(Integer, "sqlite"),
    "flag": Boolean(create_constraint=False),
    "float": Float(),
    "bytes": LargeBinary(),
}


def upgrade() -> None:
    """Make all tables."""
    _metadata().create_all(op.get_bind())


def downgrade() -> None:
    """Remove all tables, with everything in them."""
    _metadata().drop_all(op.get_bind())


def _metadata() -> MetaData:
    metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
    for line in _TABLES.replace("\n    ", " ").strip().splitlines():
        head, _, columns = line.partition(":")
        name, _, clustered = head.partition(" ")
        Table(name, metadata, *_columns(columns), sqlite_with_rowid=not clustered)
    for index, table, names, unique in _INDEXES:
        Index(index, *(metadata.tables[table].columns[name] for name in names), unique=unique)
    return metadata


def _columns(text: str) -> Iterator[Column[Any]]:
    for word in text.split():
        name, _, kind = word.partition(":")
        key, needed = name.startswith("*"), name.endswith("!")
        given: Literal["auto", False] = "auto" if name == "*id" else False  # by the database
        yield Column(name.strip("*!"), _TYPES[kind], primary_key=key, nullable=not (key or needed), autoincrement=given)
