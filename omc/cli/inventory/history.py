"""`omc inventory history`: every change of one guest or host that the store knows."""

from omc.cli.context import Run
from omc.inventory.store import Found


def print_recent(run: Run, found: Found) -> None:
    """X"""
