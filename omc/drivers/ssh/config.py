"""Reads ssh_config files: which options hold for a host, and where each was said.

As in OpenSSH the first value of an option wins, `IdentityFile` and `CertificateFile` add up, and `Include` stands
for the files that it names. What `Match` depends on is not looked at: only `Match all` is, and a block that would have
set anything omc reads is said. `settings` knows what the options mean.
"""

import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from omc.drivers.ssh.patterns import matches
from omc.errors import SiteError

Warn = Callable[[str], None]
REPEATED = ("identityfile", "certificatefile")
_MOST_INCLUDES = 16
_SYSTEM_FOLDER = Path("/etc/ssh")

READ = (
    "addressfamily",
    "certificatefile",
    "ciphers",
    "connecttimeout",
    "globalknownhostsfile",
    "hostkeyalgorithms",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "kexalgorithms",
    "macs",
    "port",
    "proxycommand",
    "proxyjump",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "user",
    "userknownhostsfile",
)
"""The options that count here, in small letters."""

# fmt: off
WITHOUT_EFFECT = frozenset((
    "addkeystoagent", "batchmode", "canonicaldomains", "canonicalizefallbacklocal", "canonicalizehostname",
    "canonicalizemaxdots", "canonicalizepermittedcnames", "casignaturealgorithms", "challengeresponseauthentication",
    "channeltimeout", "checkhostip", "clearallforwardings", "compression", "connectionattempts", "controlmaster",
    "controlpath", "controlpersist", "dynamicforward", "enableescapecommandline", "enablesshkeysign", "escapechar",
    "exitonforwardfailure", "fingerprinthash", "forkafterauthentication", "forwardagent", "forwardx11",
    "forwardx11timeout", "forwardx11trusted", "gatewayports", "gssapiauthentication", "gssapidelegatecredentials",
    "hashknownhosts", "hostbasedacceptedalgorithms", "hostbasedauthentication", "ignoreunknown", "ipqos",
    "kbdinteractiveauthentication", "localcommand", "localforward", "loglevel", "logverbose",
    "nohostauthenticationforlocalhost", "numberofpasswordprompts", "obscurekeystroketiming", "passwordauthentication",
    "permitlocalcommand", "permitremoteopen", "preferredauthentications", "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes", "pubkeyauthentication", "rekeylimit", "remotecommand", "remoteforward", "requesttty",
    "requiredrsasize", "sendenv", "sessiontype", "setenv", "stdinnull", "streamlocalbindmask", "streamlocalbindunlink",
    "syslogfacility", "tag", "tcpkeepalive", "tunnel", "tunneldevice", "updatehostkeys", "useroaming", "visualhostkey",
    "warnweakcrypto", "xauthlocation",
))
# fmt: on
"""What changes nothing for a connection that runs scripts: the terminal, forwarding, messages, sharing connections."""


class Option(msgspec.Struct, frozen=True):
    """One line: the option in small letters, its words, and where it stands."""

    name: str
    words: Sequence[str]
    where: str


class _Block(msgspec.Struct, frozen=True):
    """Options under one `Host` or `Match`, or before any; they hold where every list of patterns matches."""

    conditions: Sequence[Sequence[str]]
    options: list[Option]
    ignored: str = ""  # FILE:LINE of the Match that is not honoured


class Configuration:
    """The blocks of all files in the order in which they count."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def lookup(self, name: str) -> dict[str, list[Option]]:
        """Return the options for a host by the name that the user gave it; several of one only where they add up."""
        found: dict[str, list[Option]] = {}
        for block in self._blocks:
            if not all(matches(patterns, name) for patterns in block.conditions):
                continue
            for option in block.options:
                if option.name not in found or option.name in REPEATED:
                    found.setdefault(option.name, []).append(option)
        return found

    def add_options(self, options: Sequence[Option]) -> None:
        """Let options hold for every host, before all that is added later."""
        self._blocks.append(_Block((), list(options)))

    def add_file(self, path: Path, home: Path, warn: Warn, *, required: bool = False) -> None:
        """Add a file's blocks; raise SiteError with the line where it cannot be understood, as ssh would."""
        reader = _Reader(self._blocks, home, warn, system=path.is_relative_to(_SYSTEM_FOLDER))
        reader.read(path, (), required=required)


class _Reader:
    """Reads one file and what it includes."""

    def __init__(self, blocks: list[_Block], home: Path, warn: Warn, *, system: bool) -> None:
        self._blocks = blocks
        self._home = home
        self._warn = warn
        self._folder = _SYSTEM_FOLDER if system else home / ".ssh"

    def read(self, path: Path, conditions: Sequence[Sequence[str]], *, required: bool = False, depth: int = 0) -> None:
        if depth > _MOST_INCLUDES:
            raise SiteError(f"files include each other more than {_MOST_INCLUDES} levels deep", where=str(path))
        try:
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            if required or not isinstance(error, FileNotFoundError):
                raise SiteError(f"cannot be read: {error.strerror}", where=str(path)) from error
            return
        block = self._begin(conditions)
        for option in _options(text, path):
            if option.name == "include" and not block.ignored:
                for included in self._included(option):
                    self.read(included, block.conditions, depth=depth + 1)
                block = self._begin(block.conditions)
            elif option.name == "host":
                block = self._begin((*conditions, tuple(option.words)))
            elif option.name == "match":
                block = self._match(option, conditions)
            else:
                self._take(option, block)

    def _begin(self, conditions: Sequence[Sequence[str]]) -> _Block:
        block = _Block(conditions, [])
        self._blocks.append(block)
        return block

    def _match(self, option: Option, conditions: Sequence[Sequence[str]]) -> _Block:
        # "final" lets a block count after all others, which is where systems have it.
        if {word.lower() for word in option.words} in ({"all"}, {"final", "all"}):
            return self._begin(conditions)
        return _Block(conditions, [], option.where)  # it is not among the blocks, so nothing finds it

    def _take(self, option: Option, block: _Block) -> None:
        if block.ignored:
            if option.name in (*READ, "include"):
                self._warn(f"{block.ignored}: Match is not honoured, nor {option.name} in it")
        elif option.name in READ:
            block.options.append(option)
        elif option.name not in WITHOUT_EFFECT:
            self._warn(f"{option.where}: {option.name} is not honoured")

    def _included(self, option: Option) -> Iterator[Path]:
        for word in option.words:
            pattern = self._folder / (word.replace("~", str(self._home), 1) if word.startswith("~/") else word)
            yield from sorted(Path("/").glob(str(pattern.relative_to("/"))))


def _options(text: str, path: Path) -> Iterator[Option]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield parse_option(stripped, f"{path}:{number}")


def parse_option(line: str, where: str) -> Option:
    """Return the option of a line such as `Port 22`, `Port=22` or `IdentityFile "~/a b"`."""
    split = next((at for at, character in enumerate(line) if character in " \t="), len(line))
    name, rest = line[:split].lower(), line[split:].strip()
    if rest.startswith("="):
        rest = rest[1:].strip()
    if name == "proxycommand":
        return Option(name, (rest,), where)
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise SiteError(f"{name}: {str(error).lower()}", where=where) from error
    comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
    del words[comment:]
    if not words:
        raise SiteError(f"{name} has no value", where=where)
    return Option(name, tuple(words), where)
