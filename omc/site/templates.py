"""The sandbox that fills in an inventory's templates; the one module here that imports jinja2."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError, Undefined, UndefinedError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing

from omc.errors import OmcError, SiteError
from omc.site.entities import Sealed
from omc.site.mistakes import VariableError
from omc.site.resolve import Scope, printed

_SCOPE = "omc_scope"
_ONE_EXPRESSION = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)


def fill(scope: Scope, name: str, text: str) -> object:
    """Return a text with its templates filled in; one expression alone keeps its type, as in Ansible."""
    try:
        single = _ONE_EXPRESSION.fullmatch(text)
        if single:
            return _checked(_expression(single[1])(**{_SCOPE: scope}))
        return _template(text).render({_SCOPE: scope})
    except VariableError:
        raise
    except SiteError as error:
        raise scope.error(name, error.message, error.hint) from error
    # Whatever a template computes may fail in any way of Python's, and is still the template's mistake.
    except Exception as error:
        if scope.secret is not None and not isinstance(error, OmcError | UndefinedError):
            message = f"{name} cannot be resolved from {text!r}: {type(error).__name__}"
            raise scope.error(name, message) from None
        hint = "omc has no lookups, facts or Ansible filters here" if isinstance(error, TemplateError) else ""
        message = str(error) or type(error).__name__
        raise scope.error(name, f"{name} cannot be resolved from {text!r}: {message}", hint) from error


class HostVariables(Mapping[str, object]):
    """`hostvars`: every host's variables, each resolved when it is asked for."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> "OneHostVariables":
        scope = self._scope.of(name)
        if scope is None:
            raise KeyError(name)
        return OneHostVariables(scope)

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.site.hosts)

    def __len__(self) -> int:
        return len(self._scope.site.hosts)


class OneHostVariables(Mapping[str, object]):
    """One host's variables in `hostvars`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> object:
        if not self._scope.has(name):
            raise KeyError(name)
        return self._scope.value(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.host.variables)

    def __len__(self) -> int:
        return len(self._scope.host.variables)


class _LazyContext(Context):
    """Looks a name up in the scope when the template comes to it, so that only what is used is resolved."""

    def resolve_or_missing(self, key: str) -> Any:
        found = super().resolve_or_missing(key)
        if found is not missing:
            return found
        scope: Scope | None = self.parent.get(_SCOPE)
        return scope.value(key) if scope is not None and scope.has(key) else missing


class _Environment(SandboxedEnvironment):
    context_class = _LazyContext


def _checked(value: object) -> object:
    """Refuse what is sealed or missing where its value is needed."""
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined says what is missing
    if isinstance(value, Sealed):
        raise SiteError("it needs a value that is sealed by ansible-vault", hint="omc opens no vault")
    return value


def _printed(value: object) -> object:
    return printed(_checked(value))


def _environment() -> _Environment:
    return _Environment(undefined=StrictUndefined, finalize=_printed, keep_trailing_newline=True)


@lru_cache(maxsize=512)
def _template(text: str) -> Any:
    return _environment().from_string(text)


@lru_cache(maxsize=512)
def _expression(text: str) -> Any:
    return _environment().compile_expression(text, undefined_to_none=False)
