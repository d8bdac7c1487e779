"""Changes one host with libvirt objects: its files and handlers first, as always, then the definitions.

Files come first because definitions may need what they bring (a bridge, a daemon's new settings); handlers run with
them, in the host's own one step. Where a definition is refused, those of this run are put back, and the files too.
"""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from omc.errors import HostError
from omc.ports import RunFile, RunHost
from omc.templates.carry import HELD, failed
from omc.templates.changing import Changing
from omc.templates.connections import Connections
from omc.templates.fingerprint import KEYED, Fingerprints
from omc.templates.objects.comparison import ObjectChange, digest_of, path_of, present_text
from omc.templates.objects.looking import Open, opened
from omc.templates.objects.putting import SECONDS, put_back, put_in_force, seconds_for, text_now
from omc.templates.remote.keep import Kept, keep, kept
from omc.templates.remote.rollback import rollback
from omc.templates.task import Task, run_files

_FILES_SECONDS = 600.0


class _Begun(NamedTuple):
    """Objects that may have been changed, and what libvirt made of definitions, by their paths."""

    objects: Sequence[Kept]
    made: Mapping[str, str]


class ChangingObjects:
    """Changes hosts, one call a host; thread-safe. `files` changes a host's files.

    Of a host that is held until it is confirmed, the objects are defined once it is.
    """

    def __init__(
        self,
        run: str,
        files: Changing,
        connections: Connections,
        *,
        open_: Open,
        fingerprints: Fingerprints,
    ) -> None:
        self._run, self._files, self._connections = run, files, connections
        self._open, self._fingerprints = open_, fingerprints
        self._held: dict[str, Task] = {}

    def __call__(self, task: Task) -> RunHost:
        """Change the host, and return what came of it."""
        if not task.objects:
            return self._files(task)
        try:
            with opened(self._open, task.host, time.monotonic() + SECONDS) as definitions:
                for change in task.objects:
                    _demand_unchanged(text_now(definitions, change.kind, change.name), change)
        except HostError as error:
            return failed(task.host, "refused" if error.code == "changed_since_plan" else "unreachable", error)
        record = self._files(task)
        if record.code == HELD:
            self._held[task.host] = task
        return self._define(task, record) if _is_through(record, task) else record

    def seconds_left(self) -> float:
        """Return how long the first host that is held still waits before it puts itself back."""
        return self._files.seconds_left()

    def settle(self, host: RunHost, reason: str) -> RunHost:
        """Confirm a host that is held and define its objects; where there is a `reason` against it, put it back."""
        record = self._files.settle(host, reason)
        task = self._held.pop(host.host, None)
        return self._define(task, record) if task is not None and _is_through(record, task) else record

    def _define(self, task: Task, record: RunHost) -> RunHost:
        started = time.monotonic()
        objects = [_as_kept(change) for change in task.objects]
        made: dict[str, str] = {}
        begun: list[Kept] = []
        try:
            with self._connections.to(task.host, started + SECONDS) as shell:
                if not keep(shell, self._run, task.host, objects, deadline=started + SECONDS):
                    objects = list(kept(shell, self._run, task.host, deadline=started + SECONDS))
                    begun = list(objects)
            with opened(self._open, task.host, time.monotonic() + seconds_for(objects)) as definitions:
                for change in task.objects:
                    _demand_unchanged(text_now(definitions, change.kind, change.name), change)
                    begun += [one for one in objects if one not in begun and _is_of(one, change)]
                    if change.before != change.after:
                        made[change.path] = present_text(definitions.define(change.kind, change.name, change.after))
                for one in objects:
                    put_in_force(definitions, one)
        except HostError as error:
            return self._given_up(task, record, error, _Begun(begun, made))
        files = tuple(self._as_made(file, made) for file in run_files(task.plan))
        seconds = round((record.seconds or 0.0) + time.monotonic() - started, 3)
        return msgspec.structs.replace(record, status="changed", code="", message="", files=files, seconds=seconds)

    def _as_made(self, file: RunFile, made: dict[str, str]) -> RunFile:
        """Return the record of an object with the fingerprint of what libvirt made of it."""
        if file.path not in made:
            return file
        secret = (file.after or "").startswith(KEYED)
        return msgspec.structs.replace(file, after=self._fingerprints.of(digest_of(made[file.path]), secret=secret))

    def _given_up(self, task: Task, record: RunHost, error: HostError, begun: _Begun) -> RunHost:
        """Put back what was defined, and the files; the record says why, and what could not be put back."""
        said = [task.redactor().text(error.message)]
        left = []
        if begun.objects:
            try:
                seconds = seconds_for(begun.objects)
                with opened(self._open, task.host, time.monotonic() + seconds) as definitions:
                    put_back(definitions, begun.objects, lambda path, now: begun.made.get(path) == now)
            except HostError as again:
                left.append(f"the definitions could not be put back: {again.message}")
        try:
            with self._connections.to(task.host, time.monotonic() + SECONDS, fresh=True) as shell:
                outcome = rollback(shell, self._run, task.host, deadline=time.monotonic() + _FILES_SECONDS)
            if outcome.status not in ("rolled_back", "restored"):
                left.append(f"the files could not be put back: {outcome.message or outcome.code}")
        except HostError as again:
            left.append(f"the files could not be put back: {again.message}")
        message = "\n".join([*said, *map(task.redactor().text, left)])
        return msgspec.structs.replace(
            record, status="failed" if left else "restored", code=error.code, message=message
        )


def _as_kept(change: ObjectChange) -> Kept:
    return Kept(
        kind=change.kind,
        name=change.name,
        before=change.before,
        after=change.after,
        live=change.live,
        effect=change.effect,
    )


def _is_of(one: Kept, change: ObjectChange) -> bool:
    return (one.kind, one.name) == (change.kind, change.name)


def _demand_unchanged(now: str | None, change: ObjectChange) -> None:
    if now != change.before:
        message = f"{path_of(change.kind, change.name)}: it changed on the host since it was looked at"
        raise HostError(message, code="changed_since_plan")


def _is_through(record: RunHost, task: Task) -> bool:
    """Tell whether the files are in place; a run that is resumed may have put them there before."""
    again = record.code == "exists" and not task.file_changes and not task.plan.pending
    return record.status in ("changed", "unchanged") or again
