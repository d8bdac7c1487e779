"""The sandbox that templates run in: Jinja2's immutable one, strict about what is undefined, set up as Ansible's.

A seat belt and not a wall: who writes templates is trusted with the hosts, what the templates read is not. Operators
that could fill the memory at once are refused before they do; the rest is bounded by the worker.
"""

import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from types import BuiltinMethodType, MethodType
from typing import Any, ClassVar

from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from omc.templates.filters.registry import FILTERS, TESTS
from omc.templates.render.loader import FolderLoader
from omc.templates.render.missing import Missing
from omc.templates.secrets.seen import Seen

SCOPE = "omc scope"
"""The key of a host's names in a context: with a blank, so that no template can spell it."""

_METHODS = (MethodType, BuiltinMethodType)
_MOST_KNOWN = 10_000
_MOST_LENGTH = 64 << 20
_MOST_BITS = 100_000
_WIDTH = re.compile(r"%[^a-zA-Z%]*(?:[0-9]{5}|\*)")
# What is not the same in every render.
_LEFT_OUT_FILTERS = ("random",)
_LEFT_OUT_GLOBALS = ("lipsum",)


class HostContext(Context):
    """Looks a name up in the host's scope when a template comes to it, so that only what is used is resolved."""

    def resolve_or_missing(self, key: str) -> Any:
        """Return what a name stands for; what the template itself set comes first."""
        if key in self.vars:
            return self.vars[key]
        if key in self.parent:
            return self.parent[key]
        scope = self.parent.get(SCOPE)
        found = missing if scope is None else scope.get(key, missing)
        if found is not missing:
            # A context is of one file: a loop need not go the long way at every turn.
            self.parent[key] = found
        return found


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one template; filters, tests and what is safe are the same in all."""

    context_class = HostContext
    intercepted_binops = frozenset({"*", "**", "%"})
    seen: Seen
    _safe: ClassVar[dict[tuple[type, str], bool]] = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute or an entry; the short way for what is known to be safe and is no method."""
        if self._safe.get((type(obj), attribute)):
            value = getattr(obj, attribute, missing)
            if value is not missing and type(value) not in _METHODS:
                return value
        return super().getattr(obj, attribute)

    def call(self, context: Context, function: Any, /, *arguments: Any, **named: Any) -> Any:
        """Call a function or a method; what a method makes of a secret is one, too."""
        result = super().call(context, function, *arguments, **named)
        if self.seen.active:
            self.seen.derive(result, (getattr(function, "__self__", None), *arguments, *named.values()))
        return result

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """As Jinja2 decides; it looks at nothing but the type and the name, so one answer serves for all."""
        key = (type(obj), attr)
        known = self._safe.get(key)
        if known is None:
            known = super().is_safe_attribute(obj, attr, value)
            if len(self._safe) < _MOST_KNOWN:
                self._safe[key] = known
        return known

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Compute `*`, `**` and `%`; refuse what would not fit into memory."""
        if operator == "*":
            _bound_product(left, right)
        elif operator == "**":
            _bound_power(left, right)
        elif isinstance(left, str) and _WIDTH.search(left):
            raise OverflowError("a width of more than 9999 in a format")
        return super().call_binop(context, operator, left, right)


def sandbox(folders: Sequence[Path], seen: Seen) -> Sandbox:
    """Return an environment whose templates lie in these folders, and whose secrets `seen` keeps track of."""
    environment = Sandbox(
        loader=FolderLoader(folders),
        undefined=Missing,
        trim_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,
    )
    environment.seen = seen
    environment.filters.update(FILTERS)
    environment.tests.update(TESTS)
    for name in _LEFT_OUT_FILTERS:
        environment.filters.pop(name, None)
    for name in _LEFT_OUT_GLOBALS:
        environment.globals.pop(name, None)
    for name, function in environment.filters.items():
        environment.filters[name] = _watched(function, seen)
    return environment


def _watched(function: Callable[..., Any], seen: Seen) -> Callable[..., Any]:
    own = 1 if hasattr(function, "jinja_pass_arg") else 0  # the context or environment that Jinja2 passes first

    @wraps(function)
    def filtered(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        if seen.active:
            seen.derive(result, (*arguments[own:], *named.values()))
        return result

    return filtered


def _bound_product(left: Any, right: Any) -> None:
    for text, count in ((left, right), (right, left)):
        is_repetition = isinstance(text, str | bytes | list | tuple) and isinstance(count, int)
        if is_repetition and len(text) * count > _MOST_LENGTH:
            raise OverflowError(f"{count} times {len(text)} is too long")
    _bound_bits(left, right, lambda one, other: one + other)


def _bound_power(left: Any, right: Any) -> None:
    _bound_bits(left, right, lambda bits, _: bits * abs(right))


def _bound_bits(left: Any, right: Any, bits: Any) -> None:
    if isinstance(left, int) and isinstance(right, int) and bits(left.bit_length(), right.bit_length()) > _MOST_BITS:
        raise OverflowError(f"a number of more than {_MOST_BITS} bits")
