"""What stands for an attribute or entry that a thing does not have: any use says so, and knows what the thing has."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import UndefinedError
from jinja2.utils import missing, object_type_repr

_MOST = 1_000
_OURS = "omc."


class NoAttribute(UndefinedError):
    """A thing does not have what was asked of it; `name` is what, `known` gives what it has."""

    def __init__(self, thing: object, name: object, message: str) -> None:
        super().__init__(message)
        self.name = str(name)
        self._thing = thing

    @property
    def known(self) -> list[str]:
        """The names that the thing has and a template may use, of a large one the first thousand."""
        return list(islice(_names(self._thing), _MOST))


class Missing(StrictUndefined):
    """Jinja2's own, whose message has none of the names of omc's modules."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = UndefinedError
    ) -> None:
        is_asked = hint is None and obj is not missing and exc is UndefinedError
        # Jinja2 calls it with the message alone, so that a function serves as well as a class.
        raised: Any = partial(NoAttribute, obj, name) if is_asked else exc
        super().__init__(hint, obj, name, raised)

    @property
    def _undefined_message(self) -> str:
        thing = self._undefined_obj
        message = super()._undefined_message
        if self._undefined_hint or not type(thing).__module__.startswith(_OURS):
            return message
        return message.replace(object_type_repr(thing), type(thing).__name__, 1)


def _names(thing: object) -> Iterator[str]:
    if isinstance(thing, Mapping):
        return (name for name in thing if isinstance(name, str))
    return (name for name in dir(type(thing)) if not name.startswith("_") and not name.isupper())
