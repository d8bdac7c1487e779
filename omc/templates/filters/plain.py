"""Values of the model, and mappings that are read as they are asked for, as plain ones that can be written out."""

from collections.abc import Mapping
from typing import Any

import msgspec
from jinja2 import Undefined


def plain(value: object) -> Any:
    """Return a value as texts, numbers, lists and dicts; what is not defined is an error."""
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined says what is missing
    if hasattr(value, "__iter__") and not isinstance(value, bytes):
        return [plain(item) for item in value]
    return value
