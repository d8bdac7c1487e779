"""Snapshots and checkpoints of a domain, from their XML."""

from omc.inventory.markup import Element, document, moment
from omc.model import Checkpoint, Snapshot, SnapshotDisk


def read_snapshot(xml: str, *, where: str, current: str | None) -> Snapshot:
    """Read one `<domainsnapshot>`; `current` is the name of the guest's current one. Raises OmcError.

    The copy of the guest's whole XML that it carries makes up nine tenths of it, so that is cut off first. Text can
    hold no such element: libvirt escapes it.
    """
    head, copy, _ = xml.partition("<domain ")
    root = document(head + "</domainsnapshot>" if copy else xml, tag="domainsnapshot", where=where)
    name = _text(root, "name") or ""
    memory, disks = root.find("memory"), root.find("disks")
    return Snapshot(
        name=name,
        created_at=moment(_text(root, "creationTime")),
        state=_text(root, "state"),
        parent=_text(root, "parent/name"),
        description=_text(root, "description"),
        current=name == current,
        memory=None if memory is None else memory.get("snapshot"),
        disks=() if disks is None else tuple(_disk(disk) for disk in disks if disk.tag == "disk"),
    )


def _disk(element: Element) -> SnapshotDisk:
    source = element.find("source")
    return SnapshotDisk(
        target=element.get("name", ""),
        snapshot=element.get("snapshot", ""),
        source=None if source is None else source.get("file") or source.get("dev") or source.get("name"),
    )


def read_checkpoint(xml: str, *, where: str) -> Checkpoint:
    """Read one `<domaincheckpoint>`. Raises OmcError."""
    head, copy, _ = xml.partition("<domain ")
    root = document(head + "</domaincheckpoint>" if copy else xml, tag="domaincheckpoint", where=where)
    disks = root.find("disks")
    return Checkpoint(
        name=_text(root, "name") or "",
        created_at=moment(_text(root, "creationTime")),
        parent=_text(root, "parent/name"),
        description=_text(root, "description"),
        disks=()
        if disks is None
        else tuple(disk.get("name", "") for disk in disks if disk.tag == "disk" and disk.get("checkpoint") == "bitmap"),
    )


def _text(root: Element, path: str) -> str | None:
    found = root.find(path)
    return None if found is None else found.text


def created(item: Snapshot | Checkpoint) -> tuple[bool, str, str]:
    """Sort by age, the oldest first; those of one second by name, those without a time last."""
    return item.created_at is None, item.created_at or "", item.name
