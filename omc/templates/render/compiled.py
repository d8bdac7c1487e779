"""One template, compiled once, rendered for host after host."""

from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from jinja2 import Template as JinjaTemplate
from jinja2.exceptions import TemplateSyntaxError

from omc.errors import OmcError
from omc.templates.catalogue import Template
from omc.templates.manifest import Value
from omc.templates.manifest.arguments import has_marks
from omc.templates.manifest.words import RULES, argument, program
from omc.templates.render.environment import SCOPE, Sandbox
from omc.templates.render.filling import Engine, Failure, TimeUp, TooMuch, said
from omc.templates.render.scope import Scope

_PIECES = 4_096


class Compiled:
    """A template with its environment; its methods raise Failure with the place of what cannot be rendered."""

    def __init__(self, template: Template, engine: Engine) -> None:
        self.template = template
        self.manifest = template.manifest
        self.place = ""  # the file that is being rendered
        self._engine = engine
        self._constants: dict[int, Any] = {}
        self._files: dict[str, JinjaTemplate] = {}

    @cached_property
    def _environment(self) -> Sandbox:
        return self._engine.environment((self.template.folder, *self.template.shared))

    def text(self, scope: Scope, value: Value) -> str:
        """Return a manifest's value as text."""
        raw = value.raw
        if not isinstance(raw, str) or not has_marks(raw):
            return str(raw)
        found = self._worked_out(scope, value)
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            text = str(found)
            if scope.fleet.seen.holds(text):
                hint = "secrets are for what stands in files"
                raise Failure("a secret would become a path, an owner or an argument", where=value.where, hint=hint)
            return text
        raise Failure(f"expected text, found {type(found).__name__}", where=value.where)

    def attribute(self, scope: Scope, name: str, value: Value | None) -> Any:
        """Return a path, owner, mode … as its rule has it; None where the manifest has none."""
        if value is None:
            return None
        if id(value) not in self._constants:
            text = self.text(scope, value)
            try:
                found = RULES[name](text)
            except ValueError as error:
                raise Failure(f"{name}: expected {error}, found {text[:200]!r}", where=value.where) from None
            if has_marks(str(value.raw)):
                return found
            self._constants[id(value)] = found  # the manifest keeps the value alive, so its id stays its own
        return self._constants[id(value)]

    def command(self, scope: Scope, values: Sequence[Value]) -> tuple[str, ...]:
        """Return a command's arguments."""
        arguments: list[str] = []
        for value in values:
            text = self.text(scope, value)
            try:
                arguments.append(argument(text) if arguments else program(text))
            except ValueError as error:
                raise Failure(f"expected {error}, found {text[:200]!r}", where=value.where) from None
        return tuple(arguments)

    def holds(self, scope: Scope, conditions: Sequence[Value]) -> bool:
        """Tell whether all conditions hold."""
        return self.failing(scope, conditions) is None

    def failing(self, scope: Scope, conditions: Sequence[Value]) -> Value | None:
        """Return the first condition that does not hold."""
        return next((condition for condition in conditions if not self._holds(scope, condition)), None)

    def items(self, scope: Scope, loop: Value) -> list[Any]:
        """Return what a loop goes over."""
        found = self._worked_out(scope, loop) if isinstance(loop.raw, str) else scope.filled("loop", loop.raw)
        if isinstance(found, list | tuple):
            return list(found)
        hint = "dict2items makes a list of a mapping" if isinstance(found, dict) else ""
        raise Failure(f"loop: expected a list, found {type(found).__name__}", where=loop.where, hint=hint)

    def content(self, scope: Scope, name: str, most_bytes: int) -> str:
        """Return a file rendered; raise Failure with its line."""
        self.place = str(self.template.folder / name)
        try:
            file = self._files.get(name) or self._load(name)
            names = {**self._environment.globals, SCOPE: scope}
            context = self._environment.context_class(self._environment, names, name, file.blocks)
            content = _joined(file.root_render_func(context), most_bytes)
        except (Exception, TimeUp) as error:
            raise self._placed(error).at(self.place) from None
        self.place = ""
        return content

    def _load(self, name: str) -> JinjaTemplate:
        self._files[name] = file = self._environment.get_template(name)
        return file

    def _worked_out(self, scope: Scope, value: Value) -> Any:
        try:
            return self._engine.evaluated(scope, str(value.raw))
        except (Exception, TimeUp) as error:
            raise _at(error, value.where) from None

    def _holds(self, scope: Scope, value: Value) -> bool:
        if isinstance(value.raw, bool):
            return value.raw
        try:
            return self._engine.condition(scope, str(value.raw))
        except (Exception, TimeUp) as error:
            raise _at(error, value.where) from None

    def _placed(self, error: BaseException) -> Failure:
        """Return an error with the line of the template that it came from."""
        if isinstance(error, TemplateSyntaxError):
            return _at(error, f"{error.filename or self.template.folder}:{error.lineno}")
        try:
            self._environment.handle_exception()
        except (Exception, TimeUp) as rewritten:
            return _at(error, self._line(rewritten))
        return _at(error, "")

    def _line(self, error: BaseException) -> str:
        """Return the innermost place in one of the template's own files."""
        folders = tuple(f"{folder}/" for folder in (self.template.folder, *self.template.shared))
        place, trace = "", error.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name.startswith(folders):
                place = f"{name}:{trace.tb_lineno}"
            trace = trace.tb_next
        return place


def _joined(pieces: Any, most: int) -> str:
    parts: list[str] = []
    length = 0
    while some := list(islice(pieces, _PIECES)):  # all of them may be empty, and it is not the end
        parts.append("".join(some))
        length += len(parts[-1])
        if length > most:
            raise TooMuch(f"more than {most} characters of output")
    return "".join(parts)


def _at(error: BaseException, where: str) -> Failure:
    if isinstance(error, Failure):
        return error.at(where)
    hint = error.hint if isinstance(error, OmcError) else ""
    return Failure(said(error), where=where, hint=hint, cause=error)
