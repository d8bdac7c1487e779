"""All filters and tests that templates have beside Jinja2's own."""

from collections.abc import Callable, Mapping
from typing import Any

from omc.templates.filters import cpus, sizes

FILTERS: Mapping[str, Callable[..., Any]] = {
    "cpuset": cpus.cpuset,
    "cpus": cpus.cpus,
    "size": sizes.size,
}
TESTS: Mapping[str, Callable[..., Any]] = {}
