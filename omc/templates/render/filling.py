"""Renders what stands in variables and in manifests' values: texts with `{{ … }}`, and bare expressions."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Undefined

from omc.errors import OmcError
from omc.templates.render.environment import SCOPE, Sandbox, sandbox
from omc.templates.secrets.seen import Seen

if TYPE_CHECKING:
    from omc.templates.render.scope import Scope

_ONE_EXPRESSION = re.compile(r"\s*\{\{((?:(?!\{\{|\}\}).)*)\}\}\s*", re.DOTALL)
_SHOWN = 100
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off", "")


class Failure(Exception):
    """A name, a value or a template that cannot be worked out, and why.

    `variable` and `where` as far as they are known; `cause` is the exception that said so first.
    """

    def __init__(
        self, message: str, variable: str = "", where: str = "", hint: str = "", *, cause: BaseException | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.variable = variable
        self.where = where
        self.hint = hint
        self.cause = cause

    def at(self, where: str) -> "Failure":
        """Return the same with a place, where it has none."""
        return self if self.where else Failure(self.message, self.variable, where, self.hint, cause=self.cause)


class TooMuch(Exception):
    """More output or more files than a host may have."""


class TimeUp(BaseException):
    """The time for one host is over; no Exception, so that no filter takes it for a mistake in its arguments."""


LIMITS = (MemoryError, RecursionError, OverflowError, TooMuch, TimeUp)
"""What says that a template wants too much."""


class Engine:
    """Compiles and renders; each text and expression is compiled once."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self._plain = sandbox((), seen)
        self._expressions: dict[str, Expression] = {}
        self._texts: dict[str, Any] = {}

    def environment(self, folders: Sequence[Path]) -> Sandbox:
        """Return an environment for the templates of these folders."""
        return sandbox(folders, self.seen)

    def fill(self, scope: "Scope", name: str, text: str) -> Any:
        """Return the text of the variable `name` rendered; one expression alone keeps its type, as in Ansible."""
        try:
            return self.evaluated(scope, text)
        except (Failure, OmcError):
            raise
        # Whatever a template computes may fail in any way of Python's, and is still the template's mistake.
        except Exception as error:
            shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
            message = f"{name} cannot be worked out from {shown!r}: {said(error)}"
            raise Failure(message, name, cause=error) from None

    def evaluated(self, scope: "Scope", text: str) -> Any:
        """Return a text rendered; one expression alone keeps its type."""
        single = _ONE_EXPRESSION.fullmatch(text)
        if single:
            return self.expression(single[1])(scope)
        if text not in self._texts:
            self._texts[text] = self._plain.from_string(text)
        return self._texts[text].render({SCOPE: scope})

    def expression(self, text: str) -> "Expression":
        """Return a function that gives an expression's value; what is not defined is an error."""
        if text not in self._expressions:
            self._expressions[text] = self._compiled(text)
        return self._expressions[text]

    def condition(self, scope: "Scope", text: str) -> bool:
        """Tell whether an expression holds, written bare or in `{{ … }}`."""
        single = _ONE_EXPRESSION.fullmatch(text)
        value = self.expression(single[1] if single else text)(scope)
        if not isinstance(value, str):
            return bool(value)
        if value.lower() in _TRUE + _FALSE:
            return value.lower() in _TRUE
        raise Failure(f"when: expected true or false, found the text {value!r}", hint="compare it: NAME == 'TEXT'")

    def _compiled(self, text: str) -> "Expression":
        compiled = self._plain.compile_expression(text, undefined_to_none=False)

        def value(scope: "Scope") -> Any:
            found = compiled(**{SCOPE: scope})
            if isinstance(found, Undefined):
                str(found)  # StrictUndefined says what is missing
            return found

        return value


Expression = Callable[["Scope"], Any]


def missing_value(why: str) -> Undefined:
    """Return what stands for a value that cannot be had; any use but `is defined` and `default` says why."""
    return StrictUndefined(hint=why)


def said(error: BaseException) -> str:
    """Return an exception in words."""
    if isinstance(error, TimeUp):
        return "it takes too long: is there a loop without an end?"
    if isinstance(error, MemoryError):
        return "it needs more memory than it may have"
    if isinstance(error, RecursionError):
        return "it goes too deep: it includes or calls itself"
    return str(error) or type(error).__name__
