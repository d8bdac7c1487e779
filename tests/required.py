"""What a test needs of the machine: where that lacks the test is skipped, and fails with OMC_LAB=required, as in CI."""

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """End the test: `what` says what the machine lacks, and what to do about it."""
    if os.environ.get("OMC_LAB") == "required":
        pytest.fail(f"OMC_LAB=required, but {what}", pytrace=False)
    pytest.skip(what)
