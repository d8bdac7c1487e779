"""Opens hosts' shells over SSH; what hosts share is read and connected once: configuration, keys, bastions."""

import threading
from collections.abc import Sequence

from omc.drivers.shell.request import login_of
from omc.drivers.ssh.connect import Connector
from omc.drivers.ssh.options import SshOptions
from omc.drivers.ssh.session import Session
from omc.drivers.ssh.settings import Settings, Wanted
from omc.drivers.ssh.setup import Setup
from omc.drivers.ssh.shell import SshShell
from omc.drivers.ssh.watch import Watch
from omc.errors import HostError, SiteError
from omc.ports import Endpoint


class SshShells:
    """The shells of one run: `omc.ports.Shells` over SSH. Thread-safe."""

    def __init__(self, options: SshOptions) -> None:
        self._setup = Setup(options)
        self._watch = Watch()
        self._connector = Connector(options, self._setup, self._watch)
        self._lock = threading.Lock()
        self._open: list[Session] = []

    def open(self, endpoint: Endpoint, *, deadline: float) -> SshShell:
        """Connect and log in; see `omc.ports.Shells`."""
        login = login_of(endpoint)
        try:
            settings, config = self._settings(endpoint)
            session = self._connector.connect(settings, config, deadline)
        except SiteError as error:
            where = error.where if error.where != endpoint.host else "ssh configuration"
            message = f"{where}: {error.message}" if where else error.message
            raise HostError(message, code="configuration", where=endpoint.host, hint=error.hint) from error
        except HostError as error:
            error.where = endpoint.host
            raise
        with self._lock:
            self._open = [one for one in self._open if one.is_active()]
            self._open.append(session)
        return SshShell(session, login, self._watch)

    def close(self) -> None:
        """End every connection; see `omc.ports.Shells`."""
        with self._lock:
            sessions, self._open = self._open, []
        for session in sessions:
            session.finish()
        self._connector.close()

    def _settings(self, endpoint: Endpoint) -> tuple[Settings, Sequence[str]]:
        words = endpoint.ssh_arguments
        wanted = Wanted(
            host=endpoint.address, port=endpoint.port, user=endpoint.user, identity_file=endpoint.identity_file
        )
        settings = self._setup.resolver(words).settings(wanted)
        return settings, _config_only(words)


def _config_only(words: Sequence[str]) -> Sequence[str]:
    """Return the part of ssh's arguments that holds for bastions, too: which configuration file to read."""
    for at, word in enumerate(words):
        if word == "-F":
            return tuple(words[at : at + 2])
        if word.startswith("-F"):
            return (word,)
    return ()
