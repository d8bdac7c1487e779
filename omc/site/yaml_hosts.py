"""Reads a hosts file in YAML, or in JSON of the same shape: groups with `hosts`, `vars` and `children`."""

from typing import NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode

from omc.site.document import MAX_DEPTH, Document, described, entries, is_null
from omc.site.mistakes import near
from omc.site.placed import Variables
from omc.site.tree import Tree
from omc.site.values import Values

SECTIONS = ("hosts", "vars", "children")
MAX_GROUPS = 100_000
_LISTED = "hosts, vars or children"
_DYNAMIC = {"plugin": "configures an inventory plugin", "_meta": "is the output of an inventory script"}
_SAVE_OUTPUT = "save what Ansible makes of it: ansible-inventory -i SOURCE --list --yaml > hosts.yaml"
_HINTS = {"hosts": "write each as a key: NAME:", "children": "write each as a key: NAME:", "vars": "write NAME: VALUE"}


class _Entry(NamedTuple):
    """One key of the file and what stands behind it; `depth` counts the groups around it."""

    name: str
    key: Node
    value: Node | None
    depth: int


class YamlHosts:
    """Reads one document into a tree; what is wrong is noted, and the rest is read."""

    def __init__(self, document: Document, tree: Tree) -> None:
        self._document = document
        self._tree = tree
        self._values = Values(document)
        self._file = str(document.path.absolute())
        self._groups_read = 0

    def read(self, root: Node) -> None:
        """Read all groups of the document."""
        if not isinstance(root, MappingNode):
            hint = "groups come first: all: hosts: NAME:"
            self._document.add(root, f"expected a mapping of groups, found {described(root)}", hint)
            return
        groups = entries(self._document, root)
        for sign, what in _DYNAMIC.items():
            if sign in groups:
                message = f"the key {sign!r} says that this {what}, which omc does not run"
                self._document.add(groups[sign][0], message, _SAVE_OUTPUT)
                return
        for name, (key, value) in groups.items():
            self._group(_Entry(name, key, value, 0))

    def _group(self, entry: _Entry) -> bool:
        """Read one group; tell whether it is one."""
        self._groups_read += 1
        if not entry.name:
            self._document.add(entry.key, "expected a group name, found an empty one")
        elif entry.depth > MAX_DEPTH or self._groups_read > MAX_GROUPS:
            self._document.add(entry.key, f"the groups nest deeper than {MAX_DEPTH}, or are more than {MAX_GROUPS}")
        elif entry.value is None or is_null(entry.value):
            self._tree.add_group(entry.name)
            return True
        elif isinstance(entry.value, MappingNode):
            self._tree.add_group(entry.name)
            for section, (key, value) in entries(self._document, entry.value).items():
                self._section(entry.name, _Entry(section, key, value, entry.depth))
            return True
        else:
            message = f"expected a mapping with {_LISTED} in the group {entry.name!r}, found {described(entry.value)}"
            self._document.add(entry.value, message)
        return False

    def _section(self, group: str, section: _Entry) -> None:
        value = section.value
        if section.name not in SECTIONS:
            hint = near(section.name, SECTIONS) or "a group inside a group belongs under children:"
            message = f"unknown key {section.name!r} in the group {group!r}, expected {_LISTED}"
            self._document.add(section.key, message, hint)
        elif isinstance(value, MappingNode):
            if section.name == "vars":
                self._variables(group, value)
                return
            for name, (key, item) in entries(self._document, value).items():
                self._member(group, section.name, _Entry(name, key, item, section.depth + 1))
        elif isinstance(value, ScalarNode) and section.name != "vars" and value.tag == "tag:yaml.org,2002:str":
            self._member(group, section.name, _Entry(value.value, value, None, section.depth + 1))
        elif value is not None and not is_null(value):
            message = f"expected a mapping under {section.name!r} of the group {group!r}, found {described(value)}"
            self._document.add(value, message, _HINTS[section.name])

    def _member(self, group: str, section: str, entry: _Entry) -> None:
        if section == "children":
            if self._group(entry):
                self._tree.add_child(group, entry.name, where=self._document.where(entry.key))
            return
        variables = self._host_variables(entry)
        where = self._document.where(entry.key)
        self._tree.add_hosts(entry.name, group, variables, file=self._file, where=where)

    def _host_variables(self, entry: _Entry) -> Variables:
        if entry.value is None or is_null(entry.value):
            return Variables()
        if not isinstance(entry.value, MappingNode):
            message = f"expected a mapping of variables for the host {entry.name!r}, found {described(entry.value)}"
            self._document.add(entry.value, message, "write NAME: VALUE below the host, or nothing")
            return Variables()
        return self._values.of_mapping(entry.value)

    def _variables(self, group: str, node: MappingNode) -> None:
        variables = self._values.of_mapping(node)
        for name, value in variables.values.items():
            self._tree.set_group_variable(group, name, value, where=variables.places[name])
