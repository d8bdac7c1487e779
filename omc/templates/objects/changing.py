"""Changes one host with libvirt objects: its files and handlers first, as always, then the definitions.

Files come first because definitions may need what they bring (a bridge, a daemon's new settings); handlers run with
them, in the host's own one step. Where a definition is refused, those of this run are put back, and the files too.
"""

import shlex
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from omc.errors import HostError
from omc.ports import RunFile, RunHost
from omc.templates.carry import HELD, failed
from omc.templates.changing import LOST, Changing
from omc.templates.connections import Connections
from omc.templates.fingerprint import KEYED, Fingerprints
from omc.templates.objects.comparison import ObjectChange, digest_of, path_of, present_text
from omc.templates.objects.effect import NOW, RESTART
from omc.templates.objects.looking import Open, opened
from omc.templates.objects.putting import SECONDS, put_back, put_in_force, seconds_for, text_now
from omc.templates.plan import called_for
from omc.templates.remote.complete import complete
from omc.templates.remote.keep import Kept, keep, kept
from omc.templates.remote.rollback import rollback
from omc.templates.task import Task, run_files
from omc.templates.telling import message_of

_FILES_SECONDS = 600.0


class _Begun(NamedTuple):
    """Objects that may have been changed, and what libvirt made of definitions, by their paths."""

    objects: Sequence[Kept]
    made: Mapping[str, str]


class ChangingObjects:
    """Changes hosts, one call a host; thread-safe. `files` changes a host's files.

    Of a host that waits to be confirmed, the objects are defined once it is; what would take effect now is refused, for
    the host cannot put it back by itself.
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
            record = self._files(task)
            return self._define(task, record) if task.desired.objects and _is_begun(record, task) else record
        if self._files.confirms and (reason := _not_confirmable(task)):
            return failed(task.host, "refused", HostError(reason, code="confirm"))
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
                if not objects or not keep(shell, self._run, task.host, objects, deadline=started + SECONDS):
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
            self._complete(task)
        except HostError as error:
            return self._given_up(task, record, error, _Begun(begun, made))
        files = tuple(self._as_made(file, made) for file in run_files(task.plan))
        seconds = round((record.seconds or 0.0) + time.monotonic() - started, 3)
        return msgspec.structs.replace(record, status="changed", code="", message="", files=files, seconds=seconds)

    def _complete(self, task: Task) -> None:
        """Run the handlers that follow the objects, also over a second line; raise HostError where one fails."""
        deadline = time.monotonic() + _FILES_SECONDS
        for last in (False, True):
            try:
                with self._connections.to(task.host, time.monotonic() + SECONDS, fresh=last) as shell:
                    outcome = complete(shell, self._run, task.host, deadline=deadline)
                break
            except HostError as error:
                if last or error.code not in LOST:
                    raise
        if outcome.status not in ("changed", "unchanged"):
            raise HostError(message_of(outcome, task.redactor()), code=outcome.code or "failed")

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
                deadline = time.monotonic() + _FILES_SECONDS
                outcome = rollback(shell, self._run, task.host, deadline=deadline)
                if outcome.status == "rolled_back" and not left:
                    outcome = complete(shell, self._run, task.host, deadline=deadline)
            if outcome.status not in ("rolled_back", "restored") and outcome.code != "already":
                said_last = message_of(outcome, task.redactor())
                left.append(f"the files could not be put back: {said_last}")
        except HostError as again:
            left.append(f"the files could not be put back: {again.message}")
        message = "\n".join([*said, *map(task.redactor().text, left)])
        return msgspec.structs.replace(
            record, status="failed" if left else "restored", code=error.code, message=message
        )


def _not_confirmable(task: Task) -> str:
    """Return why a host cannot be put back by itself; "" where it can."""
    now = [change.path for change in task.objects if change.effect in (NOW, RESTART)]
    if now:
        return f"{now[0]}: it takes effect now, and --confirm puts back files alone"
    late = called_for(task.plan, task.desired)[1]
    return f"{shlex.join(late[0])} follows libvirt objects, and --confirm puts back files alone" if late else ""


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
    return record.status in ("changed", "unchanged") or _is_begun(record, task)


def _is_begun(record: RunHost, task: Task) -> bool:
    return record.code == "exists" and not task.file_changes
