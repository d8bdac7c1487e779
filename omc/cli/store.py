"""`omc store`: care for what was collected."""

from omc.cli.command import group


@group("store")
def command() -> None:
    """Care for the store: upgrade it to this version of omc, back it up, forget the old, check it."""
