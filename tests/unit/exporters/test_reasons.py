"""Why a page is down or incomplete: bounded in labels, in full in comments, and both formats stay readable."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from omc.drivers.hypervisor.faults import _CONNECT
from omc.exporters.exposition import openmetrics
from omc.exporters.hosts import ScrapeFacts
from omc.exporters.pages import Memory, Pages
from omc.exporters.reasons import MOST_COMMENTS, OTHER, REASONS, Down, fault_comments
from omc.exporters.request import ScrapeRequest
from omc.exporters.table import load_tables
from omc.ports import Fault

TABLES = load_tables()


def page_of(down: Down) -> bytes:
    pages = Pages(TABLES, on=frozenset(TABLES.collectors), compat=None, budget=10)
    return pages.page(ScrapeFacts(seconds=1, now=2, down=down), ScrapeRequest(deadline=0), Memory(None))


def test_a_page_that_is_down_says_why_in_comments_and_in_a_bounded_label():
    down = Down(code="deadline", message="no connection after 5.3 s", hint="is the host up?")
    text = page_of(down).decode()
    assert ["# down: deadline: no connection after 5.3 s", "# what to do: is the host up?"] == text.splitlines()[:2]
    assert f'\nlibvirt_down_info{{code="deadline",reason="{REASONS["deadline"]}"}} 1\n' in text
    assert "5.3" not in text.partition("# HELP")[2]


def test_a_reason_that_nobody_has_words_for_points_to_the_comment():
    assert OTHER == Down(code="strange", message="a\nb").reason


@given(st.text(), st.text(), st.text())
def test_whatever_a_host_says_both_formats_can_be_read(code, message, hint):
    body = page_of(Down(code=code, message=message, hint=hint))
    for families in (parse(body.decode()), parse_openmetrics(b"".join(openmetrics([body])).decode())):
        found = {sample.name: sample.labels for family in families for sample in family.samples}
        assert {"libvirt_up", "libvirt_down_info"} <= found.keys()


def test_openmetrics_has_no_comment():
    body = b"".join(openmetrics([page_of(Down(code="failed", message="m", hint="h"))]))
    assert set(re.findall(rb"^# (\w+)", body, re.M)) == {b"HELP", b"TYPE", b"EOF"}


def test_what_failed_in_an_incomplete_page_is_named_and_what_is_not_supported_is_not():
    faults = [
        Fault("pool/nfs", "virStoragePoolGetInfo", "deadline", "no answer after 30.0 s"),
        Fault("host", "virConnectGetSysinfo", "unsupported", "no", failed=False),
    ]
    said = fault_comments(faults).decode()
    assert "# incomplete: pool/nfs, virStoragePoolGetInfo, deadline: no answer after 30.0 s\n" == said


def test_what_was_asked_for_by_name_and_cannot_be_had_is_named_too():
    said = fault_comments([Fault("daemon", "call", "unsupported", "only on the host itself", failed=False)])
    assert b"# incomplete: daemon, call, unsupported: only on the host itself\n" == said


def test_many_faults_are_counted_and_not_all_written():
    faults = [Fault(f"guest/g{number}", "call", "deadline", "x" * 9_999) for number in range(MOST_COMMENTS + 7)]
    said = fault_comments(faults).decode().splitlines()
    assert "# incomplete: and 7 more" == said[-1]
    assert len(said) == MOST_COMMENTS + 1
    assert all(len(line) < 420 for line in said)


def test_every_code_that_a_connection_fails_with_has_words():
    lacking = {code for _, code, _ in _CONNECT} - REASONS.keys()
    assert {"failed"} >= lacking


@pytest.mark.parametrize("code", REASONS)
def test_every_code_stands_in_the_page_about_trouble(code):
    page = (Path(__file__).parents[3] / "docs/how-to/troubleshooting.md").read_text()
    assert f"`{code}`" in page
