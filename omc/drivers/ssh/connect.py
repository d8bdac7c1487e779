"""Makes connections: the line, the handshake, the login; through bastions, and a few at a time for each sshd."""

import threading
import time
from collections.abc import Sequence

import msgspec
from paramiko import SSHException

from omc.drivers.ssh.algorithms import chosen
from omc.drivers.ssh.faults import Dropped, session_fault
from omc.drivers.ssh.gates import Gates, pause
from omc.drivers.ssh.identities import Identities
from omc.drivers.ssh.jumps import hop
from omc.drivers.ssh.line import Line
from omc.drivers.ssh.login import log_in
from omc.drivers.ssh.options import SshOptions
from omc.drivers.ssh.route import by_command, by_tcp, through
from omc.drivers.ssh.session import Session
from omc.drivers.ssh.settings import Settings
from omc.drivers.ssh.setup import Setup
from omc.drivers.ssh.watch import Watch
from omc.errors import DeadlineError, HostError

_SAME_FAULT_SECONDS = 5.0
Way = tuple[tuple[str, ...], ...]
"""Bastions that are being connected to, each by its way."""


class Connector:
    """All connections of one run. Thread-safe."""

    def __init__(self, options: SshOptions, setup: Setup, watch: Watch) -> None:
        self._options = options
        self._setup = setup
        self._watch = watch
        self._gates = Gates()
        self._identities = Identities(setup.warn)
        self._lock = threading.Lock()
        self._bastions: dict[tuple[str, ...], _Bastion] = {}

    def connect(self, settings: Settings, config: Sequence[str], deadline: float, way: Way = ()) -> Session:
        """Return a connection that is logged in; HostError where there can be none.

        `config` are ssh's arguments that name the configuration file, for bastions; `way` are the bastions that this
        connection itself is for.
        """
        attempt = 0
        while True:
            try:
                return self._attempt(settings, config, deadline, way)
            except Dropped as error:
                if not pause(attempt, deadline):
                    message = f"{error.message} ({attempt + 1} attempts)"
                    raise HostError(message, code=error.code, where=error.where, hint=error.hint) from error
                attempt += 1

    def close(self) -> None:
        """End the connections to bastions."""
        with self._lock:
            bastions = list(self._bastions.values())
        for bastion in bastions:
            if bastion.session is not None:
                bastion.session.finish()

    def _attempt(self, settings: Settings, config: Sequence[str], deadline: float, way: Way) -> Session:
        trust, algorithms = self._setup.trust(settings), chosen(settings.algorithms)
        bastion = self._bastion(settings, config, deadline, way) if settings.jumps else None
        key = (settings.jumps, settings.address, settings.port)
        with self._gates.through(key, settings.name, deadline):
            seconds = min(settings.connect_seconds or self._options.connect_seconds, deadline - time.monotonic())
            session = Session(self._line(settings, bastion, seconds), algorithms, trust)
            session.banner_timeout = seconds
            try:
                self._log_in(session, settings, deadline, seconds)
            except BaseException:
                session.finish()
                raise
        if settings.alive_seconds:
            session.watch_life(settings.alive_seconds, settings.alive_count)
        return session

    def _line(self, settings: Settings, bastion: Session | None, seconds: float) -> Line:
        if seconds <= 0:
            raise DeadlineError("not reached before the deadline", where=settings.name, hint="raise --timeout")
        if bastion is not None:
            return through(bastion, settings, seconds)
        if settings.proxy_command:
            return by_command(settings)
        return by_tcp(settings, seconds)

    def _log_in(self, session: Session, settings: Settings, deadline: float, seconds: float) -> None:
        started = time.monotonic()
        with self._watch.until(deadline, session.abort) as is_late:
            try:
                session.shake_hands()
                log_in(session, settings, self._identities)
            except (SSHException, EOFError, OSError, HostError) as error:
                greeted = bool(session.remote_version)
                if is_late():
                    raise DeadlineError("no login in time", where=settings.name, hint="raise --timeout") from error
                if not greeted and time.monotonic() - started >= seconds * 0.9:
                    message = f"{settings.address} port {settings.port} takes connections and says nothing"
                    raise HostError(
                        message, code="unreachable", where=settings.name, hint="is its sshd hung?"
                    ) from error
                if isinstance(error, HostError):
                    raise
                raise session_fault(error, settings, greeted=greeted) from error

    def _bastion(self, settings: Settings, config: Sequence[str], deadline: float, way: Way) -> Session:
        """Return the connection to the last bastion before a host, one for all hosts behind it."""
        if settings.jumps in way:
            message = f"the bastions go in a circle: {' behind '.join(jumps[-1] for jumps in (*way, settings.jumps))}"
            raise HostError(message, code="configuration", where=settings.name, hint="mend ProxyJump")
        with self._lock:
            bastion = self._bastions.setdefault((*settings.jumps, *config), _Bastion())
        if not bastion.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            message = f"the bastion {settings.jumps[-1]} was not reached in time"
            raise DeadlineError(message, where=settings.name, hint="raise --timeout")
        try:
            if bastion.session is None or not bastion.session.is_active():
                bastion.raise_recent(settings)
                bastion.session = self._to_bastion(bastion, settings, config, deadline, way)
            return bastion.session
        finally:
            bastion.lock.release()

    def _to_bastion(
        self, bastion: "_Bastion", settings: Settings, config: Sequence[str], deadline: float, way: Way
    ) -> Session:
        own = self._setup.resolver(config).settings(hop(settings.jumps[-1], settings.name))
        if len(settings.jumps) > 1:
            own = msgspec.structs.replace(own, jumps=settings.jumps[:-1], proxy_command="")
        try:
            return self.connect(own, config, deadline, (*way, settings.jumps))
        except HostError as error:
            bastion.fault, bastion.failed_at = error, time.monotonic()
            bastion.raise_recent(settings)
            raise


class _Bastion:
    """One bastion: its connection, or why there is none. All hosts behind it wait for the same attempt."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.session: Session | None = None
        self.fault: HostError | None = None
        self.failed_at = 0.0

    def raise_recent(self, settings: Settings) -> None:
        """Raise why it could not be reached a moment ago, as the fault of a host behind it."""
        fault = self.fault
        if fault is not None and time.monotonic() - self.failed_at < _SAME_FAULT_SECONDS:
            message = f"bastion {fault.where}: {fault.message}"
            raise HostError(message, code=fault.code, where=settings.name, hint=fault.hint) from fault
