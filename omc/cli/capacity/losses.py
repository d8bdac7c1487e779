"""`omc capacity losses`: whether there is room for the guests of hosts that are lost."""

from typing import TYPE_CHECKING, Any

import msgspec

from omc.cli import options
from omc.cli.capacity.reading import Wanted, counted, finish, term_options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import Exit
from omc.inventory.formats import Column, Listing

if TYPE_CHECKING:
    from omc.capacity.losses import Loss
    from omc.capacity.whole import Capacity

_COLUMNS = (
    *(Column("cluster"), Column("level"), Column("verdict"), Column("lost"), Column("guests", "number")),
    *(Column("left", "number"), Column("least_left", "number", title="at least"), Column("tied", "number")),
    *(Column("failing", "number"), Column("checked", "number"), Column("memory_bytes", "bytes")),
    *(Column("left_guests", wide=True), Column("away", wide=True)),
)


@_command("losses")
@term_options
@options.output_option
@pass_run
def command(run: Run, /, format_name: str | None, **wanted: Any) -> Exit:
    """Show whether a cluster has room for the running guests of one host that it loses, and of two.

    N+1 tries each host (checked; failing: not known to fit) and shows the worst, N+2 the two whose guests have the most
    memory. "fits" is proved by a placement of all guests, "does not fit" by a lower bound: at least so many are left
    over. "not found" is between the two; "not read": something that decides it was not read. Tied guests have disks or
    devices of their host: "room, but tied". "one host": there is none to take over.
    """
    capacity, answer = counted(run, Wanted(**wanted))
    run.output.listing(losses_listing(capacity), format_name)
    return finish(run, answer)


def losses_listing(capacity: "Capacity") -> Listing:
    """Return the list of losses."""
    encode = msgspec.json.Encoder().encode
    return Listing(_COLUMNS, map(_row, capacity.losses), map(encode, capacity.losses))


def _row(loss: "Loss") -> tuple[object, ...]:
    texts = {name: ", ".join(getattr(loss, name)) for name in ("lost", "left_guests", "away")}
    texts["verdict"] = loss.told
    return tuple(texts[column.name] if column.name in texts else getattr(loss, column.name) for column in _COLUMNS)
