"""All rules: the files here, and those that are installed beside omc under the entry point group `omc.rules`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from omc.audit.installed import installed_rules
from omc.audit.rule import Rule, rules_of
from omc.errors import UsageError


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return all rules by id; two rules of one id are a fault of whoever brings the second."""
    families = sorted(module.name for module in iter_modules(__path__))  # every file of this folder is one
    modules = [import_module(f"{__name__}.{family}") for family in families]
    modules += installed_rules()
    rules: dict[str, Rule] = {}
    for rule in (rule for module in modules for rule in rules_of(module)):
        if rules.setdefault(rule.id, rule) is not rule:
            raise UsageError(f"two rules are called {rule.id}: {rules[rule.id].title!r} and {rule.title!r}")
    return tuple(sorted(rules.values(), key=_by_id))


def _by_id(rule: Rule) -> tuple[int, str]:
    family = rule.id[:1]
    return ("HGF".find(family) if family in "HGF" else 3), rule.id
