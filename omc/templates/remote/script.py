"""The scripts: which parts a step is put together from, and the head that gives it its values."""

from functools import cache
from importlib.resources import files

from omc.templates.remote.quote import quote

STATE = "/var/lib/omc"
"""Where a host keeps its journal and the old files; `/var/lib/omc-host` where that belongs to another user."""

_RUN = ("base", "lock", "command", "handlers", "files", "timer", "run")
_PARTS = {
    "look": ("base", "lock", "timer", "look"),
    "change": (*_RUN, "change"),
    "resume": (*_RUN, "resume"),
    "rollback": (*_RUN, "rollback"),
    "revert": (*_RUN, "revert"),
    "confirm": (*_RUN, "confirm"),
    "forget": ("base", "lock", "forget"),
    "unlock": ("base", "lock", "unlock"),
    "keep": ("base", "lock", "keep"),
    "kept": ("base", "lock", "kept"),
    "complete": (*_RUN, "complete"),
    "clean": (*_RUN, "clean"),
}


def script(step: str, variables: dict[str, str | int], functions: str = "") -> str:
    """Return the text of a step: its values, functions that are made for this call, and the parts it consists of."""
    values = {"state": STATE, **variables}
    head = "".join(f"{name}={quote(str(value))}\n" for name, value in values.items())
    return f"{head}{functions}{body(step)}"


@cache
def body(step: str) -> str:
    """Return the parts of a step, without what only a reader needs."""
    return "".join(_part(name) for name in _PARTS[step])


def _part(name: str) -> str:
    lines = (files(__package__) / f"{name}.sh").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line.lstrip(" ") for line in lines if line.strip(" \n") and not line.lstrip().startswith("#"))
