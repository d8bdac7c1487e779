"""Puts together what one host should have: files, objects, checks and handlers, template after template."""

import re
from collections.abc import Iterator

import msgspec

from omc.site import SiteHost
from omc.templates.desired import Desired, DesiredFile, DesiredHandler, DesiredObject, LeftOut, SetCheck
from omc.templates.manifest import FileEntry, Value
from omc.templates.render.compiled import Compiled
from omc.templates.render.filling import Failure, TooMuch
from omc.templates.render.fleet import Fleet
from omc.templates.render.scope import Scope
from omc.templates.render.world import Limits

DOES_NOT_HOLD = "this does not hold"
IS_EMPTY = "this is empty"


class Draft:
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
        self._left_out: list[LeftOut] = []

    def add(self, compiled: Compiled, scope: Scope) -> None:
        """Add all of one template."""
        name = compiled.template.name
        self._templates.append(name)
        self._add_entries(compiled, scope)
        for check in compiled.manifest.checks:
            if compiled.holds(scope, check.when):
                beside = tuple(compiled.attribute(scope, "path", path) for path in check.beside)
                self._checks.append(
                    SetCheck(template=name, command=compiled.command(scope, check.command), beside=beside)
                )
        for handler in compiled.manifest.handlers:
            if compiled.holds(scope, handler.when):
                self._handlers.setdefault(compiled.command(scope, handler.command), []).append(name)

    def leave_out(self, template: str, reason: str) -> None:
        """Note a template that is not for the host."""
        self._left_out.append(LeftOut(template=template, reason=reason))

    def leave_out_by(self, scope: Scope, failing: Value, *, word: str = DOES_NOT_HOLD, applies: bool = False) -> None:
        """Note a template by what does not hold, and which of its variables nobody set."""
        assert scope.template is not None
        text = str(failing.raw).lower() if isinstance(failing.raw, bool) else str(failing.raw)
        names = [name for name in scope.not_set() if re.search(rf"\b{re.escape(name)}\b", text)]
        hint = f"set {' or '.join(names)}: omc template show {scope.template.name}" if names else ""
        shown = f"{word}: {' '.join(text.split())}"
        self._left_out.append(LeftOut(template=scope.template.name, reason=shown, hint=hint, applies=applies))

    def _add_entries(self, compiled: Compiled, scope: Scope) -> None:
        """Add the files of one template; where it has none for the host, note why."""
        before = len(self._files) + len(self._objects)
        reason: tuple[Value, str] | None = None
        for entry in compiled.manifest.files:
            scopes = list(self._scopes(entry, compiled, scope))
            for inner in scopes:
                failing = compiled.failing(inner, entry.when)
                if failing is None:
                    self._add_entry(entry, compiled, inner)
                else:
                    reason = reason or (failing, DOES_NOT_HOLD)
            if entry.loop is not None and not scopes:
                reason = reason or (entry.loop, IS_EMPTY)
        if reason is not None and before == len(self._files) + len(self._objects):
            self.leave_out_by(scope, reason[0], word=reason[1], applies=True)

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
        parents = list(_parents(path))
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
            left_out=tuple(self._left_out),
        )

    def _with_secrets_of(self, file: DesiredFile, *, asked: bool) -> DesiredFile:
        """Return a file with the secrets in it; the whole is one where it asked for one that is not to be found."""
        if not self._fleet.seen.active:
            return file
        content = file.content.decode("utf-8")
        found = self._fleet.seen.found_in(content)
        return msgspec.structs.replace(file, secrets=found or ((content,) if asked else ()))

    def _with_secrets(self, made: DesiredObject) -> DesiredObject:
        if not self._fleet.seen.active:
            return made
        return msgspec.structs.replace(made, secrets=self._fleet.seen.found_in(made.xml))


def _parents(path: str) -> Iterator[str]:
    """Yield the folders above a path, the nearest first, without /; quicker than pathlib, and once for every file."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)
