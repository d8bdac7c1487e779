"""Reads `host_vars/` and `group_vars/`, and merges all variables of a host by Ansible's precedence.

From weak to strong: the inventory's "all", the inventory's other groups, `group_vars/all`, `group_vars/` of the others,
the inventory's host, `host_vars/`. Groups rank by depth, then `ansible_group_priority`, then name. A stronger value
replaces a weaker one whole, mappings too.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from yaml.nodes import MappingNode

from omc.site.document import Document, described, is_null, read_text
from omc.site.mistakes import Mistakes
from omc.site.placed import Variables
from omc.site.tree import GroupDraft, HostDraft, Tree
from omc.site.values import Values

EXTENSIONS = ("", ".yml", ".yaml", ".json")
MAX_FOLDERS = 10
VAULT_HEADER = "$ANSIBLE_VAULT;"


class VariableFolder:
    """`host_vars/` or `group_vars/`: what it sets for a name. It is listed once, and each name read once."""

    def __init__(self, folder: Path, mistakes: Mistakes) -> None:
        self._folder = folder
        self._mistakes = mistakes
        self._names = frozenset(_listed(folder))
        self._used: dict[str, str] = {}

    def of(self, name: str) -> Variables:
        """Return the variables for a host or group of that name."""
        for extension in EXTENSIONS:
            if name + extension in self._names:
                self._used[name] = name + extension
                return self._read_all(self._folder / (name + extension))
        return Variables()

    def note_unused(self, word: str) -> None:
        """Note files that no host or group of the site has read; `word` is "host" or "group"."""
        for name in sorted(self._names - frozenset(self._used.values())):
            stem, extension = Path(name).stem, Path(name).suffix
            if name.startswith(".") or extension not in EXTENSIONS:
                continue
            why = f"{self._used[stem]} comes first" if stem in self._used else f"there is no {word} {stem!r}"
            self._mistakes.note(str(self._folder / name), f"is not read: {why}")

    def _read_all(self, path: Path) -> Variables:
        if not path.is_dir():
            return _read_file(path, self._mistakes)
        variables = Variables()
        for file in _files_below(path):
            variables.update(_read_file(file, self._mistakes))
        return variables


class Merger:
    """Merges what the inventory and the two folders beside it say, once the tree is settled."""

    def __init__(self, tree: Tree, base: Path) -> None:
        self._tree = tree
        self._host_files = VariableFolder(base / "host_vars", tree.mistakes)
        group_files = VariableFolder(base / "group_vars", tree.mistakes)
        self._group_files = {name: group_files.of(name) for name in tree.groups}
        self._files_of_hosts: dict[str, Variables] = {}
        self._of_groups: dict[tuple[str, ...], dict[str, object]] = {}
        self._folders = ((self._host_files, "host"), (group_files, "group"))

    def of_group(self, group: GroupDraft) -> dict[str, object]:
        """Return a group's own variables."""
        return {**group.variables.values, **self._group_files[group.name].values}

    def of_host(self, host: HostDraft, groups: Sequence[str]) -> dict[str, object]:
        """Return a host's variables; `groups` are all its groups, parents included."""
        key = tuple(groups)
        if key not in self._of_groups:
            merged: dict[str, object] = {}
            for layer in self._layers(groups):
                merged.update(layer.values)
            self._of_groups[key] = merged
        files = self._host_files.of(host.name)
        if files.values:
            self._files_of_hosts[host.name] = files
        return {**self._of_groups[key], **host.variables.values, **files.values}

    def place_of(self, host: HostDraft, groups: Sequence[str], name: str) -> str:
        """Return where the value that a host has for a variable is written; empty where it has none.

        `groups` are all its groups, and `of_host` was called for it.
        """
        layers = (*self._layers(groups), host.variables, self._files_of_hosts.get(host.name, Variables()))
        return next((layer.places[name] for layer in reversed(layers) if name in layer.places), "")

    def note_unused(self) -> None:
        """Note variable files that belong to no host and no group."""
        for folder, word in self._folders:
            folder.note_unused(word)

    def _layers(self, names: Iterable[str]) -> Iterator[Variables]:
        """Give what the groups of these names set, from weak to strong."""
        groups = [self._tree.groups[name] for name in names if name != "all"]
        groups.sort(key=lambda group: (group.depth, group.priority, group.name))
        for group in (self._tree.groups["all"], *groups):
            yield group.variables
        for group in (self._tree.groups["all"], *groups):
            yield self._group_files[group.name]


def _listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _files_below(folder: Path, depth: int = 0) -> Iterable[Path]:
    """Return a folder's variable files in Ansible's order; a folder inside is read where its name has no extension."""
    for name in sorted(_listed(folder)):
        path = folder / name
        if name.startswith(".") or name.endswith("~"):
            continue
        if path.is_dir() and not path.suffix and depth < MAX_FOLDERS:
            yield from _files_below(path, depth + 1)
        elif path.is_file() and path.suffix in EXTENSIONS:
            yield path


def _read_file(path: Path, mistakes: Mistakes) -> Variables:
    text = read_text(path, mistakes)
    if text is None:
        return Variables()
    if text.startswith(VAULT_HEADER):
        mistakes.note(str(path), "is sealed by ansible-vault: omc knows none of its variables")
        return Variables()
    document = Document(path, mistakes)
    root = document.compose(text)
    if root is None or is_null(root):
        return Variables()
    if not isinstance(root, MappingNode):
        document.add(root, f"expected a mapping of variables, found {described(root)}", "write NAME: VALUE")
        return Variables()
    return Values(document).of_mapping(root)
