"""YAML and JSON, written and read, as Ansible's filters of these names do."""

import json
from typing import Any

import yaml

from omc.templates.filters.plain import plain

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes every value out, however often it comes."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        """No anchors: a program that reads the file may not know them."""
        return True


_Dumper.add_multi_representer(str, lambda dumper, data: dumper.represent_str(str(data)))


def to_yaml(value: Any, *, default_flow_style: bool | None = None, **options: Any) -> str:
    """Write YAML with lists and mappings of single values on one line; options as PyYAML's `dump` has them."""
    options = {"allow_unicode": True, **options}
    return str(yaml.dump(plain(value), Dumper=_Dumper, default_flow_style=default_flow_style, **options))


def to_nice_yaml(value: Any, indent: int = 4, *, default_flow_style: bool = False, **options: Any) -> str:
    """Write YAML with one entry a line."""
    return to_yaml(value, indent=indent, default_flow_style=default_flow_style, **options)


def to_json(value: Any, **options: Any) -> str:
    """Write JSON; options as Python's `json.dumps` has them, `indent=2` for one."""
    return json.dumps(plain(value), **options)


def to_nice_json(value: Any, indent: int = 4, *, sort_keys: bool = True, **options: Any) -> str:
    """Write JSON with one entry a line and sorted keys."""
    options.pop("separators", None)
    return to_json(value, indent=indent, sort_keys=sort_keys, separators=(",", ": "), **options)


def from_yaml(text: str) -> Any:
    """Read YAML; the values are data and never templates."""
    return yaml.load(str(text), Loader=_LOADER)  # noqa: S506 - it is the safe one


def from_yaml_all(text: str) -> list[Any]:
    """Read all documents of a YAML text."""
    return list(yaml.load_all(str(text), Loader=_LOADER))


def from_json(text: str) -> Any:
    """Read JSON; the values are data and never templates."""
    return json.loads(text)
