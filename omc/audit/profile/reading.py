"""Finds and reads a profile's file; every key, fact and pattern is checked, every mistake is named with its line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from yaml.nodes import MappingNode, Node

from omc.audit.profile.facts import FACTS, HOST_FACTS
from omc.audit.profile.form import AREAS, STATUSES, Addon, GuestRequirement, HostRequirement, Profile
from omc.errors import SiteError, UsageError
from omc.site.document import Document, described, entries, is_null, items_of, known_entries, read_text
from omc.site.mistakes import Mistakes, near
from omc.site.values import Values

FOLDER = Path("inventory") / "profiles"
KEYS = ("title", "status", "guests", "hosts", "addons")
PROFILE_STATUSES = ("next", "current", "deprecated")
_COMMON = ("id", "area", "fact", "title", "fix", "status")
_GUEST_KEYS = (*_COMMON, "portable", "conversion", "tied", "otherwise")
_HOST_KEYS = (*_COMMON, "needs", "any")
_LEVELS = ("portable", "conversion", "tied")


class _Common(TypedDict):
    """What requirements on guests and on hosts have."""

    id: str
    area: str
    fact: str
    title: str
    fix: str
    status: str


def find_profile(wanted: str, roots: Sequence[Path]) -> Profile:
    """Return the profile NAME[+ADDON]… of the first of these sites that has it.

    Raise UsageError for a name that none has and for an add-on that it has not, SiteError for a mistake in its file.
    """
    name, *addons = wanted.split("+")
    path = next((path for root in roots if (path := root / FOLDER / f"{name}.yaml").is_file()), None)
    if path is None or "/" in name:
        known = names(roots)
        raise UsageError(f"there is no profile {name!r}", hint=near(name, known) or f"there is {', '.join(known)}")
    profile = read_profile(path)
    for addon in addons:
        if addon not in profile.addons:
            hint = near(addon, profile.addons) or f"it has {', '.join(profile.addons) or 'none'}"
            raise UsageError(f"the profile {name} has no add-on {addon!r}", hint=hint)
    return profile.having(tuple(addons))


def names(roots: Sequence[Path]) -> list[str]:
    """Return the names of all profiles of these sites."""
    return sorted({path.stem for root in roots for path in (root / FOLDER).glob("*.yaml")})


def read_profile(path: Path) -> Profile:
    """Read a profile's file. Raises SiteError for the first mistake."""
    mistakes = Mistakes()
    text = read_text(path, mistakes)
    document = Document(path, mistakes)
    root = document.compose(text or "")
    if root is None and not mistakes.errors:
        mistakes.add(str(path), "the profile is empty", "docs/reference/profiles.md says what is in one")
    profile = None if root is None else _Reader(document).read(path.stem, root)
    mistakes.raise_any()
    if profile is None:  # there was no mistake, so it was read
        raise SiteError("cannot be read", where=str(path))
    return profile


