"""Content negotiation: what a client accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.exporters.server.negotiate import wanted

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


@pytest.mark.parametrize(
    ("accept", "is_openmetrics"),
    [
        (PROMETHEUS, True),
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        ("application/openmetrics-text", True),
        ("application/openmetrics-text; version=2.0.0", False),
        ('application/openmetrics-text; version="1.0.0"', True),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.9", False),
        ("application/openmetrics-text;q=0", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
    ],
)
def test_openmetrics_is_given_to_those_that_prefer_it(accept, is_openmetrics):
    """Only a version that we write, and only where its quality is not below the text's."""
    assert is_openmetrics is wanted(accept, "").openmetrics


@pytest.mark.parametrize(
    ("accept", "is_gzip"),
    [("gzip", True), ("deflate, gzip;q=0.5", True), ("", False), ("gzip;q=0", False), ("*", True), ("identity", False)],
)
def test_gzip_is_given_to_those_that_take_it(accept, is_gzip):
    """A quality of 0 means never."""
    assert is_gzip is wanted("", accept).gzip


@given(st.text(), st.text())
def test_any_header_is_read(accept, encoding):
    """Garbage is no preference, and no error."""
    wanted(accept, encoding)
