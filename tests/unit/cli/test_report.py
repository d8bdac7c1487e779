"""`omc report xlsx` on the reference site: what the store knows, in one file that is whole or not there."""

import io
import json
import os
import re
import resource
import stat
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from omc.cli.context import Run
from omc.cli.main import main
from omc.cli.report.writing import write_file
from omc.errors import OmcError
from omc.report import xlsx
from tests.facts import guest, host
from tests.unit.cli.running import Omc, on_terminal
from tests.unit.report.made import rows, source


def tab(path: Path, name: str) -> list[dict[str, Any]]:
    return list(rows(openpyxl.load_workbook(path)[name]))


def test_the_workbook_has_every_guest_host_and_finding(collected: Omc, tmp_path: Path) -> None:
    """What the lists and the audit say stands in it, and where it is said on stderr."""
    path = tmp_path / "fleet.xlsx"
    ran = collected("report", "xlsx", "-f", str(path))
    assert (0, "") == (ran.code, ran.out)
    assert f"written: {path}" in ran.err
    assert 15 == len(tab(path, "vInfo"))
    assert ["kvm1", "kvm2", "lab1"] == sorted(row["Host"] for row in tab(path, "vHost"))
    findings = collected("audit", "-o", "tsv").out.splitlines()[1:]
    assert len(findings) == len(tab(path, "vHealth"))
    (about,) = tab(path, "vMetaData")
    assert (3, len(findings)) == (about["omc Hosts"], about["omc Findings"])


def test_patterns_and_limit_choose_hosts(collected: Omc, tmp_path: Path) -> None:
    """As everywhere; the workbook says what it shows."""
    path = tmp_path / "fleet.xlsx"
    assert 0 == collected("report", "xlsx", "kvm*", "--limit", "!kvm2", "-f", str(path)).code
    assert {"kvm1"} == {row["Host"] for name in ("vInfo", "vHost", "vDisk") for row in tab(path, name)}
    assert ["kvm* --limit !kvm2"] == [row["omc Selection"] for row in tab(path, "vMetaData")]


def test_no_findings_leaves_the_audit_out(collected: Omc, tmp_path: Path) -> None:
    """No rule checked is said, and is not "no findings"."""
    path = tmp_path / "fleet.xlsx"
    assert 0 == collected("report", "xlsx", "--no-findings", "-f", str(path)).code
    assert ["no rule was checked: they were left out (--no-findings)"] == [
        row["Message"] for row in tab(path, "vHealth")
    ]
    assert [(None, None)] == [(row["omc Rules"], row["omc Findings"]) for row in tab(path, "vMetaData")]


def test_at_shows_the_past_and_checks_no_rule(collected: Omc, tmp_path: Path) -> None:
    """Rules are for what holds now; that is said, on stderr and in the workbook."""
    path = tmp_path / "fleet.xlsx"
    ran = collected("report", "xlsx", "--at", "now", "-f", str(path))
    assert 0 == ran.code
    assert "no findings" in ran.err
    assert 15 == len(tab(path, "vInfo"))
    (about,) = tab(path, "vMetaData")
    assert about["omc Shown at"] is not None
    assert about["omc Rules"] is None
    (told,) = tab(path, "vHealth")
    assert ("Not checked", None) == (told["Message type"], told["omc Rule"])
    assert told["Message"].startswith("no rule was checked: rules look at what holds now")


def test_an_empty_store_says_what_to_do_first(omc: Omc, tmp_path: Path) -> None:
    """It collects nothing by itself, and leaves no file."""
    ran = omc("report", "xlsx", "-f", str(tmp_path / "fleet.xlsx"))
    assert (2, "") == (ran.code, ran.out)
    assert "omc inventory" in ran.err
    assert not (tmp_path / "fleet.xlsx").exists()


