"""What the hosts of one run share of files: SSH configurations and known hosts, each read once."""

import threading
from collections.abc import Sequence
from pathlib import Path

from omc.drivers.ssh import arguments, known_hosts
from omc.drivers.ssh.config import Configuration
from omc.drivers.ssh.known_hosts import KnownHosts
from omc.drivers.ssh.options import SshOptions
from omc.drivers.ssh.settings import Resolver, Settings
from omc.drivers.ssh.trust import Place, Trust
from omc.errors import SiteError

_MOST_FAULTS = 3


class Setup:
    """Thread-safe; everything is read when it is first needed."""

    def __init__(self, options: SshOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._resolvers: dict[tuple[str, ...], Resolver] = {}
        self._known: dict[tuple[Path, ...], KnownHosts] = {}
        self._said: set[str] = set()

    def resolver(self, words: Sequence[str]) -> Resolver:
        """Return what applies the configuration that these arguments of ssh leave; SiteError where it is broken."""
        key = tuple(words)
        with self._lock:
            if key not in self._resolvers:
                self._resolvers[key] = self._read(arguments.read(words))
            return self._resolvers[key]

    def trust(self, settings: Settings) -> Trust:
        """Return what known_hosts says of a host."""
        with self._lock:
            if settings.known_hosts not in self._known:
                self._known[settings.known_hosts] = known = known_hosts.read(settings.known_hosts)
                for fault in known.faults[:_MOST_FAULTS]:
                    self._say(fault)
            known = self._known[settings.known_hosts]
        file = str(settings.known_hosts[0]) if settings.known_hosts else "known_hosts"
        return Trust(known, Place(settings.name, settings.known_as, settings.port, file))

    def warn(self, text: str) -> None:
        """Say something, once a run."""
        with self._lock:
            self._say(text)

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._options.warn(text)

    def _read(self, given: arguments.Arguments) -> Resolver:
        configuration, home = Configuration(), self._options.home
        for ignored in given.ignored:
            self._say(f"{arguments.WHERE}: {ignored} is not honoured")
        configuration.add_options(given.options)
        if given.config.lower() == "none":
            return Resolver(configuration, home, self.warn)
        if given.config:
            path = Path(given.config.replace("~", str(home), 1) if given.config.startswith("~/") else given.config)
            if path.is_dir() or not path.exists():  # /dev/null is a usual one
                raise SiteError(
                    "there is no such SSH configuration", where=str(path), hint=f"see -F in {arguments.WHERE}"
                )
            configuration.add_file(path, home, self._say)
        else:
            configuration.add_file(home / ".ssh" / "config", home, self._say)
            configuration.add_file(self._options.system_config, home, self._say)
        return Resolver(configuration, home, self.warn)
