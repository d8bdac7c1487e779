"""What holds for one host: an endpoint's own values, then the user's SSH configuration, then OpenSSH's defaults."""

import getpass
import os
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from omc.drivers.ssh.config import Configuration, Option, Warn
from omc.errors import SiteError

_IDENTITIES = ("id_rsa", "id_ecdsa", "id_ed25519")
_TOKEN = re.compile(r"%(.?)")
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_ADDRESS = re.compile(r"(?!-)[\w.:%-]+")
_USER = re.compile(r"(?!-)[^\s\0-\x1f]+")
# What a proxy command's shell would act on.
_UNSAFE = re.compile(r"[^\w.:@%+,/=-]|^-")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller says of a host, before any configuration; None leaves it open."""

    host: str
    port: int | None = None
    user: str | None = None
    identity_file: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All that it takes to reach one host."""

    name: str  # as the caller named it
    address: str
    port: int
    user: str
    known_as: str  # its name in known_hosts
    known_hosts: tuple[Path, ...]  # the user's first
    first_identity: str | None  # the one that the caller named
    identities: tuple[str, ...]
    identities_only: bool
    certificates: tuple[str, ...]
    agent: str  # path of a socket; "" for none
    jumps: tuple[str, ...]
    proxy_command: str
    connect_seconds: float | None
    alive_seconds: float
    alive_count: int
    family: int
    algorithms: Mapping[str, str]  # option → its value, where it is set

    @property
    def place(self) -> str:
        """USER@ADDRESS:PORT, for messages."""
        port = f":{self.port}" if self.port != 22 else ""
        return f"{self.user}@{f'[{self.address}]' if port and ':' in self.address else self.address}{port}"


class Resolver:
    """Applies one configuration to hosts."""

    def __init__(self, configuration: Configuration, home: Path, warn: Warn) -> None:
        self._configuration = configuration
        self._home = home
        self._warn = warn
        machine = socket.gethostname()
        self._tokens = {"%": "%", "d": str(home), "u": getpass.getuser(), "l": machine, "L": machine.split(".")[0]}

    def settings(self, wanted: Wanted) -> Settings:
        """Return what holds for a host; raise SiteError where its configuration cannot be understood."""
        return _Host(self._configuration.lookup(wanted.host), wanted, self._tokens, self._warn).settings()


