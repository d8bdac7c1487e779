"""How `omc audit` shows a report: a list in omc's own formats, or one of the forms of `omc.audit.outputs`."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from omc import __version__
from omc.audit import outputs
from omc.audit.finding import SEVERITIES, Finding, Report, Unchecked
from omc.cli.context import Run
from omc.errors import OmcError
from omc.inventory.formats import Column, Listing
from omc.text import plural

if TYPE_CHECKING:
    from omc.audit.rule import Rule

FORMATS = ("table", "wide", "json", "ndjson", "yaml", "csv", "tsv", "markdown", "sarif", "junit", "prometheus")
TEXTFILE = "omc_audit.prom"
LISTS = tuple(name for name in FORMATS if name not in outputs.NAMES or name == "table")
"""Forms that a summary has, too: it is a list."""

BY_RULE = (
    *(Column("severity"), Column("rule"), Column("findings", "number"), Column("hosts", "number")),
    Column("title", "prose"),
)
SCREEN = 40
"""So many lines are more than what most terminals show at once."""

COLUMNS = tuple(map(Column, ("severity", "rule", "host", "subject", "message", "fix", "title")))


class Shown(NamedTuple):
    """What of a report is shown, and how."""

    format_name: str | None
    severity: str  # the least that is listed
    show_unchecked: bool
    textfile: Path | None
    rules: "Sequence[Rule]"
    fail_on: str | None = None
    summary: bool = False


def show(run: Run, report: Report, shown: Shown, failed: Sequence[outputs.Failed] = ()) -> None:
    """Print the report, and write the textfile where one is asked for; `failed` are the hosts that were not read."""
    page = _page(run, shown)._replace(failed=failed, fail_on=shown.fail_on)
    if shown.textfile is not None:
        _write(shown.textfile, b"".join(outputs.find("prometheus").render(report, page)))
    name = run.output.format_or_default(shown.format_name)
    if shown.summary:
        run.output.listing(Listing(BY_RULE, _by_rule(outputs.listed(report, page))), name)
    elif name in outputs.NAMES:
        rendered = outputs.find(name).render(report, page)
        parts = list(rendered) if page.width is not None else rendered
        run.output.write(parts)
        if page.width is not None and sum(part.count(b"\n") for part in parts) > SCREEN:
            run.output.info("omc audit --summary: one line a rule")
    else:
        found = outputs.listed(report, page)
        if shown.show_unchecked:
            found += [_of_host(one) for one in failed if one.since]
            found += [_as_finding(one, page) for one in report.unchecked]
        run.output.listing(Listing(COLUMNS, map(_row, found), map(msgspec.json.Encoder().encode, found)), name)


def summary(report: Report) -> str:
    """Return the totals in one line."""
    counts = Counter(finding.severity for finding in report.findings)
    found = ", ".join(f"{counts[severity]} {severity}" for severity in reversed(SEVERITIES) if counts[severity])
    scope = f"{plural(report.hosts, 'host')}, {plural(report.guests, 'guest')}, {plural(report.rules, 'rule')}"
    unchecked = len({one.rule for one in report.unchecked})
    left = [f"{plural(unchecked, 'rule')} not checked everywhere (--show-unchecked)"] if unchecked else []
    left += [f"{len(report.waived)} waived"] if report.waived else []
    return "; ".join([f"{scope}: {found or 'nothing found'}", *left])


def _by_rule(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    """Return a row a rule and severity, in the order of the findings."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in findings:
        groups.setdefault((one.severity, one.rule, one.title), []).append(one.host)
    return [
        (severity, rule, len(hosts), len(set(filter(None, hosts))), title)
        for (severity, rule, title), hosts in groups.items()
    ]


def _page(run: Run, shown: Shown) -> outputs.Page:
    from datetime import UTC, datetime

    rules: Mapping[str, Rule] = {rule.id: rule for rule in shown.rules}
    now = datetime.fromtimestamp(run.output.page.now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    place = run.output.page
    return outputs.Page(rules, now, __version__, place.width, place.color, shown.show_unchecked, shown.severity)


def _row(finding: Finding) -> tuple[str, ...]:
    return tuple(getattr(finding, column.name) for column in COLUMNS)


def _as_finding(one: Unchecked, page: outputs.Page) -> Finding:
    """Return what could not be checked as a row of the list, of the severity "unchecked"."""
    title = page.rules[one.rule].title
    return Finding(
        rule=one.rule, severity="unchecked", subject=one.subject, host=one.host, message=one.why, fix="", title=title
    )


def _of_host(one: outputs.Failed) -> Finding:
    """Return a host that is judged by old or incomplete facts as a row of the list, of no single rule."""
    words = {"rule": "", "severity": "unchecked", "subject": "host", "title": "The host could not be read"}
    return Finding(host=one.host, message=str(one), fix=f"omc inventory {quote(one.host)}", **words)


def _write(folder: Path, content: bytes) -> None:
    """Put the file into node_exporter's folder, whole: the old one or the new one, never a part."""
    from tempfile import NamedTemporaryFile

    path = folder / TEXTFILE
    try:
        with NamedTemporaryFile(dir=folder, prefix=f".{TEXTFILE}.", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o644)
                Path(file.name).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(file.name).unlink()
                raise
    except OSError as error:
        raise OmcError(f"cannot write it: {error.strerror}", where=str(path), hint="--textfile FOLDER") from error
