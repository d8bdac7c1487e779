"""Reads `templates/secrets.yaml`: which providers of secrets a site has, every key checked."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from yaml.nodes import MappingNode, Node

from omc.site.document import Document, described, entries, is_null, known_entries, read_text
from omc.site.mistakes import Mistakes, near
from omc.site.values import Values

PLACE = Path("templates") / "secrets.yaml"
KEYS = ("default", "providers")


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One provider as configured; what is not of its `type` has its default."""

    name: str
    type: str  # file, env, command, age
    where: str = ""
    path: str = ""  # file, age: a file of names and values, or a folder with one file a secret
    prefix: str = "OMC_SECRET_"  # env
    command: tuple[str, ...] = ()  # "{name}" in it stands for the secret's name
    timeout_seconds: float = 15.0  # command, age
    line: str = "all"  # command: "all" of the output, or the "first" line
    identity: str = ""  # age: the file with the private key


class SecretSettings(msgspec.Struct, frozen=True):
    """All providers by name, and which one has the names that say none."""

    providers: Mapping[str, ProviderSettings]
    default: str = ""


def read_settings(root: Path) -> SecretSettings:
    """Return a site's providers; raise SiteError with file and line where anything is wrong.

    The environment (`env:NAME`) is there without being configured.
    """
    mistakes = Mistakes()
    settings = read(root, mistakes)
    mistakes.raise_any()
    providers = {"env": ProviderSettings(name="env", type="env"), **settings.providers}
    names = list(settings.providers)
    return SecretSettings(providers, settings.default or (names[0] if len(names) == 1 else ""))


def read(root: Path, mistakes: Mistakes) -> SecretSettings:
    """Return what the file of a site says that is sound, and note every mistake."""
    path = root / PLACE
    text = read_text(path, mistakes) if path.exists() else None
    if text is None:
        return SecretSettings({})
    document = Document(path, mistakes)
    top = document.compose(text)
    if top is None or is_null(top):
        return SecretSettings({})
    fields = _fields(document, top, KEYS)
    providers = {}
    if "providers" in fields:
        node = fields["providers"][1]
        for name, (_, value) in _fields(document, node, None).items():
            provider = _provider(document, name, value)
            if provider is not None:
                providers[name] = provider
    default = Values(document).of(fields["default"][1]) if "default" in fields else ""
    if default and default not in providers and default != "env":
        document.add(fields["default"][1], f"default: no provider is named {default!r}", near(str(default), providers))
    return SecretSettings(providers, str(default))


def _fields(document: Document, node: Node, known: tuple[str, ...] | None) -> Mapping[str, tuple[Node, Node]]:
    if not isinstance(node, MappingNode):
        document.add(node, f"expected a mapping, found {described(node)}")
        return {}
    if known is not None:
        return known_entries(document, node, known)
    fields = entries(document, node)
    for name, (key, _) in fields.items():
        if ":" in name or not name.strip():
            document.add(key, f"expected a provider's name without a colon, found {name!r}")
    return fields


def _provider(document: Document, name: str, node: Node) -> ProviderSettings | None:
    known = len(document.mistakes.errors)
    fields = _fields(document, node, ("type", *PROVIDER_KEYS))
    kind = Values(document).of(fields["type"][1]) if "type" in fields else None
    if kind not in TYPES:
        document.add(node, f"{name}: expected type as one of {', '.join(TYPES)}, found {kind or 'none'}")
        return None
    given = {key: value for key in fields if key != "type" for value in [_checked(document, fields, key)]}
    needed, allowed = TYPES[str(kind)]
    for key in needed:
        if key not in given:
            document.add(node, f"{name}: a provider of type {kind} needs {key}")
    for key in given:
        if key not in (*needed, *allowed):
            document.add(fields[key][0], f"{name}: a provider of type {kind} has no {key}")
    if len(document.mistakes.errors) > known:
        return None
    given["where"] = document.where(node)
    return msgspec.convert({"name": name, "type": kind, **given}, ProviderSettings)


def _checked(document: Document, fields: Mapping[str, tuple[Node, Node]], key: str) -> object:
    node = fields[key][1]
    value = Values(document).of(node)
    if key in PROVIDER_KEYS and not PROVIDER_KEYS[key][0](value):
        document.add(node, f"{key}: expected {PROVIDER_KEYS[key][1]}, found {described(node)}")
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_command(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.1 <= value <= 600


TYPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "file": (("path",), ()),
    "env": ((), ("prefix",)),
    "command": (("command",), ("timeout_seconds", "line")),
    "age": (("path", "identity"), ("timeout_seconds",)),
}
"""What a provider of each type must and may have."""

PROVIDER_KEYS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "path": (_is_text, "a file or a folder"),
    "prefix": (lambda value: isinstance(value, str), "text"),
    "command": (_is_command, "a list of arguments, [pass, show, '{name}']; no shell sees it"),
    "timeout_seconds": (_is_seconds, "a number of seconds from 0.1 to 600"),
    "line": (lambda value: value in ("all", "first"), "all or first"),
    "identity": (_is_text, "a file with an age identity"),
}
