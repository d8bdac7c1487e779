"""`omc capacity pools`: storage, counted once where hosts share it."""

from typing import TYPE_CHECKING, Any

import msgspec

from omc.cli import options
from omc.cli.capacity.reading import Wanted, counted, finish, host_options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import Exit
from omc.inventory.formats import Column, Listing

if TYPE_CHECKING:
    from omc.capacity.storage import PoolUse
    from omc.capacity.whole import Capacity

_COLUMNS = (
    *(Column("name"), Column("hosts"), Column("type"), Column("state", "status")),
    *(Column("capacity_bytes", "bytes"), Column("allocated_bytes", "bytes"), Column("available_bytes", "bytes")),
    *(Column("provisioned_bytes", "bytes"), Column("promised_percent", "number", title="promised %")),
    *(Column("source", wide=True), Column("clusters", wide=True), Column("collected_at", "time", wide=True)),
)


@_command("pools")
@host_options
@options.output_option
@pass_run
def command(run: Run, /, format_name: str | None, **wanted: Any) -> Exit:
    """Show what pools hold, what is taken, and what their volumes may grow to (provisioned).

    Storage that several hosts have as a pool is counted once, where it is reached over the network and its source is
    the same. Promised is provisioned in percent of the capacity: above 100 it can run full without a new volume.
    """
    capacity, answer = counted(run, Wanted(**wanted))
    run.output.listing(pools_listing(capacity), format_name)
    return finish(run, answer)


def pools_listing(capacity: "Capacity") -> Listing:
    """Return the list of pools."""
    encode = msgspec.json.Encoder().encode
    return Listing(_COLUMNS, map(_row, capacity.pools), map(encode, capacity.pools))


def _row(pool: "PoolUse") -> tuple[object, ...]:
    hosts = pool.hosts[0] if len(pool.hosts) == 1 else f"{len(pool.hosts)} hosts"
    percent = None if pool.promised_percent is None else round(pool.promised_percent, 1)
    sizes = (pool.capacity_bytes, pool.allocated_bytes, pool.available_bytes, pool.provisioned_bytes)
    return (
        pool.name,
        hosts,
        pool.type,
        pool.state,
        *sizes,
        percent,
        pool.source,
        ",".join(pool.clusters),
        pool.collected_at,
    )
