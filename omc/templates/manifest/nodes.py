"""Turns the nodes of a manifest into its values: texts, numbers, commands, conditions; what is wrong is noted."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from omc.site.document import Document, described, known_entries
from omc.site.values import Values
from omc.templates.manifest.arguments import has_marks, split
from omc.templates.manifest.entities import Value
from omc.templates.manifest.words import RULES

Fields = Mapping[str, tuple[Node, Node]]
Item = TypeVar("Item")
_COMMAND = "a command as text or as a list of arguments"
_NO_SHELL = "no shell sees a command: write a script where one is needed"
_SHELL_WORDS = ("&&", "||", "|", ";", ">", ">>", "<", "2>&1", "&")


class Nodes:
    """Reads nodes of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def fields(self, node: MappingNode, known: Sequence[str]) -> Fields:
        """Return the entries of a mapping by key; unknown keys are mistakes."""
        return known_entries(self.document, node, known)

    def mapping(self, node: Node, known: Sequence[str]) -> Fields | None:
        """As `fields`, of any node; None where it is no mapping, and that is noted."""
        if isinstance(node, MappingNode):
            return self.fields(node, known)
        self.document.add(node, f"expected a mapping with {', '.join(known)}, found {described(node)}")
        return None

    def each(self, fields: Fields, name: str, read: Callable[[Node], Item | None]) -> list[Item]:
        """Return what `read` makes of every item of a list; a key that is not there is an empty one."""
        if name not in fields:
            return []
        node = fields[name][1]
        if not isinstance(node, SequenceNode):
            self.document.add(node, f"{name}: expected a list, found {described(node)}", f"{name}: [ … ]")
            return []
        return [item for child in node.value if (item := read(child)) is not None]

    def value(self, node: Node) -> Value:
        """Return a node's value with its place."""
        return Value(Values(self.document).of(node), self.document.where(node))

    def text(self, node: Node, expected: str) -> Value | None:
        """Return a text that is not empty; anything else is noted, and None."""
        value = self.value(node)
        if isinstance(value.raw, str) and value.raw.strip():
            return value
        self.document.add(node, f"expected {expected}, found {described(node)}")
        return None

    def plain_text(self, fields: Fields, name: str) -> str:
        """Return a text without anything to render; "" where it is not there."""
        value = self.text(fields[name][1], "text") if name in fields else None
        if value is not None and has_marks(str(value.raw)):
            self.document.add(fields[name][1], f"{name}: expected plain text, found {{{{ … }}}}")
        return str(value.raw).strip() if value else ""

    def attribute(self, name: str, node: Node) -> Value | None:
        """Return a path, owner, mode …: checked now where there is nothing to render in it."""
        value = self.value(node)
        if name == "mode" and isinstance(value.raw, int) and isinstance(node, ScalarNode):
            value = Value(node.value if node.value.startswith("0") else f"{node.value} without a 0", value.where)
        elif name in ("owner", "group") and isinstance(value.raw, int) and not isinstance(value.raw, bool):
            value = Value(str(value.raw), value.where)
        if not isinstance(value.raw, str):
            self.document.add(node, f"{name}: expected text, found {described(node)}")
            return None
        if not has_marks(value.raw):
            try:
                RULES[name](value.raw)
            except ValueError as error:
                self.document.add(node, f"{name}: expected {error}, found {described(node)}")
                return None
        return value

    def command(self, fields: Fields, name: str, *, staged: bool = False) -> tuple[Value, ...]:
        """Return a command's arguments; with `staged`, "%s" must be one of them, or in one."""
        if name not in fields:
            return ()
        node = fields[name][1]
        value = self.value(node)
        try:
            arguments = split(value.raw) if isinstance(value.raw, str) else value.raw
        except ValueError as error:
            self.document.add(node, f"{name}: {error}", _NO_SHELL)
            return ()
        if not isinstance(arguments, list) or not arguments or not all(isinstance(item, str) for item in arguments):
            self.document.add(
                node, f"{name}: expected {_COMMAND}, found {described(node)}", "put quotes around numbers"
            )
            return ()
        words = [item for item in arguments if item in _SHELL_WORDS]
        if words:
            self.document.add(node, f"{name}: expected one program with its arguments, found {words[0]}", _NO_SHELL)
            return ()
        if staged and not any("%s" in item for item in arguments):
            what = "the new file" if name == "validate" else "the folder that stands for the host's /"
            self.document.add(node, f"{name}: expected %s for {what}, found none")
            return ()
        return tuple(Value(item, value.where) for item in arguments)

    def conditions(self, fields: Fields) -> tuple[Value, ...]:
        """Return the expressions of `when`, all of which must hold; one alone needs no list."""
        if "when" not in fields:
            return ()
        node = fields["when"][1]
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        values = [self.value(item) for item in nodes]
        for item, value in zip(nodes, values, strict=True):
            if not isinstance(value.raw, bool | str) or value.raw == "":
                self.document.add(item, f"when: expected an expression, found {described(item)}")
        return tuple(values)

    def loop(self, fields: Fields) -> Value | None:
        """Return what `loop` goes over: a list, or text that renders to one."""
        if "loop" not in fields:
            return None
        value = self.value(fields["loop"][1])
        if isinstance(value.raw, list) or (isinstance(value.raw, str) and has_marks(value.raw)):
            return value
        found = described(fields["loop"][1])
        self.document.add(fields["loop"][1], f"loop: expected a list or {{{{ LIST }}}}, found {found}")
        return None
