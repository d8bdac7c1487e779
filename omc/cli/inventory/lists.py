"""`omc inventory hosts`, `guests`, `disks` …: one list a view of the store, all with the same options."""

from typing import Any, NamedTuple

from omc.cli import options
from omc.cli.command import PlainCommand, pass_run
from omc.cli.command import command as _command
from omc.cli.context import Run
from omc.cli.inventory.columns import LISTS, columns_of
from omc.cli.inventory.documents import guest_documents
from omc.cli.inventory.fresh import Asked, freshen, name_failed
from omc.errors import Exit
from omc.inventory.formats import Listing, find, structure
from omc.inventory.store.query import Query, build


class Filter(NamedTuple):
    """Which rows, in which order, and which columns of them."""

    where: str | None = None
    sort: str | None = None
    columns: str | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """The columns to sort by."""
        return tuple(name.strip() for name in (self.sort or "").split(",") if name.strip())


def _list_command(view: str) -> PlainCommand:
    @_command(view, help=f"List {view} of the hosts that the PATTERNs select (Ansible's, `kvm*:!rack3:&prod`).")
    @options.patterns_argument
    @options.query_options(view)
    @options.output_option
    @options.max_age_option()
    @options.at_option
    @options.limit_option
    @pass_run
    def listing(run: Run, /, format_name: str | None, **given: Any) -> Exit:
        chosen = Filter(**{name: given.pop(name) for name in Filter._fields})
        return show_list(run, view, Asked(**given), chosen=chosen, format_name=format_name)

    return listing


def show_list(run: Run, view: str, asked: Asked, *, chosen: Filter, format_name: str | None) -> Exit:
    """Print one list, fresh enough."""
    name = run.output.format_or_default(format_name)
    columns = columns_of(view, chosen.columns, whole=find(name).WIDE)
    build(Query(view, where=chosen.where, sort=chosen.order))  # a mistake is told before the collect
    answer = freshen(run, asked)
    whole = view == "guests" and structure(name) is not None and not chosen.columns
    wanted = ("host", "uuid") if whole else [column.name for column in columns]
    rows = run.store.query(view, columns=wanted, hosts=answer.hosts, where=chosen.where, sort=chosen.order, at=asked.at)
    documents = guest_documents(run, rows, at=asked.at) if whole else None
    run.output.listing(Listing(columns, rows, documents), name)
    name_failed(run, answer)
    return answer.code


commands = {view: _list_command(view) for view in LISTS}
