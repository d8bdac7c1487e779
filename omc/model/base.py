"""The one base of all structs of the model."""

from typing import ClassVar

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the reference model; equal when all its fields are."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset()
