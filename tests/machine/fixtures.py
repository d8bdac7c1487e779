"""A machine for pytest: one for all tests that only try files on it."""

from collections.abc import Iterator

import pytest

from tests.machine.machine import Machine, missing, up
from tests.required import lacking


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """A machine that tests leave as it is, but for files in folders of their own."""
    if why := missing():
        lacking(why)
    running = up()
    try:
        yield running
    finally:
        running.down()


@pytest.fixture(scope="module")
def own_machine() -> Iterator[Machine]:
    """A machine that the tests of one module may change."""
    if why := missing():
        lacking(why)
    running = up("kvm")
    try:
        yield running
    finally:
        running.down()
