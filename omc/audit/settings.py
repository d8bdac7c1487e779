"""Reads `inventory/audit.yaml`: the clusters, the limits of rules, and what the site accepts.

    clusters: [prod_a, prod_b]          # groups between whose hosts guests move; default: hosts of equal groups
    guests: [web1, kvm2/db, "test*"]    # those that there should be: NAME or HOST/NAME, patterns (F03)
    limits:
      G17: {depth: 8}                   # by rule, as `omc audit explain G17` names them
    waivers:
      - {rule: G11, subject: "kvm1/guest/scratch*", reason: "thrown away each night", expires: 2027-03-31}

Every key is checked, and every mistake is named with its line.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from math import inf
from pathlib import Path

import msgspec
from yaml.nodes import MappingNode, Node

from omc.audit.rule import Rule
from omc.audit.waivers import Waiver
from omc.site.document import Document, described, is_null, items_of, known_entries, read_text
from omc.site.mistakes import Mistakes, near
from omc.site.values import Values
from omc.sizes import HOST_RESERVE

KEYS = ("clusters", "guests", "limits", "waivers")
_WAIVER_KEYS = ("rule", "subject", "reason", "expires")


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the site says about the audit; the defaults are those of a site without the file.

    `host_reserve` is the site's own (`inventory/site.yaml`), the same as for capacity.
    """

    clusters: tuple[str, ...] = ()
    guests: tuple[str, ...] | None = None
    limits: Mapping[str, Mapping[str, float]] = {}
    waivers: tuple[Waiver, ...] = ()
    host_reserve: str = HOST_RESERVE

    def limits_of(self, rule: Rule) -> Mapping[str, float]:
        """Return the limits of a rule, the site's before its own."""
        own = self.limits.get(rule.id)
        return {**rule.limits, **own} if own else rule.limits


def read_audit_settings(path: Path, rules: Iterable[Rule]) -> AuditSettings:
    """Return the settings; a missing or empty file gives the defaults. Raises SiteError for the first mistake."""
    mistakes = Mistakes()
    settings = note_audit_settings(path, rules, mistakes)
    mistakes.raise_any()
    return settings


def note_audit_settings(path: Path, rules: Iterable[Rule], mistakes: Mistakes) -> AuditSettings:
    """As `read_audit_settings`, but note every mistake."""
    text = read_text(path, mistakes) if path.exists() else None
    return AuditSettings() if text is None else _Reader(Document(path, mistakes), rules).read(text)


class _Reader:
    """Reads one file; notes what is wrong and goes on."""

    def __init__(self, document: Document, rules: Iterable[Rule]) -> None:
        self._document = document
        self._values = Values(document)
        self._rules = {rule.id: rule for rule in rules}

    def read(self, text: str) -> AuditSettings:
        root = self._document.compose(text)
        if root is None or is_null(root):
            return AuditSettings()
        parts = self._mapping(root, "settings", KEYS)
        return AuditSettings(
            clusters=tuple(self._names(parts.get("clusters"), "groups of the site", "the name of a group")),
            guests=self._guests(parts.get("guests")),
            limits=dict(self._limits(parts.get("limits"))),
            waivers=tuple(self._waivers(parts.get("waivers"))),
        )

    def _mapping(self, node: Node, what: str, known: Iterable[str]) -> dict[str, Node]:
        """Return the nodes of a mapping by key; keys that are not known are noted."""
        if not isinstance(node, MappingNode):
            self._document.add(node, f"expected a mapping of {what}, found {described(node)}")
            return {}
        pairs = known_entries(self._document, node, tuple(known), what)
        return {name: value for name, (_, value) in pairs.items()}

    def _names(self, node: Node | None, what: str, one: str) -> Iterable[str]:
        for item in items_of(self._document, node, what):
            name = self._text(item, one)
            if name:
                yield name

    def _guests(self, node: Node | None) -> tuple[str, ...] | None:
        """Return the list, None where there is none; an empty one says that there should be no guests."""
        if node is None or is_null(node):
            return None
        return tuple(self._names(node, "guests", "the name of a guest"))

    def _limits(self, node: Node | None) -> Iterable[tuple[str, dict[str, float]]]:
        if node is None or is_null(node):
            return
        for rule_id, limits in self._mapping(node, "limits", self._rules).items():
            rule = self._rules[rule_id]
            if not rule.limits:
                self._document.add(limits, f"{rule_id} has no limits", f"omc audit explain {rule_id}")
                continue
            yield rule_id, dict(self._numbers(self._mapping(limits, f"limits of {rule_id}", rule.limits)))

    def _numbers(self, nodes: Mapping[str, Node]) -> Iterable[tuple[str, float]]:
        for name, node in nodes.items():
            value = self._values.of(node)
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf:
                yield name, float(value)
            else:
                self._document.add(node, f"{name}: expected a number, 0 or more, found {described(node)}")

    def _waivers(self, node: Node | None) -> Iterable[Waiver]:
        for item in items_of(self._document, node, "waivers"):
            parts = self._mapping(item, "a waiver", _WAIVER_KEYS)
            missing = [key for key in ("rule", "subject", "reason") if key not in parts]
            if missing:
                self._document.add(item, f"a waiver without {' and '.join(missing)}", "why is it accepted, and where?")
                continue
            fields = {key: self._text(parts[key], key) for key in ("rule", "subject", "reason")}
            if fields["rule"] and fields["rule"] not in self._rules:
                hint = near(fields["rule"], self._rules) or "omc audit rules lists them"
                self._document.add(parts["rule"], f"there is no rule {fields['rule']!r}", hint)
            expires = self._date(parts["expires"]) if "expires" in parts else ""
            if all(fields.values()):
                yield Waiver(**fields, expires=expires, place=self._document.where(item))

    def _text(self, node: Node, what: str) -> str:
        value = self._values.of(node)
        if isinstance(value, str) and value.strip():
            return value
        self._document.add(node, f"{what}: expected text, found {described(node)}")
        return ""

    def _date(self, node: Node) -> str:
        value = self._values.of(node)
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            self._document.add(node, f"expires: expected a date such as 2027-03-31, found {described(node)}")
            return ""
