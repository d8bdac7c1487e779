"""Renders for one host all that is for it: pure, in this process, without limits of time and memory."""

import re
from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType

import msgspec
from jinja2.exceptions import TemplateAssertionError, UndefinedError
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.tests import TESTS as DEFAULT_TESTS

from omc.errors import UsageError
from omc.select import select
from omc.site import SiteHost
from omc.site.mistakes import near
from omc.templates.catalogue import OPT_IN, Template
from omc.templates.desired import Desired, DesiredFile, DesiredHandler, DesiredObject, SetCheck
from omc.templates.filters.registry import FILTERS, TESTS
from omc.templates.manifest import FileEntry
from omc.templates.render.compiled import Compiled
from omc.templates.render.errors import LimitError, RenderError
from omc.templates.render.filling import LIMITS, Failure, TimeUp, TooMuch, said
from omc.templates.render.fleet import Fleet
from omc.templates.render.scope import BUILT_IN, Scope
from omc.templates.render.world import Limits
from omc.templates.variables import described

_UNDEFINED = re.compile(r"'(\w+)' is undefined")
_NO_FILTER = re.compile(r"No (filter|test) named '([^']*)'")


class Renderer:
    """Renders templates for one host after the other."""

    def __init__(
        self, templates: Sequence[Template], fleet: Fleet, limits: Limits, at: MutableSequence[int] | None = None
    ) -> None:
        self._at = at if at is not None else bytearray(4)
        self._compiled = [Compiled(template, fleet.engine) for template in templates]
        self._names = frozenset(template.name for template in templates)
        self._fleet = fleet
        self._limits = limits
        self._selected: dict[str, frozenset[str]] = {}

    def render(self, host: SiteHost, failures: Mapping[str, int] = MappingProxyType({})) -> Desired:
        """Return all that the host should have; raise RenderError with the first thing that is wrong.

        `failures` are the limits that templates reached so far: one with too many is not tried again.
        """
        self._fleet.seen.clear()
        draft = _Draft(host, self._fleet, self._limits)
        for number, compiled in enumerate(self._compiled):
            self._at[:4] = number.to_bytes(4, "little")
            scope = Scope(self._fleet, host, compiled.template)
            compiled.place = ""
            try:
                if self._applies(compiled, scope):
                    self._refuse_failing(compiled, failures)
                    scope.check()
                    draft.add(compiled, scope)
            except (Exception, TimeUp) as error:
                raise self._error(error, compiled, scope) from None
        self._fleet.forget(host.name)
        return draft.finish()

    def _applies(self, compiled: Compiled, scope: Scope) -> bool:
        hosts = compiled.manifest.hosts
        if compiled.template.opt_in and compiled.template.name not in self._wanted(scope):
            return False
        pattern = compiled.text(scope, hosts.pattern)
        if pattern not in self._selected:
            self._selected[pattern] = self._select(pattern)
        return scope.host.name in self._selected[pattern] and compiled.holds(scope, hosts.when)

    def _wanted(self, scope: Scope) -> list[str]:
        """Return the shipped templates that the host asks for."""
        wanted = scope.get(OPT_IN) or []
        if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
            raise Failure(f"{OPT_IN}: expected a list of templates, found {described(wanted)}", OPT_IN)
        unknown = [name for name in wanted if name not in self._names]
        if unknown:
            hint = near(unknown[0], self._names) or "omc template list lists them"
            raise Failure(f"{OPT_IN}: no template is named {unknown[0]!r}", OPT_IN, hint=hint)
        return wanted

    def _refuse_failing(self, compiled: Compiled, failures: Mapping[str, int]) -> None:
        count = failures.get(compiled.template.name, 0)
        if count >= self._limits.most_failures:
            raise Failure(f"not rendered: it reached its limits on {count} hosts before this one")

    def _select(self, pattern: str) -> frozenset[str]:
        try:
            return frozenset(host.name for host in select(self._fleet.site, [pattern]))
        except UsageError:
            # A pattern of groups that this site does not have: the template is for none of its hosts.
            return frozenset()

    def _error(self, error: BaseException, compiled: Compiled, scope: Scope) -> RenderError:
        failure = (
            error if isinstance(error, Failure) else Failure(said(error), hint=getattr(error, "hint", ""), cause=error)
        )
        cause = failure.cause or error
        hint = failure.hint or _hint(cause, scope)
        seen = self._fleet.seen
        kind = LimitError if isinstance(cause, LIMITS) else RenderError
        return kind(
            seen.redacted(failure.message),
            host=scope.host.name,
            template=compiled.template.name,
            variable=failure.variable or _undefined_name(cause),
            where=failure.where or compiled.place,
            hint=seen.redacted(hint),
        )


