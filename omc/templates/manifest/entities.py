"""What a template's manifest says, as it was read: nothing is rendered yet.

Every value keeps the place that it was written at, for the message when what it renders to cannot be used. A value may
hold `{{ … }}`; what may not is a plain field. `read` makes these from a file.
"""

from collections.abc import Mapping

import msgspec


class Value(msgspec.Struct, frozen=True):
    """One value as written (text, number, truth value, list or mapping), and "FILE:LINE"."""

    raw: object
    where: str


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One file, or with `target` one libvirt object, or with `loop` one for each `item` of a list.

    `validate` is one Value an argument; `when` are conditions that must all hold.
    """

    template: Value
    where: str
    path: Value | None = None
    target: Value | None = None  # libvirt:KIND/NAME
    owner: Value | None = None
    group: Value | None = None
    mode: Value | None = None  # octal text, or permission bits where the manifest has an octal number
    context: Value | None = None
    validate: tuple[Value, ...] = ()
    when: tuple[Value, ...] = ()
    loop: Value | None = None


class Handler(msgspec.Struct, frozen=True, kw_only=True):
    """A command after all files, when anything of the template changed; one Value an argument."""

    command: tuple[Value, ...]
    when: tuple[Value, ...] = ()
    where: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A check of the template's files together; "%s" in `command` is the root that they are staged under."""

    command: tuple[Value, ...]
    beside: tuple[Value, ...] = ()
    when: tuple[Value, ...] = ()
    where: str = ""


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """What a variable, or an item or field of one, may be; `omc.templates.variables` holds a value to it.

    `default` None is "none given": the variable must then be set, unless `required` is false. `secret` says that its
    value is to be shown nowhere. A list has `items`; a mapping has named `fields`, or `values` that are all alike.
    """

    name: str
    type: str = "any"
    where: str = ""
    description: str = ""
    default: Value | None = None
    required: bool = True
    secret: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[object, ...] = ()
    pattern: str = ""
    minimum_length: int | None = None
    maximum_length: int | None = None
    items: "Variable | None" = None
    fields: Mapping[str, "Variable"] = {}
    values: "Variable | None" = None


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """Which hosts a template is for: those of a pattern as `--limit` takes it, for which all of `when` holds."""

    pattern: Value
    when: tuple[Value, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A whole manifest."""

    hosts: Hosts
    files: tuple[FileEntry, ...]
    description: str = ""
    variables: Mapping[str, Variable] = {}
    handlers: tuple[Handler, ...] = ()
    checks: tuple[Check, ...] = ()
