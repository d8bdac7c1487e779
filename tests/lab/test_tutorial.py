"""The tutorial of templates is true: typed on a lab, each command prints the lines that it shows."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.reader import PAGES, commands, plain, typed

pytestmark = pytest.mark.lab
SITE = "/var/lib/omc-lab/demo/site"
(PAGE,) = (page for page in PAGES if page.stem == "first-template")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a short name, as a reader has one."""
    with tempfile.TemporaryDirectory(prefix="omc-", dir="/tmp") as folder:
        yield Path(folder)


def test_every_line_that_the_tutorial_of_templates_shows_is_printed(lab: Lab, home: Path) -> None:
    """On three hosts of a lab; what goes to stderr may stand between the lines on a terminal, so order is not held."""
    folder = str(home)
    site = str(lab.site)
    for command, shown in commands(PAGE):
        lines, folder = typed(command.replace(SITE, site), folder, home)
        printed = {plain(line) for line in lines}
        assert [] == [line for line in map(plain, shown) if line != "…" and line not in printed], "\n".join(
            [f"$ {command}", *lines]
        )
