"""Picks hosts of a site by Ansible's patterns, those of `--limit`: `kvm*:!rack3:&prod`, `group[0:3]`, `~regex`.

The result and its order are Ansible's. What Ansible only warns of is refused here: a name that is no host and no group,
and a selection without a host, because a command that does nothing looks like one that found nothing to do.
"""

import re
import warnings
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import NamedTuple

from omc.errors import UnknownNameError, UsageError
from omc.site.entities import Site, SiteHost
from omc.site.mistakes import near
from omc.site.ranges import is_address

_WILD = re.compile(r"[.?*\[]")
_SUBSCRIPT = re.compile(r"(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]")
# A piece between colons: brackets may have colons inside.
_PIECE = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_LIST_HINT = "omc site hosts lists the hosts and their groups"


class _Subscript(NamedTuple):
    """Positions in a list, both included; without an end it is one position, and -1 is the last."""

    start: int
    end: int | None


def select(site: Site, patterns: Sequence[str]) -> list[SiteHost]:
    """Return the hosts that the patterns select, all where there is none; raise UsageError where that is no host."""
    pieces = [piece for pattern in patterns for piece in _split(pattern)]
    if patterns and not pieces:
        # Most likely a shell's variable that is not set: all hosts is the last thing that it means.
        raise UsageError("expected a pattern of hosts, found an empty one", hint="all selects every host")
    chosen = _Selector(site).evaluate(pieces)
    if not chosen:
        raise UsageError(f"no host matches {' '.join(patterns) or 'all'!r}", hint=_LIST_HINT)
    return [site.hosts[name] for name in chosen]


def check_names(site: Site, patterns: Sequence[str]) -> None:
    """Raise UsageError where a pattern cannot be read, or names a host or a group that the site does not have."""
    _Selector(site).evaluate([piece for pattern in patterns for piece in _split(pattern)])


def _split(pattern: str) -> list[str]:
    """Split at commas, or else at those colons that belong to no address, range or position."""
    if "," in pattern:
        pieces = pattern.split(",")
    elif is_address(pattern):
        pieces = [pattern]
    else:
        pieces = _PIECE.findall(pattern)
    return [piece.strip() for piece in pieces if piece.strip()]


class _Selector:
    """Evaluates single patterns over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def evaluate(self, pieces: Sequence[str]) -> list[str]:
        """Return host names: first what is chosen, then what stays by `&`, then what is left by `!`."""
        plain = [piece for piece in pieces if piece[0] not in "&!"]
        chosen: dict[str, None] = {}
        for piece in plain or ["all"]:
            chosen.update(dict.fromkeys(self._matches(piece)))
        for piece in (piece for piece in pieces if piece[0] == "&"):
            kept = frozenset(self._matches(piece[1:]))
            chosen = {name: None for name in chosen if name in kept}
        for piece in (piece for piece in pieces if piece[0] == "!"):
            dropped = frozenset(self._matches(piece[1:]))
            chosen = {name: None for name in chosen if name not in dropped}
        return list(chosen)

    def _matches(self, pattern: str) -> list[str]:
        if pattern in self._site.hosts:
            return [pattern]
        name, subscript = _subscript_of(pattern)
        hosts = self._enumerate(name)
        return _positions(hosts, subscript, pattern) if subscript and hosts else hosts

    def _enumerate(self, pattern: str) -> list[str]:
        """Return the hosts of every group that matches, and where none does or it is a wildcard, the hosts that do."""
        if not pattern:
            raise UsageError("expected a host or a group behind & or !, found nothing", hint=_LIST_HINT)
        matcher = _compiled(pattern)
        groups = [group for name, group in self._site.groups.items() if matcher.match(name)]
        found = dict.fromkeys(host for group in groups for host in group.hosts)
        is_wild = pattern[0] == "~" or bool(_WILD.search(pattern))
        if is_wild or not groups:
            found.update(dict.fromkeys(name for name in self._site.hosts if matcher.match(name)))
        if not found and not groups and not (is_wild and pattern[0] != "~"):
            self._refuse(pattern)
        return list(found)

    def _refuse(self, pattern: str) -> None:
        if pattern[0] == "~":
            raise UsageError(f"no host and no group matches {pattern!r}", hint=_LIST_HINT)
        known: Iterable[str] = (*self._site.hosts, *(name for name in self._site.groups if name != "ungrouped"))
        raise UnknownNameError(pattern, hint=near(pattern, known) or _LIST_HINT)


def _subscript_of(pattern: str) -> tuple[str, _Subscript | None]:
    match = _SUBSCRIPT.fullmatch(pattern) if pattern[:1] != "~" else None
    if not match:
        return pattern, None
    if match[2]:
        return match[1], _Subscript(int(match[2]), None)
    return match[1], _Subscript(int(match[3]), int(match[4]) if match[4] else -1)


def _positions(hosts: list[str], subscript: _Subscript, pattern: str) -> list[str]:
    # An end of 0 counts as none, as in Ansible: group[0:0] is its first host.
    if subscript.end:
        end = len(hosts) - 1 if subscript.end == -1 else subscript.end
        return hosts[subscript.start : end + 1]
    try:
        return [hosts[subscript.start]]
    except IndexError:
        message = f"{pattern!r} asks for a position that is not there: {len(hosts)} hosts match before the bracket"
        raise UsageError(message, hint="positions begin at 0") from None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern[1:] if pattern[0] == "~" else translate(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(
            f"{pattern!r} is no regular expression: {error}", hint="behind ~ stands a regular expression"
        ) from None
