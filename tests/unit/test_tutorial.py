"""The tutorial is true: its commands are run in order, and each line that it shows is printed, in that order.

Times, ages, libvirt's version and the folder differ from run to run; a line with nothing but "…" stands for any lines.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.reader import PAGES, commands, plain, typed

OF_THE_LAB = "first-template"


@pytest.fixture
def home():
    """A home with a short name, so that the table of hosts fits the terminal as it does a reader's."""
    with tempfile.TemporaryDirectory(prefix="omc-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != OF_THE_LAB], ids=lambda page: page.stem)
def test_every_line_that_the_tutorial_shows_is_printed(page, home):
    """A reader who types what stands there sees what stands there."""
    folder, since = home, ""
    for command, shown in commands(page):
        # A reader takes longer over it than a test: the time before this command stands for "10 seconds ago".
        lines, folder = typed(command.replace("10 seconds ago", since), folder, home)
        since = datetime.now(UTC).isoformat()
        rest = iter([plain(line) for line in lines])
        missing = [line for line in map(plain, shown) if line != "…" and line not in rest]
        assert [] == missing, f"$ {command}\n" + "\n".join(lines)
