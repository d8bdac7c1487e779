"""The shell of one host over one SSH connection."""

import threading
import time
from collections.abc import Callable, Sequence

from paramiko import Channel, ChannelException, SSHException

from omc.drivers.shell import Exchange, Login, Request
from omc.drivers.ssh.faults import channel_fault
from omc.drivers.ssh.lane import Lane
from omc.drivers.ssh.session import Session
from omc.drivers.ssh.watch import Watch
from omc.errors import DeadlineError, HostError
from omc.ports import Answer

_MOMENT = 0.005
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4)


class SshShell:
    """One host's shell: `omc.ports.Shell` over an open connection. A deadline that passes ends the connection."""

    def __init__(self, session: Session, login: Login, watch: Watch) -> None:
        self._session = session
        self._login = login
        self._watch = watch
        self._proven = False
        self._ahead: _Ahead | None = None

    def run(self, script: str, data: Sequence[bytes] = (), *, deadline: float, most_bytes: int = 16 << 20) -> Answer:
        """Run a script in `sh`; see `omc.ports.Shell`."""
        request = Request(self._login, script, data)
        with self._watch.until(deadline, self._session.abort) as is_late:
            try:
                return self._run(request, deadline, most_bytes)
            except DeadlineError:
                self._session.abort()
                raise
            except (SSHException, EOFError, OSError, HostError) as error:
                fault = error if isinstance(error, HostError) else channel_fault(error, self._login.host)
                raise self._fault(fault, is_late=is_late()) from error.__cause__

    def close(self) -> None:
        """End the connection; see `omc.ports.Shell`."""
        if self._ahead is not None:
            self._ahead.prevent()
        self._session.finish()

    def _run(self, request: Request, deadline: float, most_bytes: int) -> Answer:
        if not self._session.is_active():
            raise HostError("the connection has ended", code="connection-lost", where=self._login.host)
        lane = Lane(self._channel(), self._login.host)
        try:
            exchange = Exchange(request, lane, deadline=deadline, most_bytes=most_bytes)
            answer = exchange.run(proven=self._proven)
        finally:
            lane.close()
        self._proven = True
        self._ahead = _Ahead(self._start, self._watch)
        return answer

    def _channel(self) -> Channel:
        ahead, self._ahead = self._ahead, None
        channel = ahead.take() if ahead is not None else None
        return channel if channel is not None else self._start()

    def _start(self) -> Channel:
        """Open a channel and start the command on it, which waits for its input."""
        channel = self._opened()
        channel.exec_command(self._login.command)
        return channel

    def _opened(self) -> Channel:
        """Open a channel; where a host allows one session at a time, its sshd may not have seen the last one end."""
        for seconds in _PAUSES:
            try:
                return self._session.open_session()
            except ChannelException:
                time.sleep(seconds)
        return self._session.open_session()

    def _fault(self, error: HostError, *, is_late: bool) -> HostError:
        """Return the error for a script that failed so: where the connection was ended from here, why it was."""
        if error.code != "connection-lost":
            return error
        if is_late:
            return DeadlineError("no answer in time", where=self._login.host, hint="raise --timeout")
        if self._session.fell_silent:
            message = f"the host has been silent for {self._session.fell_silent:.0f} s"
            return HostError(message, code=error.code, where=self._login.host, hint="is it up, and its sshd?")
        return error


class _Ahead:
    """A shell that is started on the host while nobody waits for it: the next script takes two round trips less.

    It begins a moment later, so that who closes after one script never asks for it. Until its input comes it does
    nothing but read.
    """

    def __init__(self, opening: Callable[[], Channel], watch: Watch) -> None:
        self._opening = opening
        self._channel: Channel | None = None
        self._done = threading.Event()
        thread = threading.Thread(target=self._open, daemon=True, name="omc-ssh-ahead")
        self._prevent = watch.after(_MOMENT, thread.start)

    def take(self) -> Channel | None:
        """Return its channel; None where there is none yet, or the host did not open one."""
        if self.prevent():
            return None
        self._done.wait()
        channel = self._channel
        return channel if channel is not None and not channel.closed else None

    def prevent(self) -> bool:
        """Ask for none any more; return whether that was in time."""
        return self._prevent()

    def _open(self) -> None:
        try:
            self._channel = self._opening()
        except (SSHException, EOFError, OSError):
            self._channel = None
        finally:
            self._done.set()
