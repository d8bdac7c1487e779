"""Numbers in a range on the command line: click's own lets `nan` through, which is less and more than nothing."""

from math import isnan
from typing import Any

import click


class Between(click.FloatRange):
    """A number in a range, and a number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what is no number, as what lies outside."""
        found = super().convert(value, param, ctx)
        if isnan(found):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return found
