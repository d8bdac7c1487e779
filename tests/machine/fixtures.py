"""A machine for pytest: one for all tests that only try files on it."""

from collections.abc import Iterator

import pytest

from tests.lab.process import LabError
from tests.machine import packages
from tests.machine.machine import Machine, missing, up
from tests.required import lacking


@pytest.fixture(scope="session")
def _machines_can_be() -> None:
    """The machine's packages are there, or can be had."""
    if why := missing():
        lacking(why)
    try:
        packages.folder()
    except LabError as error:
        lacking(f"the packages of {packages.PROGRAMS} cannot be downloaded: {error}")


@pytest.fixture(scope="session")
def machine(_machines_can_be: None) -> Iterator[Machine]:
    """A machine that tests leave as it is, but for files in folders of their own."""
    running = up()
    yield running
    running.down()


@pytest.fixture(scope="module")
def own_machine(_machines_can_be: None) -> Iterator[Machine]:
    """A machine that the tests of one module may change."""
    running = up("kvm")
    yield running
    running.down()