class _Reader:
    """Reads one file; notes what is wrong and goes on."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._values = Values(document)

    def read(self, name: str, root: Node) -> Profile:
        parts = self._mapping(root, "a profile", KEYS, needed=("title", "status", "guests", "hosts"))
        return Profile(
            name=name,
            title=self._text(parts.get("title"), "title"),
            status=self._word(parts.get("status"), "status", PROFILE_STATUSES),
            guests=tuple(self._guests(parts.get("guests"))),
            hosts=tuple(self._hosts(parts.get("hosts"))),
            addons=dict(self._addons(parts.get("addons"))),
        )

    def _addons(self, node: Node | None) -> Iterator[tuple[str, Addon]]:
        if node is None or is_null(node):
            return
        if not isinstance(node, MappingNode):
            self._document.add(node, f"expected a mapping of add-ons, found {described(node)}")
            return
        for name, (_, value) in entries(self._document, node).items():
            parts = self._mapping(value, "an add-on", ("title", "guests", "hosts"), needed=("title",))
            title = self._text(parts.get("title"), "title")
            guests, hosts = self._guests(parts.get("guests")), self._hosts(parts.get("hosts"))
            yield name, Addon(title=title, guests=tuple(guests), hosts=tuple(hosts))

    def _guests(self, node: Node | None) -> Iterator[GuestRequirement]:
        for item, parts, common in self._requirements(node, _GUEST_KEYS):
            fact = common["fact"]
            if fact and fact not in FACTS:
                hint = near(fact, FACTS) or "docs/reference/profiles.md lists them"
                self._document.add(parts["fact"], f"there is no fact of guests {fact!r}", hint)
            portable, conversion, tied = (self._patterns(parts.get(level), level) for level in _LEVELS)
            otherwise = self._word(parts.get("otherwise"), "otherwise", _LEVELS) if "otherwise" in parts else "tied"
            if not (portable or conversion or tied):
                self._document.add(item, "a requirement without portable, conversion or tied")
            yield GuestRequirement(**common, portable=portable, conversion=conversion, tied=tied, otherwise=otherwise)

    def _hosts(self, node: Node | None) -> Iterator[HostRequirement]:
        for item, parts, common in self._requirements(node, _HOST_KEYS):
            fact = common["fact"]
            if fact and fact not in HOST_FACTS and "." not in fact:
                hint = near(fact, HOST_FACTS) or "docs/reference/profiles.md lists them"
                self._document.add(parts["fact"], f"there is no fact of hosts {fact!r}", hint)
            needs, choice = self._patterns(parts.get("needs"), "needs"), self._patterns(parts.get("any"), "any")
            if not (needs or choice):
                self._document.add(item, "a requirement without needs or any")
            yield HostRequirement(**common, needs=needs, any=choice)

    def _requirements(
        self, node: Node | None, keys: Sequence[str]
    ) -> Iterator[tuple[Node, Mapping[str, Node], _Common]]:
        """Give each requirement with the nodes of its keys and what all requirements have."""
        seen: set[str] = set()
        for item in items_of(self._document, node, "requirements"):
            parts = self._mapping(item, "a requirement", keys, needed=_COMMON[:5])
            texts = {key: self._text(parts.get(key), key) for key in ("id", "fact", "title", "fix")}
            area = self._word(parts.get("area"), "area", AREAS)
            status = self._word(parts.get("status"), "status", STATUSES) if "status" in parts else STATUSES[0]
            common = _Common(
                id=texts["id"], area=area, fact=texts["fact"], title=texts["title"], fix=texts["fix"], status=status
            )
            if common["id"] and common["id"] in seen:
                self._document.add(parts["id"], f"the id {common['id']!r} comes twice")
            seen.add(common["id"])
            yield item, parts, common

    def _mapping(self, node: Node, what: str, known: Sequence[str], *, needed: Iterable[str]) -> dict[str, Node]:
        """Return the nodes of a mapping by key; keys that are not known, and those that are missing, are noted."""
        if not isinstance(node, MappingNode):
            self._document.add(node, f"expected {what}, found {described(node)}")
            return {}
        pairs = known_entries(self._document, node, known, what)
        found = {name: value for name, (_, value) in pairs.items()}
        missing = [name for name in needed if name not in found]
        if missing:
            self._document.add(node, f"{what} without {', '.join(missing)}")
        return found

    def _patterns(self, node: Node | None, what: str) -> tuple[str, ...]:
        return tuple(
            text for item in items_of(self._document, node, f"values for {what}") if (text := self._text(item, what))
        )

    def _text(self, node: Node | None, what: str) -> str:
        """Return a text; numbers such as 2.0 are to be quoted, so that nobody wonders what became of them."""
        if node is None:
            return ""  # it is missing, and that is noted
        value = self._values.of(node)
        if isinstance(value, str) and value.strip():
            return value
        hint = "put quotes around it" if isinstance(value, bool | int | float) else ""
        self._document.add(node, f"{what}: expected text, found {described(node)}", hint)
        return ""

    def _word(self, node: Node | None, what: str, known: Sequence[str]) -> str:
        text = self._text(node, what)
        if text and node is not None and text not in known:
            self._document.add(node, f"{what}: expected one of {', '.join(known)}, found {text!r}", near(text, known))
        return text if text in known else known[0]
