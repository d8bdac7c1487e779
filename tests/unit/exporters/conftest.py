import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the exporters log, also where a command has taken omc's logs over."""
    logger = logging.getLogger("omc.exporters")
    logger.addHandler(caplog.handler)
    logger.propagate = False
    yield caplog
    logger.removeHandler(caplog.handler)
    logger.propagate = True
