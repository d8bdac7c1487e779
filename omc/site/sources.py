"""Reads the inventory itself: one file in YAML, JSON or INI, or a folder of several. Scripts are never run."""

import re
from pathlib import Path

from yaml.nodes import MappingNode

from omc.site.document import Document, is_null, read_text
from omc.site.ini_hosts import IniHosts
from omc.site.mistakes import Mistakes
from omc.site.tree import Tree
from omc.site.yaml_hosts import YamlHosts

MAX_FOLDERS = 10
YAML_EXTENSIONS = (".yaml", ".yml", ".json")
# What Ansible leaves out of an inventory folder.
_IGNORED = re.compile(
    r"^\.|^(?:host_vars|group_vars|vars_plugins)$|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry)$|~$"
)
_SCRIPT_HINT = "save its output instead: ansible-inventory -i SCRIPT --list --yaml > hosts.yaml"


def read_source(path: Path, tree: Tree, depth: int = 0) -> None:
    """Read a hosts file, or all of a folder in the order of their names, into the tree."""
    if not path.is_dir():
        _read_file(path, tree)
    elif depth > MAX_FOLDERS:
        tree.mistakes.add(str(path), f"folders nest deeper than {MAX_FOLDERS} levels")
    else:
        for child in sorted(path.iterdir()):
            if not _IGNORED.search(child.name):
                read_source(child, tree, depth + 1)


def _read_file(path: Path, tree: Tree) -> None:
    text = read_text(path, tree.mistakes)
    if text is None:
        return
    if text.startswith("#!"):
        tree.mistakes.add(str(path), "is a script, and omc runs none", _SCRIPT_HINT)
    elif text.startswith("$ANSIBLE_VAULT;"):
        tree.mistakes.add(
            str(path), "is sealed by ansible-vault", "keep only variables in the vault: host_vars/, group_vars/"
        )
    elif path.suffix == ".toml":
        tree.mistakes.add(str(path), "TOML is not read here, expected YAML, JSON or INI", _SCRIPT_HINT)
    elif path.suffix in YAML_EXTENSIONS or (not path.suffix and _is_yaml(path, text)):
        _read_yaml(path, text, tree)
    else:
        IniHosts(path, tree).read(text)


def _read_yaml(path: Path, text: str, tree: Tree) -> None:
    known = len(tree.mistakes.errors)
    document = Document(path, tree.mistakes)
    root = document.compose(text)
    if root is not None and not is_null(root):
        YamlHosts(document, tree).read(root)
    elif len(tree.mistakes.errors) == known:
        tree.mistakes.add(str(path), "is empty, expected groups with hosts", "begin with all: hosts: NAME:")


def _is_yaml(path: Path, text: str) -> bool:
    """Tell whether a file without an extension is YAML: Ansible tries that before INI."""
    root = Document(path, Mistakes()).compose(text)
    return isinstance(root, MappingNode) or text.startswith("---")
