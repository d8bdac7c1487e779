"""Fleets to report on, and the workbook that comes of one."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from omc.model import Host
from omc.report import xlsx
from omc.report.source import About, Audited, Finding, Source

MADE_AT = "2026-01-01T12:00:00Z"
FINDING = Finding(
    rule="G11",
    severity="critical",
    host="kvm1",
    subject="guest/web1",
    message="cache=unsafe on vda",
    fix="virsh edit web1",
    title="Disk loses data when the host fails",
)


def source(hosts: Sequence[Host] = (), *, findings: Sequence[Finding] | None = (), **about: Any) -> Source:
    """Return a source of these hosts; without findings no rule was checked."""
    audited = None if findings is None else Audited(findings, rules=90, unchecked=3, waived=1)
    facts = {"site": "site", "made_at": MADE_AT, "version": "1.0", "names": tuple(host.name for host in hosts)}
    return Source(About(**(facts | about)), lambda: iter(hosts), audited)


def written(folder: Path, made: Source, **settings: Any) -> Workbook:
    """Write the workbook and open it again."""
    path = folder / "fleet.xlsx"
    xlsx.write(made, path, **settings)
    return openpyxl.load_workbook(path)


def rows(sheet: Worksheet) -> Iterator[dict[str, Any]]:
    """Give the rows of a tab by the names of its columns."""
    header, *lines = sheet.iter_rows(values_only=True)
    return (dict(zip(map(str, header), line, strict=True)) for line in lines)


def only(sheet: Worksheet) -> dict[str, Any]:
    """Return the only row."""
    (row,) = rows(sheet)
    return row
