"""Reads a hosts file in Ansible's INI: `[group]`, `[group:vars]`, `[group:children]` and host lines with key=value.

Values are typed as Ansible types them: a Python literal where it is one (`True`, `22`, `['a']`), else text.
"""

import ast
import re
import shlex
import warnings
from pathlib import Path

from omc.site.placed import Variables
from omc.site.tree import Tree

KINDS = ("hosts", "vars", "children")
_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_GROUP_NAME = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
# Most of a real file needs neither Python's parser nor the shell's rules, which cost more than all else here. Words and
# dotted numbers are no Python literals for certain; a line without backslash, # and odd quotes splits at its blanks.
_WORDS = re.compile(r"(?!(?:True|False|None) *$)[A-Za-z_/][A-Za-z0-9_/.:@ -]*|[0-9]+\.[0-9]+\.[0-9]+(?:\.[0-9]+)?")
_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_SIMPLE_WORD = r"(?:[!$-&(-\[\]-~]|\"[ !#-\[\]-~]*\"|'[ -&(-~]*')+"
_SIMPLE_LINE = re.compile(rf"{_SIMPLE_WORD}(?:[ \t]+{_SIMPLE_WORD})*")
_SIMPLE_WORDS = re.compile(_SIMPLE_WORD)
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")


class IniHosts:
    """Reads one file into a tree; what is wrong is noted with its line, and the rest is read."""

    def __init__(self, path: Path, tree: Tree) -> None:
        self._path = path
        self._file = str(path.absolute())
        self._tree = tree
        self._line = 0
        self._group = "ungrouped"
        self._kind = "hosts"
        self._parents_waiting: dict[str, list[tuple[str, int]]] = {}
        self._variables_waiting: dict[str, int] = {}

    def read(self, text: str) -> None:
        """Read all lines of the file."""
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            self._line = number
            if line and line[0] not in "#;":
                self._read_line(line)
        self._note_undefined()

    def _read_line(self, line: str) -> None:
        section = _SECTION.fullmatch(line)
        if section:
            self._begin(section[1], section[2] or "hosts")
        elif line.startswith("[") and line.endswith("]"):
            self._add(f"expected [group], [group:vars] or [group:children], found {line!r}", "without spaces")
        elif self._kind == "hosts":
            self._host(line)
        elif self._kind == "vars":
            self._variable(line)
        elif self._kind == "children":
            self._child(line)

    def _begin(self, group: str, kind: str) -> None:
        self._group, self._kind = group, kind
        if kind not in KINDS:
            self._add(f"unknown kind of section [{group}:{kind}], expected [{group}:vars] or [{group}:children]")
        elif kind == "vars":
            if group not in self._tree.groups:
                self._variables_waiting.setdefault(group, self._line)
            self._tree.add_group(group)
        else:
            self._tree.add_group(group)
            self._variables_waiting.pop(group, None)
            for parent, line in self._parents_waiting.pop(group, []):
                self._tree.add_child(parent, group, where=f"{self._path}:{line}")

    def _host(self, line: str) -> None:
        try:
            words = split_words(line)
        except ValueError as error:
            self._add(f"expected NAME KEY=VALUE …, found {line!r}: {str(error).lower()}")
            return
        if not words or words[0] == "---" or words[0].endswith(":"):
            hint = "name a YAML file hosts.yaml"
            self._add(f"expected a host name, found {words[0] if words else line!r}: is this YAML?", hint)
        elif "=" in words[0]:
            hint = f"variables of a group stand under [{self._group}:vars]"
            self._add(f"expected a host name first, found {words[0]!r}", hint)
        else:
            self._add_hosts(words)

    def _add_hosts(self, words: list[str]) -> None:
        variables = Variables()
        where = f"{self._path}:{self._line}"
        for word in words[1:]:
            name, equals, value = word.partition("=")
            if equals:
                variables.set(name, typed(value), where)
            else:
                self._add(f"expected KEY=VALUE behind the host {words[0]!r}, found {word!r}", "no spaces around =")
        self._tree.add_hosts(words[0], self._group, variables, file=self._file, where=where)

    def _variable(self, line: str) -> None:
        name, equals, value = line.partition("=")
        if not equals:
            self._add(f"expected KEY=VALUE in [{self._group}:vars], found {line!r}")
            return
        where = f"{self._path}:{self._line}"
        self._tree.set_group_variable(self._group, name.strip(), typed(value.strip()), where=where)

    def _child(self, line: str) -> None:
        match = _GROUP_NAME.fullmatch(line)
        if not match:
            self._add(f"expected the name of a group in [{self._group}:children], found {line!r}")
        elif match[1] in self._tree.groups:
            self._tree.add_child(self._group, match[1], where=f"{self._path}:{self._line}")
        else:
            self._parents_waiting.setdefault(match[1], []).append((self._group, self._line))

    def _note_undefined(self) -> None:
        for group, line in self._variables_waiting.items():
            self._line = line
            self._add(f"[{group}:vars] is for a group that is defined nowhere", f"add a section [{group}]")
        for group, parents in self._parents_waiting.items():
            parent, self._line = parents[0]
            self._add(f"[{parent}:children] has {group!r}, a group that is defined nowhere", f"add a section [{group}]")

    def _add(self, message: str, hint: str = "") -> None:
        self._tree.mistakes.add(f"{self._path}:{self._line}", message, hint)


def split_words(line: str) -> list[str]:
    """Split a host line by the shell's rules, without what follows #; raise ValueError where a quote stays open."""
    if not _SIMPLE_LINE.fullmatch(line):
        return shlex.split(line, comments=True)
    return [
        _QUOTED.sub(_unquoted, word) if '"' in word or "'" in word else word for word in _SIMPLE_WORDS.findall(line)
    ]


def _unquoted(match: re.Match[str]) -> str:
    return match[1] if match[1] is not None else match[2]


def typed(text: str) -> object:
    """Return the value that Ansible takes a text in an INI file for."""
    if _WORDS.fullmatch(text):
        return text
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _as_data(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return text


def _as_data(value: object) -> object:
    if isinstance(value, dict):
        return {_as_key(key): _as_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_as_data(item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    if value is Ellipsis or isinstance(value, complex):
        return "..." if value is Ellipsis else str(value)
    return value


def _as_key(key: object) -> object:
    return key if isinstance(key, str | int | float | None) else str(_as_data(key))
