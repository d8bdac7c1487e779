"""Looks at the libvirt objects of hosts, over a connection that may write; one that may not is of no use to a plan."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from omc.errors import HostError
from omc.ports import AppliedFile, Definitions
from omc.templates.desired import Desired, DesiredObject
from omc.templates.fingerprint import Fingerprints
from omc.templates.objects.comparison import ComparedObject, checked, compare, digest_of, last_of
from omc.templates.objects.document import UnfitError
from omc.templates.objects.effect import with_effect
from omc.templates.objects.putting import text_now
from omc.templates.plan import OBJECT
from omc.templates.remote.state import FileState

Open = Callable[[str, float], Definitions]
"""Connects to the libvirt of a host, before a time of time.monotonic()."""


class Objects:
    """The libvirt objects of hosts; thread-safe. `applied` gives what was last applied to each path of a host.

    With `disruptive`, what counts from a restart on is to be restarted.
    """

    def __init__(
        self,
        open_: Open,
        fingerprints: Fingerprints,
        applied: Callable[[str], Mapping[str, AppliedFile]],
        *,
        disruptive: bool = False,
    ) -> None:
        self._open = open_
        self._fingerprints = fingerprints
        self._applied = applied
        self._disruptive = disruptive

    def look(self, desired: Desired, deadline: float) -> tuple[ComparedObject, ...]:
        """Return how a host's objects compare. Raises HostError where its libvirt cannot be asked, or written to."""
        last = self._applied(desired.host)
        found = []
        with opened(self._open, desired.host, deadline) as definitions:
            for one in desired.objects:
                try:
                    found.append(self._compared(one, definitions, last_of(last, one)))
                except UnfitError as error:
                    raise HostError(f"{one.kind} {one.name}: {error}", code="protocol") from None
        return tuple(found)

    def _compared(self, one: DesiredObject, definitions: Definitions, last: AppliedFile | None) -> ComparedObject:
        problem = checked(one) or definitions.faults(one.kind, one.xml)
        present = None if problem else definitions.read(one.kind, one.name)
        compared = compare(one, present, self._fingerprints, problem=problem, last=last)
        return with_effect(
            compared, present, lambda: definitions.usage(one.kind, one.name), disruptive=self._disruptive
        )


def states(open_: Open, host: str, paths: Sequence[str], deadline: float) -> dict[str, FileState]:
    """Return how a host's objects are by their paths, as `look` does of files."""
    found = {}
    with opened(open_, host, deadline) as definitions:
        for path in paths:
            kind, _, name = path.removeprefix(OBJECT).partition("/")
            now = text_now(definitions, kind, name)
            digest = "" if now is None else digest_of(now)
            found[path] = FileState(path=path, kind="missing" if now is None else "file", digest=digest)
    return found


@contextmanager
def opened(open_: Open, host: str, deadline: float) -> Iterator[Definitions]:
    """Give the definitions of a host, and close them."""
    definitions = open_(host, deadline)
    try:
        yield definitions
    finally:
        definitions.close()
