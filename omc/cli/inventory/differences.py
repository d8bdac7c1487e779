"""How `diff`, `history` and `show` print what changed: one row a difference."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from omc.cli.inventory.facts import in_words
from omc.inventory.changes import Difference
from omc.inventory.formats import Column, Listing, Value

COLUMNS = (
    Column("seen_at", "time", "seen"),
    Column("kind", title="change"),
    Column("host"),
    Column("subject"),
    Column("path", title="field"),
    Column("before", "prose"),
    Column("after", "prose"),
    Column("uuid", wide=True),
)


def listing(found: Sequence[Difference], *, for_people: bool) -> Listing:
    """Return the differences as a list; `for_people` puts sizes and times into words."""
    rows = (_row(difference, for_people=for_people) for difference in found)
    return Listing(COLUMNS, rows, documents(found))


def documents(found: Iterable[Difference]) -> Iterator[bytes]:
    """Give each difference as a JSON object."""
    return map(msgspec.json.Encoder().encode, found)


def _row(difference: Difference, *, for_people: bool) -> Sequence[Value]:
    values = (difference.before, difference.after)
    before, after = (_text(difference.path, value, for_people=for_people) for value in values)
    path = difference.path or None
    return (
        difference.seen_at or None,
        difference.kind,
        difference.host,
        difference.subject,
        path,
        before,
        after,
        difference.uuid or None,
    )


def _text(path: str, value: object, *, for_people: bool) -> str | None:
    if value is None:
        return None
    if for_people:
        return in_words(path.rpartition(".")[2], value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
