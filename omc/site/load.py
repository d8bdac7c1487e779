"""Reads a whole site: its inventory with the variables beside it, its settings, and every host's URI."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from omc.errors import SiteError
from omc.site.entities import Group, Site, SiteHost
from omc.site.find import HOSTS_NAMES, inventories, reference_root
from omc.site.mistakes import Mistakes, VariableError
from omc.site.settings import read_settings
from omc.site.sources import read_source
from omc.site.tree import Tree
from omc.site.uris import add_faults, with_uris
from omc.site.variables import Merger

SETTINGS_NAME = "site.yaml"


class Reading(msgspec.Struct, frozen=True):
    """What one reading of a site gave: the site as far as it is sound, every mistake in it, and what is only noted."""

    site: Site
    mistakes: tuple[SiteError, ...]
    notes: tuple[str, ...]


def load_site(root: Path) -> Site:
    """Return the site in a folder; raise SiteError with file and line where anything in it is wrong."""
    return _read(root, Mistakes(), with_faults=False)


def read_site(root: Path) -> Reading:
    """Return the site in a folder with every mistake, those included that leave one host without a URI."""
    mistakes = Mistakes()
    site = _read(root, mistakes, with_faults=True)
    return Reading(site=site, mistakes=tuple(mistakes.errors), notes=tuple(mistakes.notes))


def variable_places(root: Path) -> Callable[[str, str], str]:
    """Return what gives the "FILE:LINE" of a host's variable, "" where it is not set; it reads the site again."""
    mistakes = Mistakes()
    tree, merger = _gathered(root, mistakes)
    groups_of = _groups_of(tree)

    def place(host: str, variable: str) -> str:
        if host not in tree.hosts:
            return ""
        merger.of_host(tree.hosts[host], groups_of[host])
        return merger.place_of(tree.hosts[host], groups_of[host], variable)

    return place


def _gathered(root: Path, mistakes: Mistakes) -> tuple[Tree, Merger]:
    """Return the inventory as far as it could be read, settled, with what merges its variables."""
    tree = Tree(mistakes)
    found = inventories(root)
    if len(found) == 1:
        read_source(found[0], tree)
    else:
        _add_unclear(root, found, mistakes)
    tree.settle()
    return tree, Merger(tree, _base(root))


def _base(root: Path) -> Path:
    """Return the folder that host_vars/ and group_vars/ are in."""
    found = inventories(root)
    return found[0] if found and found[0].is_dir() else root / "inventory"


def _read(root: Path, mistakes: Mistakes, *, with_faults: bool) -> Site:
    tree, merger = _gathered(root, mistakes)
    base, groups_of = _base(root), _groups_of(tree)
    hosts, groups = _hosts(tree, merger, groups_of), _groups(tree, merger)
    _warn(tree, merger, root, base)
    settings = read_settings(root / "inventory" / SETTINGS_NAME, mistakes)
    if not with_faults:
        mistakes.raise_any()  # before 100,000 hosts get URIs for nothing
    bare = Site(root=root, hosts=hosts, groups=groups, settings=settings, source=_source(root))
    complete, faults = with_uris(bare)
    if with_faults:
        add_faults(faults, lambda fault: _place(fault, tree, merger, groups_of), mistakes)
    return msgspec.structs.replace(bare, hosts=complete, warnings=tuple(mistakes.warnings))


def _add_unclear(root: Path, found: list[Path], mistakes: Mistakes) -> None:
    if found:
        names = " and ".join(path.name for path in found)
        hint = "keep one, or move them into a folder inventory/hosts/"
        mistakes.add(str(root / "inventory"), f"expected one inventory, found {names}", hint)
    else:
        expected = f"expected one of {', '.join(HOSTS_NAMES)}, or a folder hosts/"
        mistakes.add(str(root / "inventory"), f"no inventory here: {expected}", "omc init FOLDER makes a new site")


def _groups_of(tree: Tree) -> dict[str, list[str]]:
    """Return every host's groups, parents and "all" included, sorted."""
    groups_of: dict[str, set[str]] = {name: {"all"} for name in tree.hosts}
    for name in tree.groups:
        lineage = set(tree.ancestors(name))
        for host in tree.groups[name].hosts:
            groups_of[host] |= lineage
    return {name: sorted(groups) for name, groups in groups_of.items()}


def _hosts(tree: Tree, merger: Merger, groups_of: Mapping[str, Sequence[str]]) -> dict[str, SiteHost]:
    return {
        name: SiteHost(
            name=name,
            uri="",
            groups=tuple(group for group in groups_of[name] if group != "all"),
            variables=merger.of_host(draft, groups_of[name]),
            file=draft.file,
        )
        for name, draft in tree.hosts.items()
    }


def _groups(tree: Tree, merger: Merger) -> dict[str, Group]:
    return {
        name: Group(
            name=name,
            hosts=tuple(tree.members(name)),
            children=tuple(draft.children),
            variables=merger.of_group(draft),
        )
        for name, draft in tree.groups.items()
    }


def _warn(tree: Tree, merger: Merger, root: Path, base: Path) -> None:
    merger.note_unused()
    for name in tree.groups:
        if name in tree.hosts:
            tree.mistakes.warn(f"group {name}", "a host has the same name: a pattern with it means both")
    if not tree.hosts and not tree.mistakes.errors:
        tree.mistakes.warn(str(base), "there is no host in it")
    for name in ("host_vars", "group_vars"):
        if base.name == "hosts" and (root / "inventory" / name).is_dir():
            message = "is not read, by Ansible neither, where the inventory is the folder hosts/: move it into hosts/"
            tree.mistakes.warn(str(root / "inventory" / name), message)


def _source(root: Path) -> str:
    return "the reference site" if root.resolve() == reference_root().resolve() else str(root)


def _place(fault: VariableError, tree: Tree, merger: Merger, groups_of: Mapping[str, Sequence[str]]) -> str:
    """Return where the variable at fault is written; else where the host is named first."""
    draft = tree.hosts[fault.host]
    return merger.place_of(draft, groups_of[fault.host], fault.variable) or draft.place
