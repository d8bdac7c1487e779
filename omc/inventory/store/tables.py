"""The tables of the store, for SQLite and PostgreSQL alike: what is kept, and why.

Only `upgrade`, `check` and the generator of `schema.sql` import this (SQLAlchemy takes a third of a second to load);
what runs at every command speaks plain SQL to the tables below. Times are RFC 3339 UTC text with milliseconds, which
sorts as it reads; an interval that has not ended ends at `FOREVER`, so that the row in force is found by its key.

What templates did is kept by run, host and path; files are fingerprints there, never text.

Current facts are rows, one a host, guest, disk and so on, narrow enough that lists are quick; the complete documents
stand apart. The past is intervals: a row is written when something changed, and an unchanged guest costs none.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

METADATA = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})

TEXT = Text().with_variant(Text(collation="C"), "postgresql")  # sorts alike on both databases
NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite's own row number must be called INTEGER
BOOLEAN = Boolean(create_constraint=False)


def _text(name: str, *, null: bool = True) -> Column[str]:
    return Column(name, TEXT, nullable=null)


def _number(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, NUMBER, nullable=null)


def _flag(name: str) -> Column[bool]:
    return Column(name, BOOLEAN)


def _identity() -> Column[int]:
    return Column("id", NUMBER, primary_key=True)


def _key(name: str, kind: TypeEngine[Any] = TEXT) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _texts(*names: str) -> list[Column[str]]:
    return [_text(name) for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    return [_number(name) for name in names]


def _flags(*names: str) -> list[Column[bool]]:
    return [_flag(name) for name in names]


def _clustered(name: str, *columns: Column[Any] | Index) -> None:
    """A table that SQLite keeps in the order of its key: rows of one guest lie together, without a second tree."""
    Table(name, METADATA, *columns, sqlite_with_rowid=False)


Table(
    "run",
    METADATA,
    _identity(),
    _text("started_at", null=False),
    _text("finished_at"),
    _text("outcome"),
    _text("actor", null=False),
    _text("selection", null=False),
    _text("omc_version", null=False),
)

_clustered(
    "collect",
    _key("host"),
    _key("run", NUMBER),
    _text("status", null=False),
    _text("reason"),
    _text("attempted_at", null=False),
    _text("collected_at"),
    Column("seconds", Float),
    *_numbers("guests", "issues"),
)

Table(
    "host",
    METADATA,
    _identity(),
    _text("name", null=False),
    _text("uri", null=False),
    _text("status", null=False),
    *_texts("status_reason", "attempted_at", "collected_at"),
    Column("collect_seconds", Float),
    *_texts("uuid", "hostname", "driver", "libvirt_version", "hypervisor_version", "site_groups"),
    _flag("read_only"),
    *_texts("arch", "cpu_model"),
    *_numbers("cpus", "cpu_mhz", "sockets", "cores_per_socket", "threads_per_core", "numa_cells"),
    *_numbers("memory_bytes", "memory_free_bytes"),
    *_texts("manufacturer", "product", "serial", "bios_version"),
    *_numbers("guests", "guests_running", "vcpus", "vcpus_running", "guest_memory_bytes", "guest_memory_running_bytes"),
    *_numbers("pools", "pool_capacity_bytes", "pool_allocation_bytes", "networks", "issues"),
    Column("document_digest", LargeBinary),
    Column("configuration_digest", LargeBinary),
    Index("ux_host_name", "name", unique=True),
)

Table("host_document", METADATA, _key("host", NUMBER), Column("document", LargeBinary, nullable=False))

Table(
    "guest",
    METADATA,
    _identity(),
    *[_text(name, null=False) for name in ("host", "uuid", "name", "state")],
    *_texts("state_reason", "state_since", "type", "title", "os", "hostname", "address"),
    *_numbers("vcpus", "vcpus_maximum", "memory_bytes", "memory_current_bytes", "memory_rss_bytes"),
    *_texts("arch", "machine", "firmware"),
    _flag("secure_boot"),
    *_texts("tpm", "cpu_mode", "cpu_model"),
    *_flags("autostart", "persistent", "managed_save", "pending_changes", "agent_connected"),
    *_numbers("disks", "nics", "host_devices", "snapshots", "checkpoints"),
    *_numbers("disk_capacity_bytes", "disk_allocation_bytes", "disk_physical_bytes"),
    *_texts("tags", "first_seen_at", "removed_at", "xml_digest"),
    Column("document_digest", LargeBinary),
    Column("configuration_digest", LargeBinary),
    Index("ux_guest_host_uuid", "host", "uuid", unique=True),
    Index("ix_guest_uuid", "uuid"),
    Index("ix_guest_name", "name"),
)

Table("guest_document", METADATA, _key("guest", NUMBER), Column("document", LargeBinary, nullable=False))

_clustered(
    "disk",
    _key("guest", NUMBER),
    _key("position", NUMBER),
    _text("target", null=False),
    *_texts("bus", "device", "type", "format", "source"),
    *_numbers("capacity_bytes", "allocation_bytes", "physical_bytes", "chain_length"),
    *_texts("cache", "io", "discard", "serial"),
    *_flags("readonly", "shareable", "encrypted"),
)

_clustered(
    "nic",
    _key("guest", NUMBER),
    _key("position", NUMBER),
    _text("mac", null=False),
    *_texts("model", "type", "source", "portgroup", "target", "vlan", "link_state"),
    *_numbers("mtu", "queues"),
    *_texts("filter", "address"),
)

_clustered(
    "address",
    _key("guest", NUMBER),
    _key("nic", NUMBER),
    _key("position", NUMBER),
    _text("mac", null=False),
    _text("address", null=False),
    _number("prefix"),
    _text("source", null=False),
)

_clustered(
    "snapshot",
    _key("guest", NUMBER),
    _key("position", NUMBER),
    _text("name", null=False),
    *_texts("created_at", "state", "parent", "description"),
    _flag("current"),
    *_texts("memory", "disks"),
)

_clustered(
    "pool",
    _key("host"),
    _key("uuid"),
    _text("name", null=False),
    *_texts("type", "state"),
    *_flags("autostart", "persistent"),
    *_texts("path", "source"),
    *_numbers("capacity_bytes", "allocation_bytes", "available_bytes", "volumes"),
    Column("configuration_digest", LargeBinary),
)

_clustered(
    "volume",
    _key("host"),
    _key("pool"),
    _key("name"),
    *_texts("path", "type", "format"),
    *_numbers("capacity_bytes", "allocation_bytes", "physical_bytes"),
    *_texts("backing_path", "backing_format"),
    _flag("encrypted"),
    _text("modified_at"),
)

_clustered(
    "network",
    _key("host"),
    _key("uuid"),
    _text("name", null=False),
    *_flags("active", "autostart", "persistent"),
    *_texts("bridge", "forward", "forward_devices", "domain"),
    _number("mtu"),
    *_texts("vlan", "addresses"),
    _number("leases"),
    Column("configuration_digest", LargeBinary),
)

_clustered(
    "lease",
    _key("host"),
    _key("network"),
    _key("mac"),
    _key("address"),
    _number("prefix"),
    *_texts("hostname", "client_id", "expires_at"),
)

_clustered(
    "issue",
    _key("host"),
    _key("position", NUMBER),
    *[_text(name, null=False) for name in ("subject", "code", "what", "why", "hint")],
    _flag("failed"),
)

_clustered(
    "version",
    _key("host"),
    _key("kind"),
    _key("uuid"),
    _key("valid_to"),
    *[_text(name, null=False) for name in ("valid_from", "name")],
    Column("digest", LargeBinary, nullable=False),
    _number("document", null=False),
)

Table("version_document", METADATA, _identity(), Column("document", LargeBinary, nullable=False))

_clustered(
    "host_state",
    _key("host"),
    _key("valid_to"),
    _text("valid_from", null=False),
    _text("status", null=False),
    _text("reason"),
)

_clustered(
    "guest_state",
    _key("guest", NUMBER),
    _key("valid_to"),
    _text("valid_from", null=False),
    _text("state", null=False),
    _text("reason"),
)

_clustered(
    "guest_address",
    _key("guest", NUMBER),
    _key("mac"),
    _key("address"),
    _key("source"),
    _key("valid_to"),
    _text("valid_from", null=False),
    _number("prefix"),
)

_clustered(
    "disk_sample",
    _key("guest", NUMBER),
    _key("target"),
    _key("valid_to"),
    _text("valid_from", null=False),
    *_numbers("capacity_bytes", "allocation_bytes", "physical_bytes"),
)

_clustered(
    "pool_sample",
    _key("host"),
    _key("pool"),
    _key("valid_to"),
    _text("valid_from", null=False),
    _text("state"),
    *_numbers("capacity_bytes", "allocation_bytes", "available_bytes"),
)

_clustered(
    "lease_sample",
    _key("host"),
    _key("network"),
    _key("mac"),
    _key("address"),
    _key("valid_to"),
    _text("valid_from", null=False),
    _text("hostname"),
    _text("expires_at"),
)

_clustered(
    "template_run",
    _key("run"),
    *[_text(name, null=False) for name in ("kind", "started_at", "actor", "status", "reason")],
    _text("finished_at"),
    *[_text(name, null=False) for name in ("selection", "templates", "variables", "undoes", "process", "omc_version")],
    _text("details"),
)

_clustered(
    "template_host",
    _key("run"),
    _key("host"),
    _number("position", null=False),
    *[_text(name, null=False) for name in ("status", "code", "message", "machine")],
    _text("finished_at"),
    Column("seconds", Float),
    _text("confirm_until"),
    _text("pending_handlers", null=False),
    Index("ix_template_host_status", "status"),
)

_clustered(
    "template_file",
    _key("host"),
    _key("path"),
    _key("run"),
    _number("position", null=False),
    *[_text(name, null=False) for name in ("template", "action")],
    *_texts("before_fingerprint", "after_fingerprint"),
    _text("rendered", null=False),
    Column("applied", BOOLEAN, nullable=False),
)
