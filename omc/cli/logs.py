"""Brings what the exporters log, which run for long and answer nobody, to the output.

Apart, because `import logging` costs more than a whole `omc --help`.
"""

import logging
from collections.abc import Callable

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


class OutputHandler(logging.Handler):
    """Says each record through a function of level and message."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record."""
        self._say(record.levelname.lower(), record.getMessage())


def attach(say: Callable[[str, str], None], verbosity: int) -> None:
    """Let everything that omc logs be said from warnings on; each `verbosity` more lets one level more through."""
    logger = logging.getLogger("omc")
    logger.handlers = [OutputHandler(say)]
    logger.setLevel(LEVELS[min(verbosity, len(LEVELS) - 1)])
    logger.propagate = False
