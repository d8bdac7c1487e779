"""Forms of a whole audit report that are more than a list: bytes out, one file a form. Pure; nothing here prints.

A form is a module with `render(report, page)`, which gives bytes that are safe to print: names of guests are escaped.
To add one: a file here, and its name in NAMES. Lists (json, csv …) are the formats of `omc.inventory.formats`.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from omc.audit.finding import SEVERITIES, Finding, Report, Unchecked
from omc.audit.rule import Rule

NAMES = ("table", "markdown", "sarif", "junit", "prometheus")


class Failed(NamedTuple):
    """A host that could not be read lately, or whose shell did not tell: nobody knows how it is there now.

    `status` is "unreachable", "partial", "never read" or "shell"; `since` is of when what is known of it is, or empty.
    """

    host: str
    status: str
    why: str
    since: str = ""

    def __str__(self) -> str:
        told = f"{self.status}: {self.why}" if self.why else self.status
        return f"{told}; judged as it was read at {self.since}" if self.status == "unreachable" and self.since else told


FAILED = ("unreachable", "partial", "never read", "shell")
"""All statuses of those."""


class Page(NamedTuple):
    """What a form must know beside the report; `now` is RFC 3339 UTC, `width` None where there is no terminal."""

    rules: Mapping[str, Rule]
    now: str
    version: str
    width: int | None = None
    color: bool = False
    unchecked: bool = False  # show what could not be checked, too
    severity: str = SEVERITIES[0]  # the least of what is listed; what counts or passes is of all findings
    failed: Sequence[Failed] = ()
    fail_on: str | None = None  # the least that lets the audit fail; None: nothing does


class Form(Protocol):
    """What the module of a form has."""

    def render(self, report: Report, page: Page) -> Iterator[bytes]:
        """Give the report, safe to print."""


def find(name: str) -> Form:
    """Return the form of one of the NAMES."""
    return cast(Form, import_module(f"{__name__}.{name}"))


def listed(report: Report, page: Page) -> list[Finding]:
    """Return the findings that are to be listed."""
    least = SEVERITIES.index(page.severity)
    return [finding for finding in report.findings if SEVERITIES.index(finding.severity) >= least]


def by_reason(unchecked: tuple[Unchecked, ...]) -> dict[tuple[str, str], list[Unchecked]]:
    """Put together what could not be checked by (rule, why)."""
    groups: dict[tuple[str, str], list[Unchecked]] = {}
    for one in unchecked:
        groups.setdefault((one.rule, one.why), []).append(one)
    return groups
