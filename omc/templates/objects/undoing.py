"""Puts the libvirt objects of one host back to what they were before a run, and finishes a run that was cut off."""

import time
from collections.abc import Sequence

import msgspec

from omc.errors import HostError
from omc.ports import RunHost
from omc.templates.carry import failed
from omc.templates.connections import Connections
from omc.templates.fingerprint import Fingerprints
from omc.templates.objects.comparison import digest_of
from omc.templates.objects.looking import Open, opened
from omc.templates.objects.putting import SECONDS, IsMade, demand_ours, put_back, seconds_for
from omc.templates.plan import is_object
from omc.templates.remote.complete import complete
from omc.templates.remote.job import Outcome
from omc.templates.remote.keep import Kept, kept
from omc.templates.undoing import HOST_SECONDS, Resuming, Undoing

_REFUSED = ("changed_since", "protocol")


class UndoingObjects:
    """Puts hosts back, one call a host; thread-safe. `files` puts a host's files back, and comes first.

    With `fingerprints`, an object that is no longer as the run left it is in the way; without, it is put back too.
    """

    def __init__(
        self,
        run: str,
        files: Undoing | Resuming,
        connections: Connections,
        *,
        open_: Open,
        fingerprints: Fingerprints | None,
    ) -> None:
        self._run, self._files, self._connections = run, files, connections
        self._open, self._fingerprints = open_, fingerprints

    def __call__(self, host: RunHost) -> RunHost:
        """Put the host back; one whose objects changed since is refused before anything is touched."""
        if not has_objects(host):
            return self._files(host)
        is_made = self._is_made(host)
        try:
            objects = self._kept(host)
            if objects and is_made is not None:
                with opened(self._open, host.host, time.monotonic() + SECONDS) as definitions:
                    demand_ours(definitions, objects, is_made)
        except HostError as error:
            return failed(host.host, "refused" if error.code in _REFUSED else "unreachable", error)
        record = self._files(host)
        return self._put_back(record, objects, is_made) if objects and _is_back(record) else record

    def _is_made(self, host: RunHost) -> IsMade | None:
        if (prints := self._fingerprints) is None:
            return None
        made = {file.path: file.after for file in host.files if file.after is not None}
        return lambda path, now: path in made and prints.fits(made[path], digest_of(now))

    def _kept(self, host: RunHost) -> tuple[Kept, ...]:
        deadline = time.monotonic() + SECONDS
        with self._connections.to(host.host, deadline, fresh=True) as shell:
            return kept(shell, self._run, host.host, deadline=deadline)

    def go_on(self, host: RunHost, record: RunHost) -> RunHost:
        """Put the objects back of a host whose files are back already."""
        try:
            return self._put_back(record, self._kept(host), self._is_made(host))
        except HostError as error:
            return failed(host.host, "unknown", error)

    def _complete(self, host: str) -> Outcome:
        with self._connections.to(host, time.monotonic() + SECONDS, fresh=True) as shell:
            return complete(shell, self._run, host, deadline=time.monotonic() + HOST_SECONDS)

    def _put_back(self, record: RunHost, objects: tuple[Kept, ...], is_made: IsMade | None) -> RunHost:
        try:
            with opened(self._open, record.host, time.monotonic() + seconds_for(objects)) as definitions:
                count = put_back(definitions, objects, is_made)
            said = self._complete(record.host)
        except HostError as error:
            return msgspec.structs.replace(record, status="failed", code=error.code, message=error.message)
        if said.status == "failed":
            return msgspec.structs.replace(
                record, status="failed", code=said.code, message=self._files.told(record.host, said)
            )
        if not count and said.code == "already":
            return record
        return msgspec.structs.replace(record, status="rolled_back", code="", message="")


def has_objects(host: RunHost) -> bool:
    """Tell whether a run has libvirt objects on that host."""
    return any(is_object(file.path) for file in host.files)


class ResumingObjects:
    """Finishes the hosts of a run by `files`, and leaves their objects to be looked at and begun again; thread-safe.

    Where objects were being put back, `undoing` goes on with that.
    """

    def __init__(self, hosts: Sequence[RunHost], files: Resuming, undoing: UndoingObjects) -> None:
        self._files, self._undoing = files, undoing
        self._begun = {host.host: host for host in hosts if has_objects(host)}

    def __call__(self, host: RunHost) -> RunHost:
        """Finish the host."""
        return self._with_objects(self._files(host))

    def seconds_left(self) -> float:
        """Return how long the first host still waits to be confirmed."""
        return self._files.seconds_left()

    def settle(self, host: RunHost, reason: str) -> RunHost:
        """Confirm a host that waits, or put it back."""
        return self._with_objects(self._files.settle(host, reason))

    def _with_objects(self, record: RunHost) -> RunHost:
        host = self._begun.get(record.host)
        if host is None:
            return record
        if record.status == "changed":
            return msgspec.structs.replace(record, status="not_begun", code="")
        return self._undoing.go_on(host, record) if record.status == "rolled_back" else record


def _is_back(record: RunHost) -> bool:
    return record.status in ("rolled_back", "skipped")
