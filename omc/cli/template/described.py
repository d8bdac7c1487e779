"""One template in words, for `omc template show`, and as an object for its JSON."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omc.templates.catalogue import Template
    from omc.templates.manifest import FileEntry, Value, Variable

_WORKED_OUT = re.compile(r"\{\{.*?\}\}")
_CHOICE = re.compile(r"""\{\{\s*'([^'{}]*)'\s+if\s[^{}]*\selse\s+'([^'{}]*)'\s*\}\}""")
_LIMITS = (
    ("minimum", "at least"),
    ("maximum", "at most"),
    ("minimum_length", "at least so long:"),
    ("maximum_length", "at most so long:"),
    ("pattern", "matching"),
)


def as_object(template: "Template") -> dict[str, Any]:
    """Return a template as what its JSON shows."""
    manifest = template.manifest
    return {
        "name": template.name,
        "description": manifest.description,
        "origin": template.origin,
        "folder": str(template.folder),
        "hides": str(template.hides) if template.hides else None,
        "hosts": {"pattern": _raw(manifest.hosts.pattern), "when": [_raw(value) for value in manifest.hosts.when]},
        "files": [_file(entry) for entry in manifest.files],
        "handlers": [_command(handler.command) for handler in manifest.handlers],
        "checks": [_command(check.command) for check in manifest.checks],
        "variables": {name: _variable(variable) for name, variable in manifest.variables.items()},
    }


def for_hosts(template: "Template") -> str:
    """Return the hosts that a template is for when it is not named; "chosen": those whose `omc_templates` has it."""
    pattern = str(template.manifest.hosts.pattern.raw)
    return pattern if not template.by_choice else "chosen" if pattern == "all" else f"{pattern}, chosen"


def places(path: str) -> str:
    """Return a path of a manifest for people: alternatives are named, whatever else is worked out is an asterisk."""
    choice = _CHOICE.search(path)
    if choice is None:
        return _WORKED_OUT.sub("*", path)
    ways = [f"{path[: choice.start()]}{word}{path[choice.end() :]}" for word in choice.groups()]
    return " or ".join(_WORKED_OUT.sub("*", way) for way in ways)


def in_words(template: "Template") -> str:
    """Return a template for people."""
    from omc.templates.catalogue import OPT_IN

    found = as_object(template)
    lines = [f"{found['name']}: {found['description']}", "", f"folder     {found['folder']} ({found['origin']})"]
    if found["hides"]:
        lines.append(f"wins over  {found['hides']}")
    conditions = "".join(f", when {condition}" for condition in found["hosts"]["when"])
    lines.append(f"hosts      {for_hosts(template)}{conditions}")
    if template.by_choice:
        lines.append(f"to choose  {OPT_IN}: [{template.name}] in host_vars/ or group_vars/")
    lines += ["", "files"]
    lines += [f"  {_file_in_words(file)}" for file in found["files"]]
    for title in ("checks", "handlers"):
        if found[title]:
            lines += ["", title, *(f"  {command}" for command in found[title])]
    if found["variables"]:
        lines += ["", "variables"]
        for name, variable in found["variables"].items():
            lines += _variable_in_words(name, variable)
    return "\n".join(lines)


def _raw(value: "Value | None") -> object:
    return None if value is None else value.raw


def _command(words: "Sequence[Value]") -> str:
    """Return a command as a shell takes it; what is to be worked out is left as the manifest has it."""
    import shlex

    return " ".join(text if "{" in text else shlex.quote(text) for text in (str(word.raw) for word in words))


def _file(entry: "FileEntry") -> dict[str, Any]:
    mode = _raw(entry.mode)
    return {
        "template": _raw(entry.template),
        "path": _raw(entry.path),
        "target": _raw(entry.target),
        "owner": _raw(entry.owner),
        "group": _raw(entry.group),
        "mode": f"{mode:04o}" if isinstance(mode, int) else mode,
        "context": _raw(entry.context),
        "validate": _command(entry.validate) or None,
        "when": [_raw(value) for value in entry.when],
        "loop": _raw(entry.loop),
    }


def _file_in_words(file: dict[str, Any]) -> str:
    parts = [str(file["path"] or file["target"])]
    parts += [f"{name} {file[name]}" for name in ("owner", "group", "mode", "context") if file[name] is not None]
    if file["validate"]:
        parts.append(f"validated by {file['validate']}")
    parts += [f"when {condition}" for condition in file["when"]]
    if file["loop"] is not None:
        parts.append(f"for each of {file['loop']}")
    return ", ".join(parts)


def _variable(variable: "Variable") -> dict[str, Any]:
    limits = {name: getattr(variable, name) for name, _ in _LIMITS if getattr(variable, name) not in (None, "")}
    found: dict[str, Any] = {"type": variable.type, "description": variable.description}
    if variable.default is not None:
        found["default"] = variable.default.raw
    found |= {"required": variable.required and variable.default is None, "secret": variable.secret} | limits
    if variable.choices:
        found["choices"] = list(variable.choices)
    for name in ("items", "values"):
        if getattr(variable, name) is not None:
            found[name] = _variable(getattr(variable, name))
    if variable.fields:
        found["fields"] = {name: _variable(field) for name, field in variable.fields.items()}
    return found


def _variable_in_words(name: str, variable: dict[str, Any], indent: str = "  ") -> list[str]:
    import json

    has_default = "default" in variable
    tail = f", default {json.dumps(variable['default'], ensure_ascii=False, default=str)}" if has_default else ""
    tail += ", must be set" if variable["required"] else ""
    tail += ", a secret" if variable["secret"] else ""
    tail += "".join(f", {words} {variable[key]}" for key, words in _LIMITS if key in variable)
    tail += f", one of {', '.join(map(str, variable['choices']))}" if "choices" in variable else ""
    lines = [f"{indent}{name}: {variable['type']}{tail}"]
    if variable["description"]:
        lines.append(f"{indent}    {variable['description']}")
    for key, title in (("items", "each"), ("values", "each value")):
        if key in variable:
            lines += _variable_in_words(title, variable[key], f"{indent}    ")
    for field, inner in variable.get("fields", {}).items():
        lines += _variable_in_words(field, inner, f"{indent}    ")
    return lines
