"""vHealth: a row a finding of the audit."""

from collections.abc import Iterable

from omc.report.guests import values
from omc.report.source import Source
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


class _Findings:
    def __init__(self, source: Source) -> None:
        self._audited = source.audited

    def of(self, scene: HostScene) -> Iterable[Row]:  # noqa: ARG002 - all findings come at once, the most severe first
        return ()

    def rest(self) -> Iterable[Row]:
        return (values(COLUMNS, finding) for finding in (self._audited.findings if self._audited else ()))


TAB = Tab("vHealth", "finding of the audit", COLUMNS, _Findings)
