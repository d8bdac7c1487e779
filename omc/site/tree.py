"""The groups and hosts of an inventory while its files are read: a graph that grows, and is settled at the end.

The rules are Ansible's: every group descends from "all", a host without a group is in "ungrouped", and a variable set
later replaces one set earlier. The order in which groups and hosts are named is kept everywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from omc.site.mistakes import Mistakes
from omc.site.placed import Variables
from omc.site.ranges import MAX_HOSTS, RangeError, expand

RESERVED = ("all", "ungrouped")


@dataclass(eq=False)
class GroupDraft:
    """One group as far as it is read; `hosts` and `children` are its direct ones, `variables` without group_vars/."""

    name: str
    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)
    variables: Variables = field(default_factory=Variables)
    priority: int = 1
    depth: int = 0


@dataclass(eq=False)
class HostDraft:
    """One host as far as it is read; `variables` without host_vars/.

    `file` is the absolute path of the file that named it first, `place` the "FILE:LINE" there.
    """

    name: str
    file: str
    place: str
    variables: Variables = field(default_factory=Variables)


class Tree:
    """All groups and hosts of one inventory."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.mistakes = mistakes
        self.groups: dict[str, GroupDraft] = {}
        self.hosts: dict[str, HostDraft] = {}
        self.add_group("all")
        self.add_child("all", "ungrouped", where="")

    def add_group(self, name: str) -> GroupDraft:
        """Return the group of that name, made where it is new."""
        if name not in self.groups:
            self.groups[name] = GroupDraft(name)
        return self.groups[name]

    def add_child(self, parent: str, child: str, *, where: str) -> None:
        """Put one group into another; a circle is a mistake at `where`, and is left out."""
        above, below = self.add_group(parent), self.add_group(child)
        circle = self._path(child, parent)
        if child == "all" or circle:
            shown = " > ".join([parent, *circle]) if circle else f"{parent} > all"
            hint = (
                "every group is in all already" if child == "all" else "take one of these out of the other's children"
            )
            self.mistakes.add(where, f"the group {child!r} cannot be inside {parent!r}: {shown} is a circle", hint)
            return
        above.children[child] = None
        below.parents[parent] = None

    def add_hosts(self, pattern: str, group: str, variables: Variables, *, file: str, where: str) -> None:
        """Put the hosts that a name or range stands for into a group; what cannot be a name is a mistake at `where`."""
        try:
            names, port = expand(pattern)
        except RangeError as error:
            self.mistakes.add(where, str(error))
            return
        if not self._names_ok(pattern, where):
            return
        if len(self.hosts) + len(names) > MAX_HOSTS:
            self.mistakes.add(where, f"the inventory has more than {MAX_HOSTS} hosts")
            return
        members = self.add_group(group).hosts
        for name in names:
            host = self.hosts.get(name)
            if host is None:
                host = self.hosts[name] = HostDraft(name, file, where)
                if port is not None:
                    host.variables.set("ansible_port", port, where)
            host.variables.update(variables)
            members[name] = None

    def set_group_variable(self, group: str, name: str, value: object, *, where: str) -> None:
        """Set a variable of a group; `ansible_group_priority` is no variable, but the group's rank among its equals."""
        draft = self.add_group(group)
        if name != "ansible_group_priority":
            draft.variables.set(name, value, where)
            return
        try:
            draft.priority = int(value)  # type: ignore[call-overload]
        except (TypeError, ValueError, OverflowError):
            self.mistakes.add(where, f"expected a whole number as ansible_group_priority, found {str(value)!r}")

    def settle(self) -> None:
        """Give every group its ancestors and depth, and every host a group; call it once, when all files are read."""
        for name, group in self.groups.items():
            if not group.parents and name != "all":
                self.add_child("all", name, where="")
        self._settle_ungrouped()
        for group in self._in_depth_order():
            for child in group.children:
                self.groups[child].depth = max(self.groups[child].depth, group.depth + 1)

    def members(self, name: str) -> Iterable[str]:
        """Return the hosts of a group, its own first, then those of its children, level by level."""
        hosts: dict[str, None] = {}
        for group in self._level_by_level(name, downwards=True):
            hosts.update(self.groups[group].hosts)
        return hosts

    def ancestors(self, name: str) -> Iterable[str]:
        """Return a group and all groups above it."""
        return self._level_by_level(name, downwards=False)

    def _names_ok(self, pattern: str, where: str) -> bool:
        if not pattern.strip():
            self.mistakes.add(where, "expected a host name, found an empty one")
        elif any(character.isspace() or not character.isprintable() for character in pattern):
            hint = "in YAML every host is a key: put a colon after each name"
            self.mistakes.add(where, f"expected one host name, found {pattern!r}", hint)
        else:
            return True
        return False

    def _settle_ungrouped(self) -> None:
        grouped = {host for name, group in self.groups.items() if name not in RESERVED for host in group.hosts}
        ungrouped = self.groups["ungrouped"].hosts
        for name in [name for name in ungrouped if name in grouped]:
            del ungrouped[name]
        ungrouped.update((name, None) for name in self.hosts if name not in grouped)

    def _in_depth_order(self) -> list[GroupDraft]:
        """Return the groups so that parents come before their children (there are no circles)."""
        waiting = {name: len(group.parents) for name, group in self.groups.items()}
        ready = [self.groups[name] for name, parents in waiting.items() if not parents]
        for group in ready:
            for child in group.children:
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(self.groups[child])
        return ready

    def _level_by_level(self, name: str, *, downwards: bool) -> dict[str, None]:
        seen = {name: None}
        level = [name]
        while level:
            groups = [self.groups[item] for item in level]
            level = [item for group in groups for item in (group.children if downwards else group.parents)]
            level = [item for item in dict.fromkeys(level) if item not in seen]
            seen.update(dict.fromkeys(level))
        return seen

    def _path(self, start: str, end: str) -> list[str]:
        """Return the groups from `start` down to `end`, both named, or nothing where there is no way."""
        previous: dict[str, str] = {start: ""}
        queue = [start]
        for name in queue:
            if name == end:
                return _walk_back(previous, end)
            for child in self.groups[name].children:
                if child not in previous:
                    previous[child] = name
                    queue.append(child)
        return []


def _walk_back(previous: dict[str, str], end: str) -> list[str]:
    path = [end]
    while previous[path[-1]]:
        path.append(previous[path[-1]])
    return path[::-1]