class _Host:
    """The options of one host, taken one by one."""

    def __init__(
        self, options: Mapping[str, Sequence[Option]], wanted: Wanted, tokens: Mapping[str, str], warn: Warn
    ) -> None:
        self._options = options
        self._wanted = wanted
        self._warn = warn
        self._tokens = {**tokens, "h": wanted.host, "n": wanted.host}
        self._tokens["h"] = self._expanded("hostname", wanted.host, only="%hn")
        self._tokens["p"] = str(wanted.port or self._number("port", 22))
        self._tokens["r"] = wanted.user or self._text("user", tokens["u"])

    def settings(self) -> Settings:
        self._check_strictness()
        address, user = self._tokens["h"], self._tokens["r"]
        if not _ADDRESS.fullmatch(address):
            raise SiteError(f"{address!r} is no host name or address", where=self._where("hostname"))
        if not _USER.fullmatch(user):
            raise SiteError(f"{user!r} is no user's name", where=self._where("user"))
        proxy = next((name for name in self._options if name in ("proxycommand", "proxyjump")), "")
        first = self._wanted.identity_file
        return Settings(
            name=self._wanted.host,
            address=address,
            port=int(self._tokens["p"]),
            user=user,
            known_as=self._text("hostkeyalias", address),
            known_hosts=(
                *self._paths("userknownhostsfile", ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")),
                *self._paths("globalknownhostsfile", ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")),
            ),
            first_identity=str(self._path(first)) if first else None,
            identities=tuple(map(str, self._paths("identityfile", [f"~/.ssh/{name}" for name in _IDENTITIES]))),
            identities_only=self._text("identitiesonly", "no").lower() in ("yes", "true"),
            certificates=tuple(map(str, self._paths("certificatefile", ()))),
            agent=self._agent(),
            jumps=self._jumps() if proxy == "proxyjump" else (),
            proxy_command=self._proxy_command() if proxy == "proxycommand" else "",
            connect_seconds=self._seconds("connecttimeout"),
            alive_seconds=float(self._number("serveraliveinterval", 15)),
            alive_count=self._number("serveralivecountmax", 3),
            family=self._family(),
            algorithms={
                name: options[0].words[0]
                for name, options in self._options.items()
                if name in ("kexalgorithms", "ciphers", "macs", "hostkeyalgorithms")
            },
        )

    def _check_strictness(self) -> None:
        if self._text("stricthostkeychecking", "yes").lower() in ("no", "off", "false", "accept-new"):
            option = self._options["stricthostkeychecking"][0]
            value = option.words[0]
            self._warn(f"{option.where}: StrictHostKeyChecking {value} is not honoured: unknown host keys are refused")

    def _jumps(self) -> tuple[str, ...]:
        text = self._expanded("proxyjump", "none")
        return () if text.lower() == "none" else tuple(text.split(","))

    def _proxy_command(self) -> str:
        text = self._text("proxycommand", "none")
        if text.lower() == "none":
            return ""
        for token in set(_TOKEN.findall(text)) & set("hnr"):
            if _UNSAFE.search(self._tokens[token]):
                raise SiteError(
                    f"{self._tokens[token]!r} is not put into a proxy command", where=self._where("proxycommand")
                )
        return self._expanded("proxycommand", "none")

    def _agent(self) -> str:
        text = self._text("identityagent", "SSH_AUTH_SOCK")
        if text.lower() == "none":
            return ""
        if text == "SSH_AUTH_SOCK" or text.startswith("$"):
            return os.environ.get(text.lstrip("$").strip("{}"), "")
        return str(self._path(text))

    def _family(self) -> int:
        names = {"any": socket.AF_UNSPEC, "inet": socket.AF_INET, "inet6": socket.AF_INET6}
        text = self._text("addressfamily", "any").lower()
        if text not in names:
            raise SiteError(f"expected any, inet or inet6, found {text!r}", where=self._where("addressfamily"))
        return names[text]

    def _text(self, name: str, default: str) -> str:
        return self._options[name][0].words[0] if name in self._options else default

    def _number(self, name: str, default: int) -> int:
        text = self._text(name, str(default))
        if not text.isdecimal() or len(text) > 6 or (name == "port" and not 0 < int(text) < 65536):
            raise SiteError(f"expected a number as {name}, found {text!r}", where=self._where(name))
        return int(text)

    def _seconds(self, name: str) -> float | None:
        if self._text(name, "none").lower() == "none":
            return None
        return float(self._number(name, 0)) or None

    def _where(self, name: str) -> str:
        return self._options[name][0].where if name in self._options else self._wanted.host

    def _expanded(self, name: str, default: str, only: str = "") -> str:
        return self._fill(self._text(name, default), self._where(name), only)

    def _paths(self, name: str, default: Sequence[str]) -> list[Path]:
        found = [word for option in self._options.get(name, ()) for word in option.words] or list(default)
        return [self._path(word, self._where(name)) for word in found if word.lower() not in ("none", "/dev/null")]

    def _path(self, text: str, where: str = "") -> Path:
        text = _VARIABLE.sub(lambda match: os.environ.get(match[1], ""), text)
        if text == "~" or text.startswith("~/"):
            text = f"{self._tokens['d']}{text[1:]}"
        return Path(self._fill(text, where or self._wanted.host)).expanduser()

    def _fill(self, text: str, where: str, only: str = "") -> str:
        def value(match: re.Match[str]) -> str:
            token = match[1]
            if token not in self._tokens or (only and token not in only + "%"):
                raise SiteError(f"%{token} is not known here, in {text!r}", where=where)
            return self._tokens[token]

        return _TOKEN.sub(value, text)
