"""omcPending: a row a value that the next start of a guest changes."""

import msgspec

from omc.report.guests import Part, parts_tab
from omc.report.tab import Column


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _before(part: Part) -> str | None:
    return _text(part.item.before)


def _after(part: Part) -> str | None:
    return _text(part.item.after)


TAB = parts_tab(
    "omcPending",
    "value that the next start of a guest changes",
    (),
    more=(
        Column("omc What", "text", lambda part: part.item.path, "path in the model: disks.vda.cache"),
        Column("omc Now", "long", _before, "what runs"),
        Column("omc After the next start", "long", _after, "what is configured"),
    ),
    parts=lambda guest: guest.pending,
)
