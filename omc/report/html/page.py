"""The page itself: what its parts give is put into the template and written as it comes."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from omc.report.html import findings, steps, summary, tables, topology
from omc.report.html.cell import counted
from omc.report.html.drawn import drawn
from omc.report.html.gaps import gaps, named
from omc.report.html.room import Room
from omc.report.html.rows import read
from omc.report.source import Source
from omc.text import cut, safe

MOST_GUESTS = 2000
"""So many guests are listed where nobody asks for another number: a browser shows them at once, paper bears them."""

PRINTED_FINDINGS = 500
"""Up to so many findings are printed one by one; more of them only rule by rule."""


MOST_CHARACTERS = 400
"""Of one text; a longer one ends in an ellipsis. In a table it does so sooner."""


class Asset(NamedTuple):
    """A style or a script: its text, and what the page's policy knows it by."""

    text: Markup
    hash: str


class Wishes(NamedTuple):
    """What a page is made by beside its source: capacity, how many guests it lists, and who is told of each host."""

    room: Room
    most_guests: int = MOST_GUESTS
    done: Callable[[str], object] = str
    title: str = ""  # the site's name, where it is empty


def write(source: Source, path: Path, wishes: Wishes) -> None:
    """Write the page. Raises OSError where it cannot be written."""
    environment = _environment()
    context = _context(source, wishes)
    style, script = _asset(environment, "page.css"), _asset(environment, "page.js")
    template = environment.get_template("page.html.j2")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        stream = template.stream(**context, style=style, script=script)
        stream.enable_buffering(256)
        file.writelines(stream)


def _context(source: Source, wishes: Wishes) -> dict[str, Any]:
    audited, room = source.audited, wishes.room
    found = findings.by_subject(audited.findings) if audited else {}
    rows = read(source, found, {space.name: space.cluster for space in room.hosts}, wishes.done)
    amiss = gaps(source.about, rows.hosts)
    groups = findings.by_rule(audited.findings) if audited else []
    return {
        "about": source.about,
        "title": wishes.title or source.about.site,
        "tiles": summary.tiles(rows, room),
        "health": summary.health(audited) if audited else None,
        "meters": summary.meters(room),
        "room": room,
        "amiss": amiss,
        "steps": steps.first_steps(amiss, room, groups if audited else None),
        "groups": groups,
        "print_findings": sum(len(group.shown) for group in groups) <= PRINTED_FINDINGS,
        "drawing": topology.draw(rows.hosts, room),
        "tables": [
            tables.clusters_table(room),
            tables.hosts_table(rows.hosts, room),
            tables.guests_table(rows.guests, most=wishes.most_guests),
            tables.pools_table(room.pools),
            tables.issues_table(rows.issues),
        ],
    }


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("omc.report.html", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    helpers: dict[str, Callable[..., Any]] = {"plural": counted, "named": named, "drawn": drawn}
    environment.globals.update(helpers)
    environment.filters["whole"] = _whole
    return environment


def _shown(value: object) -> object:
    """Return what may stand on the page; markup of our own passes, text loses what would move other text."""
    return cut(safe(value), MOST_CHARACTERS) if isinstance(value, str) and not isinstance(value, Markup) else value


def _whole(value: str) -> Markup:
    """Return what is to be typed: safe to show, and never cut."""
    return Markup(escape(safe(value)))  # noqa: S704 - escaped


def _asset(environment: Environment, name: str) -> Asset:
    loader = environment.loader
    assert loader is not None
    text = loader.get_source(environment, name)[0]
    return Asset(Markup(text), b64encode(sha256(text.encode()).digest()).decode())  # noqa: S704 - a file of ours
