"""Reads one YAML or JSON file of a site into nodes that know their lines, and says exactly what is wrong with it.

Composing instead of loading keeps every key's line; `omc.site.values` turns nodes into values. Nothing here knows what
the file means.
"""

import json
import re
from collections.abc import Collection
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from omc.site.mistakes import Mistakes, near

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 60
MAX_MERGES = 4
SEALED_TAGS = ("!vault", "!vault-encrypted")
# Fewer brackets than this cannot nest deep enough to exhaust the C stack of the composer, which recurses.
SAFE_BRACKETS = 2_000
_DEEP_BLOCK = re.compile(r"^[-?: \t]{2000}", re.MULTILINE)
_SURROGATE_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """One file while it is read: the path for messages, where mistakes go, and whether its text is strict JSON."""

    def __init__(self, path: Path, mistakes: Mistakes) -> None:
        self.path = path
        self.mistakes = mistakes
        self.is_json = False

    def where(self, node: Node) -> str:
        """Return "FILE:LINE" of a node."""
        return f"{self.path}:{node.start_mark.line + 1}"

    def add(self, node: Node, message: str, hint: str = "") -> None:
        """Note a mistake at a node."""
        self.mistakes.add(self.where(node), message, hint)

    def compose(self, text: str) -> Node | None:
        """Return the root node of a text, None for an empty one; a syntax mistake is noted, and None."""
        self.is_json = _is_json(text)
        if self.is_json:
            text = _SURROGATE_PAIR.sub(_join_surrogates, text)
        try:
            if _too_deep(text):
                self.mistakes.add(str(self.path), f"values are nested deeper than {MAX_DEPTH} levels")
                return None
            return yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            self._add_syntax(error, text)
            return None

    def _add_syntax(self, error: yaml.YAMLError, text: str) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f"{self.path}:{mark.line + 1}" if mark else str(self.path)
        found = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        context = getattr(error, "context", None)
        kind = "JSON" if self.path.suffix == ".json" else "YAML"
        message = f"broken {kind}: {found.removeprefix('but ')}" + (f" ({context})" if context else "")
        self.mistakes.add(where, message, _syntax_hint(found, _line_of(text, mark)))


def _access_hint(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "is the name right?" if path.parent.is_dir() else f"there is no folder {path.parent}"
    return "may this user read it?" if isinstance(error, PermissionError) else ""


def read_text(path: Path, mistakes: Mistakes) -> str | None:
    """Return a file's text without a byte order mark; what cannot be read is noted, and None."""
    try:
        data = path.read_bytes()
    except OSError as error:
        mistakes.add(str(path), f"cannot be read: {error.strerror or error}", hint=_access_hint(path, error))
        return None
    if len(data) > MAX_BYTES:
        mistakes.add(str(path), f"{len(data)} bytes, expected at most {MAX_BYTES}")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        mistakes.add(f"{path}:{line}", f"expected UTF-8, found the byte 0x{data[error.start]:02x}", "save it as UTF-8")
        return None


def _line_of(text: str, mark: "yaml.Mark | None") -> str:
    lines = text.splitlines()
    return lines[mark.line] if mark and mark.line < len(lines) else ""


def _syntax_hint(found: str, line: str) -> str:
    """Return what is most likely meant, for the mistakes that the parser's own words do not explain."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, YAML takes no tabs"
    if "mapping values are not allowed" in found:
        return "put quotes around a text with a colon in it, or begin a new line"
    return ""


def entries(document: Document, node: MappingNode, depth: int = 0) -> dict[str, tuple[Node, Node]]:
    """Return key → (key node, value node), with what `<<` merges in first; bad keys are noted and left out."""
    merged: dict[str, tuple[Node, Node]] = {}
    own: dict[str, tuple[Node, Node]] = {}
    for key_node, value_node in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            for source in _merge_sources(document, value_node, depth):
                merged = {**entries(document, source, depth + 1), **merged}
        elif key_node.tag != "tag:yaml.org,2002:str":
            document.add(key_node, f"expected text as a key, found {described(key_node)}", "put quotes around it")
        elif key_node.value in own:
            first = own[key_node.value][0].start_mark.line + 1
            document.add(key_node, f"the key {key_node.value!r} comes twice, first in line {first}", "keep one of them")
        else:
            own[key_node.value] = (key_node, value_node)
    return {**merged, **own} if merged else own


def known_entries(
    document: Document, node: MappingNode, known: Collection[str], what: str = ""
) -> dict[str, tuple[Node, Node]]:
    """As `entries`, of these keys only; others are noted as unknown, in `what` where that is said."""
    found = entries(document, node)
    for name, (key, _) in found.items():
        if name not in known:
            where = f" in {what}" if what else ""
            document.add(key, f"unknown key {name!r}{where}", near(name, known) or f"known are {', '.join(known)}")
    return {name: pair for name, pair in found.items() if name in known}


def items_of(document: Document, node: Node | None, what: str) -> list[Node]:
    """Return the items of a list, none where there is nothing; anything else is noted as no list of `what`."""
    if node is None or is_null(node):
        return []
    if isinstance(node, SequenceNode):
        return list(node.value)
    document.add(node, f"expected a list of {what}, found {described(node)}")
    return []


def _merge_sources(document: Document, node: Node, depth: int) -> list[MappingNode]:
    sources = node.value if isinstance(node, SequenceNode) else [node]
    if depth < MAX_MERGES and all(isinstance(source, MappingNode) for source in sources):
        return list(sources)
    document.add(node, f"expected a mapping after <<, found {described(node)}")
    return []


def described(node: Node) -> str:
    """Return a node in words for "found …": "a list", "the number 5", "nothing"."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.tag in SEALED_TAGS:
        return "a sealed value"
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return "nothing"
    words = {"int": "the number", "float": "the number", "bool": "the truth value", "str": "the text"}
    shown = node.value if len(node.value) <= 40 else node.value[:37] + "…"
    return f"{words.get(kind, 'the value')} {shown!r}"


def is_null(node: Node) -> bool:
    """Tell whether a node is an empty value."""
    return str(node.tag) == "tag:yaml.org,2002:null"


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _join_surrogates(match: re.Match[str]) -> str:
    high, low = int(match[2], 16), int(match[3], 16)
    return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _too_deep(text: str) -> bool:
    """Tell whether the values nest too deep, by reading events, and only where the text could nest that deep at all."""
    if text.count("[") + text.count("{") < SAFE_BRACKETS and not _DEEP_BLOCK.search(text):
        return False
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return True
    return False
