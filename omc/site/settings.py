"""Reads `inventory/site.yaml`, omc's own settings: every key is checked, and none is guessed."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
from yaml.nodes import MappingNode, Node

from omc.site.document import Document, described, entries, is_null, read_text
from omc.site.entities import Settings
from omc.site.mistakes import Mistakes, near, without_password
from omc.site.values import Values
from omc.sizes import parse_share

KEYS = tuple(field.name for field in msgspec.structs.fields(Settings))
MOST_PARALLEL = 10_000  # as --parallel
# The kinds of stores that there are; a relative path would be another store in every folder.
_STORE = re.compile(r"sqlite:////[^\0]*[^/\0]|postgres(?:ql)?://.*")


def _is_store(value: object) -> bool:
    return isinstance(value, str) and bool(_STORE.fullmatch(value))


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_seconds(value: object) -> bool:
    return _is_number(value, 0.1, 86_400)


def _is_age(value: object) -> bool:
    return _is_number(value, 0, 10 * 365 * 86_400)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and _is_number(value, 1, MOST_PARALLEL)


def _is_reserve(value: object) -> bool:
    try:
        return isinstance(value, str) and parse_share(value, 0) >= 0
    except ValueError:
        return False


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


_EXPECTED: dict[str, tuple[Callable[[object], bool], str]] = {
    "store": (_is_store, "a database URL such as postgresql:///omc or sqlite:////var/lib/omc/store.db"),
    "store_reader": (_is_store, "a database URL such as postgresql://omc_reader@/omc"),
    "timeout_seconds": (_is_seconds, "a number of seconds from 0.1 to 86400"),
    "connect_timeout_seconds": (_is_seconds, "a number of seconds from 0.1 to 86400"),
    "parallel": (_is_count, f"a whole number from 1 to {MOST_PARALLEL}"),
    "max_age_seconds": (_is_age, "a number of seconds, 0 or more"),
    "collect_read_write": (_is_truth, "true or false"),
    "collect_agent": (_is_truth, "true or false"),
    "host_reserve": (_is_reserve, "a size or a share of memory such as 4GiB or 5%"),
}


def read_settings(path: Path, mistakes: Mistakes) -> Settings:
    """Return the settings of a site; a missing or empty file gives the defaults, what is wrong is noted."""
    text = read_text(path, mistakes) if path.exists() else None
    if text is None:
        return Settings()
    document = Document(path, mistakes)
    root = document.compose(text)
    if root is None or is_null(root):
        return Settings()
    if not isinstance(root, MappingNode):
        document.add(root, f"expected a mapping of settings, found {described(root)}", f"known are {', '.join(KEYS)}")
        return Settings()
    return _checked(document, root)


def _checked(document: Document, root: MappingNode) -> Settings:
    values = Values(document)
    found: dict[str, object] = {}
    for name, (key, node) in entries(document, root).items():
        if name not in _EXPECTED:
            hint = near(name, KEYS) or f"known are {', '.join(KEYS)}"
            document.add(key, f"unknown setting {name!r}", hint)
            continue
        value = values.of(node)
        if _is_sound(document, name, node, value):
            found[name] = value
    return msgspec.convert(found, Settings)


def _is_sound(document: Document, name: str, node: Node, value: object) -> bool:
    is_sound, expected = _EXPECTED[name]
    if is_sound(value):
        return True
    document.add(node, f"{name}: expected {expected}, found {without_password(described(node))}")
    return False
