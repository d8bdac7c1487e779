"""vMetaData: one row about the workbook itself: what it shows, of when, and what is missing in it."""

from collections.abc import Iterable

from omc.report import words
from omc.report.guests import values
from omc.report.source import Audited, Source
from omc.report.tab import Column, HostScene, Row, Tab


def _audited(source: Source, count: str) -> int | None:
    return None if source.audited is None else _counts(source.audited)[count]


def _counts(audited: Audited) -> dict[str, int]:
    return {
        "findings": len(audited.findings),
        **{name: getattr(audited, name) for name in ("rules", "unchecked", "waived")},
    }


COLUMNS = (
    Column("xlsx creation datetime", "time", lambda source: words.moment(source.about.made_at), "UTC"),
    Column("Server", "text", lambda source: source.about.site, "the site"),
    Column("omc Version", "text", lambda source: source.about.version, "of omc"),
    Column("omc Shown at", "time", lambda source: words.moment(source.about.at), "UTC; empty: now"),
    Column("omc Selection", "text", lambda source: source.about.selection, "patterns of hosts"),
    Column("omc Hosts", "number", lambda source: source.about.hosts, "selected"),
    Column("omc Hosts never read", "long", lambda source: words.joined(source.about.unread), "they have no rows"),
    Column("omc Hosts not whole", "long", lambda source: words.joined(source.about.partial), "see the tab omcIssues"),
    Column(
        "omc Rules",
        "number",
        lambda source: _audited(source, "rules"),
        "checked; empty: no audit, and vHealth says why",
    ),
    Column("omc Findings", "number", lambda source: _audited(source, "findings"), "see the tab vHealth"),
    Column("omc Waived", "number", lambda source: _audited(source, "waived"), "findings that the site accepts"),
    Column(
        "omc Not checked",
        "number",
        lambda source: _audited(source, "unchecked"),
        "rules that lacked facts somewhere: omc audit --show-unchecked",
    ),
)


class _OneRow:
    def __init__(self, source: Source) -> None:
        self._source = source

    def of(self, scene: HostScene) -> Iterable[Row]:  # noqa: ARG002 - no host has a row here
        return ()

    def rest(self) -> Iterable[Row]:
        return (values(COLUMNS, self._source),)


TAB = Tab("vMetaData", "workbook", COLUMNS, _OneRow)
