"""What all tests share."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

# Who runs the tests in the background has them ignore Ctrl-C; omc, which inherits that, is told by it to stop.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["tests.lab.fixtures", "tests.postgresql", "tests.sshd.fixtures", "tests.machine.fixtures"]

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files are rewritten only when asked for; the diff is then to be read."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden instead of comparing")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return a function that compares a text with the golden file of that name."""
    update = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.exists(), f"{path} is missing: make golden writes it"
        assert path.read_bytes().decode() == text

    return compare
