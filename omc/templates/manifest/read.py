"""Reads a `manifest.yaml`: every key is checked, and every mistake named with file and line."""

from collections.abc import Mapping
from pathlib import Path

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from omc.site.document import Document, described, read_text
from omc.site.mistakes import Mistakes
from omc.templates.manifest.declare import read_variables
from omc.templates.manifest.entities import Check, FileEntry, Handler, Hosts, Manifest, Value
from omc.templates.manifest.nodes import Fields, Nodes

NAME = "manifest.yaml"
KEYS = ("description", "hosts", "files", "variables", "handlers", "checks")
FILE_KEYS = (*("template", "path", "target", "owner", "group", "mode", "context", "validate", "when", "loop", "state"),)


def read_manifest(path: Path, mistakes: Mistakes) -> Manifest | None:
    """Return the manifest in a file; None where there is too little of it, and what is wrong is noted."""
    text = read_text(path, mistakes)
    if text is None:
        return None
    document = Document(path, mistakes)
    known = len(mistakes.errors)
    root = document.compose(text)
    if root is None or not isinstance(root, MappingNode):
        if len(mistakes.errors) == known:
            mistakes.add(f"{path}:1", f"expected a manifest, found {'nothing' if root is None else described(root)}")
        return None
    return _Reader(document).manifest(root)


class _Reader:
    """Reads one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.nodes = Nodes(document)

    def manifest(self, root: MappingNode) -> Manifest | None:
        fields = self.nodes.fields(root, KEYS)
        if "files" not in fields:
            self.document.add(root, "expected files, found none", "files: [{template: NAME.j2, path: /etc/NAME}]")
            return None
        return Manifest(
            hosts=self.hosts(fields),
            files=tuple(self.nodes.each(fields, "files", self.file)),
            description=self.nodes.plain_text(fields, "description"),
            variables=read_variables(self.nodes, fields["variables"][1]) if "variables" in fields else {},
            handlers=tuple(self.nodes.each(fields, "handlers", self.handler)),
            checks=tuple(self.nodes.each(fields, "checks", self.check)),
        )

    def hosts(self, fields: Fields) -> Hosts:
        if "hosts" not in fields:
            return Hosts(pattern=Value("all", ""))
        node = fields["hosts"][1]
        if isinstance(node, ScalarNode | SequenceNode):
            return Hosts(pattern=self.pattern(node))
        inner = self.nodes.mapping(node, ("pattern", "when"))
        if inner is None:
            return Hosts(pattern=Value("all", ""))
        pattern = self.pattern(inner["pattern"][1]) if "pattern" in inner else Value("all", "")
        return Hosts(pattern=pattern, when=self.nodes.conditions(inner))

    def pattern(self, node: Node) -> Value:
        """Return a pattern of hosts; a list of them is one with commas."""
        if isinstance(node, SequenceNode):
            texts = [self.nodes.text(item, "a pattern of hosts") for item in node.value]
            return Value(",".join(str(text.raw) for text in texts if text), self.document.where(node))
        return self.nodes.text(node, "a pattern of hosts as --limit takes it") or Value("all", "")

    def file(self, node: Node) -> FileEntry | None:
        fields = self.nodes.mapping(node, FILE_KEYS)
        if fields is None or not self._is_file(node, fields):
            return None
        given = {name: self.nodes.attribute(name, fields[name][1]) for name in _ATTRIBUTES if name in fields}
        template = self.nodes.text(fields["template"][1], "the name of a file beside the manifest")
        if template is None:
            return None
        return FileEntry(
            template=template,
            where=self.document.where(node),
            validate=self.nodes.command(fields, "validate", staged=True),
            when=self.nodes.conditions(fields),
            loop=self.nodes.loop(fields),
            **given,
        )

    def _is_file(self, node: Node, fields: Fields) -> bool:
        state = fields.get("state")
        if state and getattr(state[1], "value", None) != "present":
            hint = "remove the file from the manifest, and from the hosts by hand"
            self.document.add(state[1], f"state: expected present, found {described(state[1])}", hint)
            return False
        if "template" not in fields or ("path" in fields) == ("target" in fields):
            found = ", ".join(fields) or "nothing"
            self.document.add(node, f"expected template, and either path or target, found {found}")
            return False
        unfit = [name for name in _ATTRIBUTES[2:] if name in fields] if "target" in fields else []
        if unfit:
            self.document.add(fields[unfit[0]][0], f"a libvirt object has no {unfit[0]}")
        return not unfit

    def handler(self, node: Node) -> Handler | None:
        fields = self.nodes.mapping(node, ("command", "when"))
        command = self.nodes.command(fields, "command") if fields else ()
        if fields is None or not command:
            self._lack_command(node, fields)
            return None
        return Handler(command=command, when=self.nodes.conditions(fields), where=self.document.where(node))

    def check(self, node: Node) -> Check | None:
        fields = self.nodes.mapping(node, ("command", "beside", "when"))
        command = self.nodes.command(fields, "command", staged=True) if fields else ()
        if fields is None or not command:
            self._lack_command(node, fields)
            return None
        beside = self.nodes.each(fields, "beside", lambda item: self.nodes.attribute("path", item))
        conditions = self.nodes.conditions(fields)
        return Check(command=command, beside=tuple(beside), when=conditions, where=self.document.where(node))

    def _lack_command(self, node: Node, fields: Mapping[str, object] | None) -> None:
        if fields is not None and "command" not in fields:
            self.document.add(node, f"expected a command, found {', '.join(fields) or 'nothing'}")


_ATTRIBUTES = ("path", "target", "owner", "group", "mode", "context")
