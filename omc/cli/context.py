"""What one run of omc works with: the common options, the site, the selected hosts, the store and the output.

Each is made when it is first asked for, so that a command pays only for what it uses; that is why the heavy imports
stand inside the functions. Nothing here prints except through `Run.output`.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from omc.cli.output import Output

if TYPE_CHECKING:
    from omc.audit.settings import AuditSettings
    from omc.inventory.store import Store
    from omc.ports import Hidden, Shells
    from omc.site import Site, SiteHost
    from omc.site.endpoints import Endpoints
    from omc.templates.secrets.lookup import Secrets

LIBVIRT_SOCKETS = (
    "/run/libvirt/libvirt-sock",
    "/run/libvirt/virtqemud-sock",
    "/run/libvirt/libvirt-sock-ro",
    "/run/libvirt/virtqemud-sock-ro",
)


class Options(NamedTuple):
    """The options that every command has; None is "not given", the site's settings then decide."""

    site: str | None = None
    parallel: int | None = None
    timeout: float | None = None
    verbose: int = 0
    log_format: str = "text"
    no_color: bool = False
    debug: bool = False
    ask_become_pass: bool = False


class Run:
    """One run of one command."""

    def __init__(self, environ: Mapping[str, str], *, debug: bool = False, log_format: str = "text") -> None:
        self.environ = environ
        self.options = Options(debug=debug, log_format=log_format)
        self._store: Store | None = None

    def set_option(self, name: str, value: Any) -> None:
        """Set one of the Options; click has checked the value's type."""
        self.options = self.options._replace(**{name: value})
        self.__dict__.pop("output", None)

    @cached_property
    def output(self) -> Output:
        """The only printer."""
        plain = self.options.no_color or self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb"
        return Output(color=not plain, log_format=self.options.log_format, verbosity=self.options.verbose)

    @cached_property
    def site(self) -> "Site":
        """The site: the one asked for, the nearest, /etc/omc's, this machine, or the reference site."""
        from omc.site import find_site, load_site, local_site, reference_root

        root = find_site(self._asked_for, self.environ, Path.cwd())
        if root is not None:
            site = load_site(root)
            self.output.detail(f"site: {site.source}")
        elif libvirt_answers(LIBVIRT_SOCKETS):
            site = local_site()
            self.output.info("no site here: reading this machine's own libvirt (qemu:///system)")
        else:
            site = load_site(reference_root())
            self.output.info("no site here, and no libvirt that answers: showing the reference site")
        for warning in site.warnings:
            self.output.warning(warning)
        return site

    @cached_property
    def audit_settings(self) -> "AuditSettings":
        """What the site says about its audit, its clusters, its limits, and what of each host is not for guests."""
        from msgspec.structs import replace

        from omc.audit.rules import all_rules
        from omc.audit.settings import read_audit_settings

        path = self.site.root / "inventory" / "audit.yaml"
        settings = read_audit_settings(path, all_rules(), groups=self.site.groups)
        return replace(settings, host_reserve=self.site.settings.host_reserve)

    @property
    def _asked_for(self) -> Path | None:
        return Path(self.options.site) if self.options.site else None

    def completion_site(self) -> "Site | None":
        """The site, for the shell's completion: without a word, and None where there is no folder of one."""
        from omc.site import find_site, load_site

        root = find_site(self._asked_for, self.environ, Path.cwd())
        return load_site(root) if root is not None else None

    @property
    def store_url(self) -> str:
        """The URL of the site's store."""
        from omc.inventory.store import default_url

        # The site of "this machine" has no folder of its own.
        return self.site.settings.store or default_url(None if self.site.root == Path("/") else self.site.root)

    @property
    def store(self) -> "Store":
        """The site's store, made where there is none yet; closed at the end of the run."""
        return self.open_store(create=True)

    def open_store(self, *, create: bool) -> "Store":
        """Return the site's store; without `create`, one that is not there is a StoreError."""
        if self._store is None:
            from omc.inventory.store import open_store

            reader = self.site.settings.store_reader or None
            self._store = open_store(self.store_url, create=create, reader_url=reader)
            self.output.detail(f"store: {self._store.label}")
        return self._store

    @property
    def parallel(self) -> int:
        """How many hosts are asked at the same time."""
        return self.options.parallel or self.site.settings.parallel

    @property
    def timeout_seconds(self) -> float:
        """How long a whole collect may take."""
        return self.options.timeout or self.site.settings.timeout_seconds

    @property
    def connect_seconds(self) -> float:
        """How long one host may take to be reached and logged in to."""
        return min(self.site.settings.connect_timeout_seconds * 3, self.timeout_seconds)

    def shells(self, hosts: "Sequence[SiteHost]") -> "Shells":
        """Return the way to the shells of these hosts; who asks for it closes it."""
        from omc.cli.shells import EveryShell
        from omc.drivers.ssh import SshOptions

        options = SshOptions(connect_seconds=self.site.settings.connect_timeout_seconds, warn=self.output.warning)
        shells = EveryShell(options)
        if any(host.variables.get("ansible_connection") != "local" for host in hosts):
            shells.prepare()
        return shells

    def endpoints(self) -> "Endpoints":
        """Return where the shells of the site's hosts are, with the passwords of sudo."""
        from omc.site.endpoints import Endpoints

        return Endpoints(self.site, self.output.warning, secret=self.secrets, become_password=self._become_password)

    @cached_property
    def _become_password(self) -> "Hidden | None":
        return self.output.ask_password("sudo password: ") if self.options.ask_become_pass else None

    @cached_property
    def secrets(self) -> "Secrets":
        """What gives a secret's value by its name; each is asked for once a run."""
        from omc.templates.secrets.lookup import Secrets

        return Secrets(self.site.root)

    @property
    def actor(self) -> str:
        """Who runs this, for the store's list of runs."""
        import getpass

        try:
            return self.environ.get("SUDO_USER") or getpass.getuser()
        except (KeyError, OSError):
            return str(os.getuid())

    def select(self, patterns: Sequence[str]) -> "list[SiteHost]":
        """Return the hosts that Ansible's `--limit` would take; no pattern means all."""
        from omc.select import select

        return select(self.site, patterns)

    def close(self) -> None:
        """Close what was opened."""
        if self._store is not None:
            self._store.close()
            self._store = None


def libvirt_answers(paths: Sequence[str]) -> bool:
    """Tell whether this machine's own libvirt takes a connection from this user; opens none that stays."""
    import socket

    for path in paths:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(path)
            except OSError:
                continue
            return True
    return False