class _Draft:
    """What one host should have, as far as it is rendered."""

    def __init__(self, host: SiteHost, fleet: Fleet, limits: Limits) -> None:
        self._host = host
        self._fleet = fleet
        self._limits = limits
        self._templates: list[str] = []
        self._files: dict[str, tuple[DesiredFile, bool]] = {}
        self._folders: dict[str, str] = {}
        self._objects: dict[tuple[str, str], DesiredObject] = {}
        self._checks: list[SetCheck] = []
        self._handlers: dict[tuple[str, ...], list[str]] = {}

    def add(self, compiled: Compiled, scope: Scope) -> None:
        """Add all of one template."""
        name = compiled.template.name
        self._templates.append(name)
        for entry in compiled.manifest.files:
            for inner in self._scopes(entry, compiled, scope):
                if compiled.holds(inner, entry.when):
                    self._add_entry(entry, compiled, inner)
        for check in compiled.manifest.checks:
            if compiled.holds(scope, check.when):
                beside = tuple(compiled.attribute(scope, "path", path) for path in check.beside)
                self._checks.append(
                    SetCheck(template=name, command=compiled.command(scope, check.command), beside=beside)
                )
        for handler in compiled.manifest.handlers:
            if compiled.holds(scope, handler.when):
                self._handlers.setdefault(compiled.command(scope, handler.command), []).append(name)

    def _scopes(self, entry: FileEntry, compiled: Compiled, scope: Scope) -> Iterator[Scope]:
        """Yield the scope of every file that an entry stands for."""
        if entry.loop is None:
            yield scope
            return
        for item in compiled.items(scope, entry.loop):
            yield scope.with_item(item)

    def _add_entry(self, entry: FileEntry, compiled: Compiled, scope: Scope) -> None:
        if len(self._files) + len(self._objects) >= self._limits.files:
            raise Failure(
                f"more than {self._limits.files} files for one host", where=entry.where, cause=TooMuch()
            ) from None
        asked = self._fleet.seen.asked
        content = compiled.content(scope, compiled.text(scope, entry.template), self._limits.output_bytes)
        if entry.target is not None:
            self._add_object(entry, compiled, scope, content)
            return
        path = compiled.attribute(scope, "path", entry.path)
        self._claim(path, compiled.template.name, entry.where)
        file = DesiredFile(
            template=compiled.template.name,
            path=path,
            content=content.encode("utf-8"),
            owner=compiled.attribute(scope, "owner", entry.owner),
            group=compiled.attribute(scope, "group", entry.group),
            mode=compiled.attribute(scope, "mode", entry.mode),
            context=compiled.attribute(scope, "context", entry.context),
            validate=compiled.command(scope, entry.validate),
        )
        self._files[path] = (file, self._fleet.seen.asked > asked)

    def _claim(self, path: str, template: str, where: str) -> None:
        """Refuse a path that is taken, or that is a folder of another's or within another."""
        if path in self._files:
            other = self._files[path][0].template
            both = f"the templates {other} and {template} both make {path}"
            raise Failure(both if other != template else f"{path} is made twice", where=where)
        parents = list(map(str, PurePosixPath(path).parents))
        file = next((parent for parent in parents if parent in self._files), path if path in self._folders else "")
        if file:
            below = path if file != path else self._folders[path]
            raise Failure(f"{file} is a file, and a folder for {below}", where=where)
        self._folders.update(dict.fromkeys(parents, path))

    def _add_object(self, entry: FileEntry, compiled: Compiled, scope: Scope, xml: str) -> None:
        kind, name = compiled.attribute(scope, "target", entry.target)
        if (kind, name) in self._objects:
            other = self._objects[kind, name].template
            raise Failure(f"{kind} {name} is made by {other} and {compiled.template.name}", where=entry.where)
        self._objects[kind, name] = DesiredObject(template=compiled.template.name, kind=kind, name=name, xml=xml)

    def finish(self) -> Desired:
        """Return the whole; by now all secrets of the host are known."""
        return Desired(
            host=self._host.name,
            templates=tuple(self._templates),
            files=tuple(self._with_secrets_of(file, asked=asked) for file, asked in self._files.values()),
            objects=tuple(self._with_secrets(made) for made in self._objects.values()),
            checks=tuple(self._checks),
            handlers=tuple(
                DesiredHandler(templates=tuple(dict.fromkeys(names)), command=command)
                for command, names in self._handlers.items()
            ),
        )

    def _with_secrets_of(self, file: DesiredFile, *, asked: bool) -> DesiredFile:
        """Return a file with the secrets in it; the whole is one where it asked for one that is not to be found."""
        if not self._fleet.seen:
            return file
        content = file.content.decode("utf-8")
        found = self._fleet.seen.found_in(content)
        return msgspec.structs.replace(file, secrets=found or ((content,) if asked else ()))

    def _with_secrets(self, made: DesiredObject) -> DesiredObject:
        if not self._fleet.seen:
            return made
        return msgspec.structs.replace(made, secrets=self._fleet.seen.found_in(made.xml))


def _undefined_name(error: BaseException) -> str:
    match = _UNDEFINED.match(str(error)) if isinstance(error, UndefinedError) else None
    return match[1] if match else ""


def _hint(error: BaseException, scope: Scope) -> str:
    """Return what is most likely meant."""
    if name := _undefined_name(error):
        return near(name, (*scope.names(), *BUILT_IN)) or "set it in group_vars/ or host_vars/, or give it a default"
    if isinstance(error, TemplateAssertionError) and (match := _NO_FILTER.match(str(error))):
        known = FILTERS if match[1] == "filter" else TESTS
        return near(match[2], (*known, *(DEFAULT_FILTERS if match[1] == "filter" else DEFAULT_TESTS)))
    return ""
