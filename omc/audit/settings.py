"""Reads `inventory/audit.yaml`: the clusters, the limits of rules, and what the site accepts.

    clusters: [prod_a, prod_b]          # groups between whose hosts guests move; default: hosts of equal groups
    guests: [web1, kvm2/db, "test*"]    # those that there should be: NAME or HOST/NAME, patterns (F03)
    limits:
      G17: {depth: 8}                   # by rule, as `omc audit explain G17` names them
    waivers:
      - {rule: G11, subject: "kvm1/guest/scratch*", reason: "thrown away each night", expires: 2027-03-31}

Every key is checked, and every mistake is named with its line.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from math import inf
from pathlib import Path

import msgspec
from yaml.nodes import MappingNode, Node

from omc.audit.rule import Rule
from omc.audit.waivers import Waiver
from omc.site.document import Document, described, entries, is_null, items_of, known_entries, read_text
from omc.site.mistakes import Mistakes, near
from omc.site.values import Values
from omc.sizes import HOST_RESERVE

KEYS = ("clusters", "guests", "limits", "waivers")
_WAIVER_KEYS = ("rule", "subject", "reason", "expires")
_WHOLE = 100


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


def read_audit_settings(path: Path, rules: Iterable[Rule], *, groups: Collection[str] | None = None) -> AuditSettings:
    """Return the settings; a missing or empty file gives the defaults. Raises SiteError for the first mistake.

    `groups` are those of the site, to which clusters are held; None: any name will do.
    """
    mistakes = Mistakes()
    settings = note_audit_settings(path, rules, mistakes, groups=groups)
    mistakes.raise_any()
    return settings


def note_audit_settings(
    path: Path, rules: Iterable[Rule], mistakes: Mistakes, *, groups: Collection[str] | None = None
) -> AuditSettings:
    """As `read_audit_settings`, but note every mistake."""
    text = read_text(path, mistakes) if path.exists() else None
    return AuditSettings() if text is None else _Reader(Document(path, mistakes), rules, groups).read(text)


class _Reader:
    """Reads one file; notes what is wrong and goes on."""

    def __init__(self, document: Document, rules: Iterable[Rule], groups: Collection[str] | None) -> None:
        self._document = document
        self._values = Values(document)
        self._rules = {rule.id: rule for rule in rules}
        self._groups = groups

    def read(self, text: str) -> AuditSettings:
        root = self._document.compose(text)
        if root is None or is_null(root):
            return AuditSettings()
        parts = self._mapping(root, "settings", KEYS)
        return AuditSettings(
            clusters=tuple(self._clusters(parts.get("clusters"))),
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

    def _clusters(self, node: Node | None) -> Iterable[str]:
        for item in items_of(self._document, node, "groups of the site"):
            name = self._text(item, "the name of a group")
            if name and self._groups is not None and name not in self._groups:
                self._document.add(item, f"no group is named {name!r}", near(name, self._groups) or "omc site hosts")
            elif name:
                yield name

    def _guests(self, node: Node | None) -> tuple[str, ...] | None:
        """Return the list, None where there is none; an empty one says that there should be no guests."""
        if node is None or is_null(node):
            return None
        return tuple(self._names(node, "guests", "the name of a guest"))

    def _limits(self, node: Node | None) -> Iterable[tuple[str, dict[str, float]]]:
        if node is None or is_null(node):
            return
        if not isinstance(node, MappingNode):
            self._document.add(node, f"expected a mapping of limits by rule, found {described(node)}")
            return
        for rule_id, (key, limits) in entries(self._document, node).items():
            rule = self._rules.get(rule_id)
            if rule is None:
                self._add_no_rule(key, rule_id)
                continue
            if not rule.limits:
                self._document.add(key, f"{rule_id} has no limits", f"omc audit explain {rule_id}")
                continue
            own = dict(self._numbers(self._mapping(limits, f"limits of {rule_id}", rule.limits), rule))
            self._check_order(limits, {**rule.limits, **own})
            yield rule_id, own

    def _numbers(self, nodes: Mapping[str, Node], rule: Rule) -> Iterable[tuple[str, float]]:
        for name, node in nodes.items():
            value, most = self._values.of(node), _most(name, rule.limits[name])
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most and value < inf:
                yield name, float(value)
            else:
                expected = "a number, 0 or more" if most == inf else f"a number from 0 to {most:g}"
                self._document.add(node, f"{name}: expected {expected}, found {described(node)}")

    def _check_order(self, node: Node, limits: Mapping[str, float]) -> None:
        """Note a warning that would come only after what is critical."""
        for name, value in limits.items():
            worse = name.replace("warning_", "critical_")
            if worse in limits and value > limits[worse]:
                self._document.add(node, f"{name} ({value:g}) is above {worse} ({limits[worse]:g})", "turn them round")

    def _add_no_rule(self, node: Node, name: str) -> None:
        hint = f"meant {name.upper()}?" if name.upper() in self._rules else "omc audit rules lists them"
        self._document.add(node, f"there is no rule {name!r}", hint)

    def _waivers(self, node: Node | None) -> Iterable[Waiver]:
        for item in items_of(self._document, node, "waivers"):
            parts = self._mapping(item, "a waiver", _WAIVER_KEYS)
            missing = [key for key in ("rule", "subject", "reason") if key not in parts]
            if missing:
                self._document.add(item, f"a waiver without {' and '.join(missing)}", "why is it accepted, and where?")
                continue
            fields = {key: self._text(parts[key], key) for key in ("rule", "subject", "reason")}
            if fields["rule"] and fields["rule"] not in self._rules:
                self._add_no_rule(parts["rule"], fields["rule"])
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


def _most(name: str, default: float) -> float:
    """Return the most that a limit may be: a share of a whole is no more than 100 %, but what is promised may be."""
    return _WHOLE if name.endswith("percent") and default < _WHOLE else inf