def test_a_host_that_was_never_read_has_a_row_that_says_so(collected: Omc, site: Path, tmp_path: Path) -> None:
    """It is named, counts nothing as zero, and the exit code is 3 although the rest is complete."""
    hosts = site / "inventory" / "hosts.yaml"
    text = hosts.read_text(encoding="utf-8")
    hosts.write_text(re.sub(r"(\n +)lab1:", r"\1lab1:\1lab9:", text), encoding="utf-8")
    path = tmp_path / "fleet.xlsx"
    ran = collected("report", "xlsx", "-f", str(path))
    assert 3 == ran.code
    assert "lab9" in ran.err
    (row,) = [row for row in tab(path, "vHost") if row["Host"] == "lab9"]
    assert ("unreachable", None, None, None) == tuple(
        row[name] for name in ("Config status", "# VMs total", "# vCPUs", "# Memory")
    )
    assert "never collected" in row["omc Status reason"]
    unchecked = json.loads(collected("audit", "--show-unchecked", "-o", "json").out)
    count = len({one["rule"] for one in unchecked if one["severity"] == "unchecked"})
    assert [count] == [row["omc Not checked"] for row in tab(path, "vMetaData")]
    assert [("lab9", 4)] == [(row["omc Hosts never read"], row["omc Hosts"]) for row in tab(path, "vMetaData")]


def test_stdout_gets_the_same_workbook(collected: Omc, site: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`-f -` is for a pipe."""
    assert 0 == main(("--site", str(site), "report", "xlsx", "-f", "-"))
    out, err = capfdbinary.readouterr()
    book = openpyxl.load_workbook(io.BytesIO(out))
    assert 16 == book["vInfo"].max_row
    assert b"written" not in err


def test_a_terminal_gets_no_workbook(collected: Omc, site: Path) -> None:
    """Its bytes would do something there; the message says what to type."""
    code, shown = on_terminal("--site", str(site), "report", "xlsx", "-f", "-", columns=100)
    assert 2 == code
    assert "-f FILE" in shown
    assert "PK" not in shown


def test_an_old_file_is_replaced_in_one_step(collected: Omc, tmp_path: Path) -> None:
    """Nothing remains beside it, a link to it stays, and it is for those who could read the old one."""
    path, link = tmp_path / "files" / "fleet.xlsx", tmp_path / "latest.xlsx"
    path.parent.mkdir()
    path.write_bytes(b"old")
    path.chmod(0o604)
    link.symlink_to(path)
    assert 0 == collected("report", "xlsx", "-f", str(link)).code
    assert 15 == len(tab(path, "vInfo"))
    assert 0o604 == stat.S_IMODE(path.stat().st_mode)
    assert link.is_symlink()
    assert [path] == list(path.parent.iterdir())


def test_a_new_file_is_for_those_who_may_read_new_files(collected: Omc, tmp_path: Path) -> None:
    """The mask of the user decides, as for any program."""
    path = tmp_path / "fleet.xlsx"
    mask = os.umask(0o027)
    try:
        assert 0 == collected("report", "xlsx", "-f", str(path)).code
    finally:
        os.umask(mask)
    assert 0o640 == stat.S_IMODE(path.stat().st_mode)


def test_what_is_no_file_is_not_replaced(collected: Omc, tmp_path: Path) -> None:
    """A device, a pipe or a folder stays what it is."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path):
        assert 2 == collected("report", "xlsx", "-f", str(place)).code
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_that_is_not_there_is_named(collected: Omc, tmp_path: Path) -> None:
    """No traceback, and what to do."""
    ran = collected("report", "xlsx", "-f", str(tmp_path / "no" / "fleet.xlsx"))
    assert 1 == ran.code
    assert f"{tmp_path}/no/fleet.xlsx: cannot be written: No such file or directory" in ran.err
    assert "hint:" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("most", [100, 1024, 20_000, 60_000])
def test_a_full_disk_keeps_the_old_file(tmp_path: Path, most: int) -> None:
    """A limit on files' size stands for the full disk: it comes at the first row, later, or at the end."""
    made = source([host("kvm1", guests=[guest(number) for number in range(50)])])
    path = tmp_path / "fleet.xlsx"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        with pytest.raises(OmcError, match="cannot be written: File too large") as caught:
            write_file(Run({}), path, lambda place: xlsx.write(made, place))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(path) == caught.value.where
    assert b"old" == path.read_bytes()
    assert ["fleet.xlsx"] == [one.name for one in tmp_path.iterdir()]


def test_dash_f_is_needed(collected: Omc) -> None:
    """A report without a place is a question, not a default that surprises."""
    ran = collected("report", "xlsx")
    assert 2 == ran.code
    assert "-f" in ran.err
