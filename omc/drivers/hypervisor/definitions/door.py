"""The definitions of one host: `omc.ports.Definitions` over libvirt, each call left behind at the deadline."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import libvirt

from omc.drivers.hypervisor.connection import keep_open, open_connection
from omc.drivers.hypervisor.definitions import running
from omc.drivers.hypervisor.definitions.kinds import KINDS, NO_SUCH_FLAG, Kind, is_missing
from omc.drivers.hypervisor.definitions.schema import schema_faults
from omc.drivers.hypervisor.faults import message, number
from omc.errors import DeadlineError, HostError
from omc.ports import Definition, LiveUpdate, Usage

T = TypeVar("T")
_CODES = {
    libvirt.VIR_ERR_OPERATION_DENIED: "permission",
    libvirt.VIR_ERR_AUTH_UNAVAILABLE: "permission",
    libvirt.VIR_ERR_ACCESS_DENIED: "permission",
    libvirt.VIR_ERR_XML_INVALID_SCHEMA: "validation",
    libvirt.VIR_ERR_XML_ERROR: "validation",
    libvirt.VIR_ERR_XML_DETAIL: "validation",
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED: "validation",
}
_NO_DEFINITION = "<omc/>"
"""Of no kind: refused for what it is by a libvirt that may be written to, and for who asks by one that may not."""

_HINTS = {
    "permission": "this user may only read there: see docs/how-to/connect.md",
    "validation": "mend the template: libvirt.org/format.html has the elements",
}


def open_definitions(uri: str, deadline: float) -> "LibvirtDefinitions":
    """Connect to write before the deadline; HostError where the host cannot be reached, or the user may not."""
    connection = open_connection(uri, read_write=True, deadline=deadline)
    return LibvirtDefinitions(connection, deadline)


class LibvirtDefinitions:
    """The definitions of one host."""

    def __init__(self, connection: libvirt.virConnect, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._hangs = False
        self._may_write: set[str] = set()

    def read(self, kind: str, name: str) -> Definition | None:
        """Return the definition that counts from the next start on; None where there is none."""
        one = KINDS[kind]

        def read() -> Definition | None:
            self._demand_write(one, kind)
            return self._read(one, kind, name)

        return self._call(f"{kind} {name}", read)

    def faults(self, kind: str, xml: str) -> str:
        """Say why the XML does not follow the schema of the library here, unless the host's is newer."""
        version = self._call("host", self._connection.getLibVersion)
        return "" if version > libvirt.getVersion() else schema_faults(kind, xml)

    def define(self, kind: str, name: str, xml: str) -> Definition:
        """Define it anew; return it as libvirt keeps it."""
        one = KINDS[kind]

        def define() -> Definition | None:
            self._define(one, kind, xml)
            return self._read(one, kind, name)

        made = self._call(f"{kind} {name}", define)
        if made is None:
            raise HostError(f"{kind} {name}: libvirt took it, and has none of that name", code="validation")
        return made

    def undefine(self, kind: str, name: str) -> None:
        """Take the definition away."""
        one = KINDS[kind]

        def undefine() -> None:
            found = _find(one, self._connection, name)
            if found is None:
                return
            if one.runs(found):
                hint = "it was defined by this run and was started since: stop it first"
                raise HostError(f"{kind} {name} runs", code="active", hint=hint)
            one.undefine(found)

        self._call(f"{kind} {name}", undefine)

    def usage(self, kind: str, name: str) -> Usage:
        """Say which running guests use it, and what stands against restarting it."""
        return self._with(kind, name, lambda found: running.usage(self._connection, kind, found)) or Usage()

    def update(self, name: str, updates: Sequence[LiveUpdate]) -> None:
        """Change a network that runs, and nothing of its definition."""
        if updates:
            self._with("network", name, lambda found: running.update(found, updates))

    def restart(self, kind: str, name: str) -> None:
        """Stop and start it."""
        self._with(kind, name, lambda found: running.restart(self._connection, kind, found))

    def start(self, kind: str, name: str) -> None:
        """Start it where it stands still, and attach guests that have lost it."""
        self._with(kind, name, lambda found: running.start(self._connection, kind, found))

    def close(self) -> None:
        """End the connection, unless it stands still."""
        if not self._hangs:
            try:
                self._connection.close()
            except libvirt.libvirtError:
                keep_open([self._connection])

    def _with(self, kind: str, name: str, act: Callable[[Any], T]) -> T | None:
        """Do something with an object; nothing where there is none of that name."""

        def attempt() -> T | None:
            found = _find(KINDS[kind], self._connection, name)
            return None if found is None else act(found)

        return self._call(f"{kind} {name}", attempt)

    def _read(self, one: Kind, kind: str, name: str) -> Definition | None:
        found = _find(one, self._connection, name)
        if found is None or not one.persists(found):
            return None
        active = one.runs(found)
        live = one.live(found) if active else ""
        return Definition(kind=kind, name=name, xml=one.read(found), active=active, live=live)

    def _demand_write(self, one: Kind, kind: str) -> None:
        """Raise where the user may not define objects of that kind: better now than when the files are in place."""
        if kind in self._may_write:
            return
        try:
            one.define(self._connection, _NO_DEFINITION, 0)
        except libvirt.libvirtError as error:
            if _CODES.get(number(error)) == "permission":
                raise
        self._may_write.add(kind)

    def _define(self, one: Kind, kind: str, xml: str) -> None:
        try:
            one.define(self._connection, xml, one.validate)
        except libvirt.libvirtError as error:
            if number(error) in NO_SUCH_FLAG and "flags" in message(error):
                hint = "libvirt 7.7 and newer checks a definition against its schema"
                raise HostError(f"{kind}: {message(error)}", code="unsupported", hint=hint) from None
            raise

    def _call(self, subject: str, call: Callable[[], T]) -> T:
        """Return what the call gives; it goes on behind our back where it takes too long, and nobody waits for it."""
        box: list[Any] = []
        done = threading.Event()

        def attempt() -> None:
            try:
                box.append((call(), None))
            except (libvirt.libvirtError, HostError) as error:
                box.append((None, error))
            finally:
                done.set()

        threading.Thread(target=attempt, daemon=True, name="omc-definition").start()
        if self._hangs or not done.wait(max(0.0, self._deadline - time.monotonic())):
            self._hangs = True
            keep_open([self._connection])
            raise DeadlineError(f"{subject}: libvirt did not answer in time", hint="see the log of its daemon there")
        value, error = box[0]
        if isinstance(error, libvirt.libvirtError):
            raise _refused(subject, error)
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]


def _find(one: Kind, connection: libvirt.virConnect, name: str) -> Any:
    try:
        return one.find(connection, name)
    except libvirt.libvirtError as error:
        if is_missing(error):
            return None
        raise


def _refused(subject: str, error: libvirt.libvirtError) -> HostError:
    code = _CODES.get(number(error), "failed")
    return HostError(f"{subject}: {message(error)}", code=code, hint=_HINTS.get(code, ""))
