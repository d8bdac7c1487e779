"""vHealth: a row a finding of the audit; where no rule was checked, one row that says so, for empty looks like well."""

from collections.abc import Iterable

from omc.report.guests import values
from omc.report.source import About, Source
from omc.report.tab import Column, HostScene, Row, Tab

COLUMNS = (
    Column("Name", "text", lambda one: one.subject.partition("/")[2] or one.host, "of what it is about"),
    Column("Message", "long", lambda one: one.message, "what is wrong"),
    Column("Message type", "long", lambda one: one.title, "the rule's title"),
    Column("omc Severity", "text", lambda one: one.severity, "critical, warning, info"),
    Column("omc Rule", "text", lambda one: one.rule, "omc audit explain ID"),
    Column("omc Host", "text", lambda one: one.host or None, "empty: of no single host"),
    Column("omc Subject", "text", lambda one: one.subject, "host, guest/NAME, pool/NAME …"),
    Column("omc Fix", "long", lambda one: one.fix, "what to type or change"),
)


def _not_checked(about: About) -> Row:
    why = "they were left out (--no-findings)"
    if about.at:
        why = "rules look at what holds now, and of the past neither volumes nor issues are kept"
    said = {"Message": f"no rule was checked: {why}", "Message type": "Not checked"}
    return tuple(said.get(column.name) for column in COLUMNS)


class _Findings:
    def __init__(self, source: Source) -> None:
        self._source = source

    def of(self, scene: HostScene) -> Iterable[Row]:  # noqa: ARG002 - all findings come at once, the most severe first
        return ()

    def rest(self) -> Iterable[Row]:
        if self._source.audited is None:
            return (_not_checked(self._source.about),)
        return (values(COLUMNS, finding) for finding in self._source.audited.findings)


TAB = Tab("vHealth", "finding of the audit", COLUMNS, _Findings)
