"""What the tests of a whole host share: recorded raw answers, and small ones made up for a case."""

import json
from pathlib import Path

import msgspec

from omc.inventory.assemble import Assembled, assemble
from omc.inventory.known import KnownGuest
from omc.ports import RawGuest, RawHost

DATA = Path(__file__).parents[2] / "data"
UUID = "0f4c2a5e-7a53-4b4e-9d0c-5a1d6f1b1001"


def recorded_host(name: str) -> RawHost:
    """Read a recorded RawHost; a text "@domains/x.xml" stands for that file under tests/data."""
    return msgspec.convert(
        _resolved(json.loads((DATA / "hosts" / f"{name}.raw.json").read_text(encoding="utf-8"))), RawHost, strict=False
    )


def _resolved(value: object) -> object:
    if isinstance(value, dict):
        return {key: _resolved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    if isinstance(value, str) and value.startswith("@"):
        return (DATA / value[1:]).read_text(encoding="utf-8")
    return value


def domain(devices: str = "", *, name: str = "g1", uuid: str = UUID, top: str = "", attributes: str = "") -> str:
    """Give a small domain XML in libvirt's layout."""
    return (
        f"<domain type='kvm'{attributes}>\n  <name>{name}</name>\n  <uuid>{uuid}</uuid>\n"
        f"  <memory unit='MiB'>64</memory>\n{top}  <devices>\n{devices}  </devices>\n</domain>\n"
    )


def guest(xml: str = "", **fields: object) -> RawGuest:
    """Give a guest that is shut off, unless the fields say otherwise."""
    usual = {"name": "g1", "uuid": UUID, "xml": xml or domain(), "state": (5, 1), "persistent": True}
    return RawGuest(**{**usual, **fields})


def assembled(raw: RawHost | None = None, known: dict[str, KnownGuest] | None = None, **fields: object) -> Assembled:
    """Put a host together under the name kvm1."""
    host = raw or RawHost(**{"driver": "QEMU", "read_only": False, **fields})
    when = "2026-01-02T03:04:05Z"
    return assemble(host, name="kvm1", uri="qemu:///system", groups=("all",), collected_at=when, known=known or {})


def sparse(value: object) -> object:
    """Give a value as JSON would, without the fields of structs that stand at their defaults."""
    if isinstance(value, msgspec.Struct):
        return {
            field.name: sparse(getattr(value, field.name))
            for field in msgspec.structs.fields(value)
            if field.required or getattr(value, field.name) != default(field)
        }
    if isinstance(value, dict):
        return {key: sparse(item) for key, item in value.items()}
    return [sparse(item) for item in value] if isinstance(value, tuple | list) else value


def default(field: msgspec.structs.FieldInfo) -> object:
    """Give what a field of a struct is where nothing sets it."""
    return field.default_factory() if field.default is msgspec.NODEFAULT else field.default
