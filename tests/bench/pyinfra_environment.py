"""The environment with pyinfra that omc stands beside."""

from pathlib import Path

from tests.bench import peers


def environment() -> Path:
    """Make the environment where there is none yet; its folder of programs."""
    return peers.environment("pyinfra", "pyinfra>=3,<4")
