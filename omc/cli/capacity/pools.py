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
    *(Column("name"), Column("hosts"), Column("state", "status"), Column("capacity_bytes", "bytes")),
    *(Column("allocated_bytes", "bytes", title="taken"), Column("available_bytes", "bytes", title="free")),
    *(Column("provisioned_bytes", "bytes"), Column("promised_percent", "number", title="promised %")),
    *(Column("type"), Column("same_as", wide=True), Column("source", wide=True), Column("clusters", wide=True)),
    Column("collected_at", "time", wide=True),
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
    percent = None if pool.promised_percent is None else round(pool.promised_percent, 1)
    hosts = pool.hosts[0] if len(pool.hosts) == 1 else f"{len(pool.hosts)} hosts"
    told = {"hosts": hosts, "clusters": ",".join(pool.clusters), "promised_percent": percent}
    return tuple(told[column.name] if column.name in told else getattr(pool, column.name) for column in _COLUMNS)
