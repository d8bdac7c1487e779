"""vFileInfo: a row a volume of a pool, as the pool saw it at its last refresh."""

from typing import NamedTuple

from omc.model import Pool, Volume
from omc.report import hosts, words
from omc.report.hosts import host_parts_tab
from omc.report.tab import Column, HostScene


class _Stored(NamedTuple):
    pool: Pool
    volume: Volume


def _volumes(scene: HostScene) -> list[_Stored]:
    return [_Stored(pool, volume) for pool in scene.host.pools or () for volume in pool.volumes or ()]


TAB = host_parts_tab(
    "vFileInfo",
    "volume of a pool",
    (
        Column("Friendly Path Name", "text", lambda part: f"[{part.item.pool.name}] {part.item.volume.name}", ""),
        Column("File Name", "text", lambda part: part.item.volume.name, "name in the pool"),
        Column("File Type", "text", lambda part: part.item.volume.format or part.item.volume.type, "raw, qcow2, iso …"),
        Column("File Size in bytes", "number", lambda part: part.item.volume.allocation_bytes, "space that it takes"),
        Column("Path", "text", lambda part: part.item.volume.path, "where a guest finds it"),
    ),
    head=(),
    more=(
        Column("omc Host", "text", lambda part: part.scene.host.name, "name of the host in the site"),
        Column("omc Pool", "text", lambda part: part.item.pool.name, ""),
        Column("omc Capacity MiB", "mib", lambda part: words.mib(part.item.volume.capacity_bytes), "a guest sees"),
        Column("omc Length in bytes", "number", lambda part: part.item.volume.physical_bytes, "of file or device"),
        Column("omc Backing file", "text", lambda part: part.item.volume.backing_path, "the image below"),
        Column("omc Encrypted", "boolean", lambda part: part.item.volume.encrypted, ""),
        Column("omc Modified at", "time", lambda part: words.moment(part.item.volume.modified_at), "UTC"),
    ),
    parts=_volumes,
    tail=hosts.TAIL,
)
