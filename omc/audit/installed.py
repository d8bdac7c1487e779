"""Rules that are installed beside omc: modules under the entry point group `omc.rules`.

Python's reader of entry points looks into every installed package and needs 30 ms to be imported and to do so, of a
command that takes 300. So it is asked only where a look at the files says that some package declares rules, or where
packages may be found otherwise than as folders.
"""

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

GROUP = "omc.rules"
_FILE = "entry_points.txt"


def installed_rules() -> list[ModuleType]:
    """Return the modules with rules that other packages bring."""
    if not _may_be_declared():
        return []
    from importlib.metadata import entry_points

    return [entry.load() for entry in entry_points(group=GROUP)]


def _may_be_declared() -> bool:
    others = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions") and finder is not PathFinder]
    return bool(others) or any(_declares(path or ".") for path in sys.path)


def _declares(path: str) -> bool:
    """Tell whether a package on this entry of the path declares rules; of an archive nobody knows before it is read."""
    if os.path.isfile(path):  # noqa: PTH113 - a Path for each of them takes as long as the look itself
        return True
    return any(f"[{GROUP}]".encode() in _content(file) for file in _files(path))


def _files(folder: str) -> Iterator[str]:
    if folder.endswith(".egg"):
        yield f"{folder}/EGG-INFO/{_FILE}"
    try:
        with os.scandir(folder) as entries:
            yield from (f"{entry.path}/{_FILE}" for entry in entries if entry.name.endswith("-info"))
    except OSError:  # the path names folders that are not there
        return


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError:  # most packages declare nothing
        return b""
