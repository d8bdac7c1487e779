"""The keys that a user can prove to be theirs: of the agent, of files, and certificates for them. Loaded once a run.

A passphrase is never asked for: an encrypted key counts through the agent, or not at all. A file is only read when
its turn comes.
"""

import socket
import threading
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path

import msgspec
from paramiko import ECDSAKey, Ed25519Key, PasswordRequiredException, PKey, RSAKey, SSHException
from paramiko.agent import AgentKey, AgentSSH
from paramiko.message import Message

from omc.drivers.ssh.certificates import parse
from omc.drivers.ssh.config import Warn
from omc.drivers.ssh.settings import Settings
from omc.drivers.ssh.trust import fingerprint, kind_of

_AGENT_SECONDS = 20.0
_CLASSES = (Ed25519Key, ECDSAKey, RSAKey)
_OPENSSH_MAGIC = b"openssh-key-v1\0"


class Identity(msgspec.Struct, frozen=True):
    """One key to try, and its name for messages."""

    key: PKey
    shown: str


class _Agent(AgentSSH):
    """An agent that several threads may ask at once, and that cannot hold them for ever."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._turn = threading.Lock()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_AGENT_SECONDS)
        connection.connect(path)
        self._connect(connection)  # type: ignore[attr-defined]  # paramiko has no public way to a socket of choice

    def _send_message(self, msg: Message) -> tuple[int, Message]:
        with self._turn:
            answer: tuple[int, Message] = super()._send_message(msg)  # type: ignore[misc]
            return answer


class Identities:
    """All keys of one run. Thread-safe."""

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self._lock = threading.Lock()
        self._agents: dict[str, Sequence[AgentKey]] = {}
        self._files: dict[str, PKey | str] = {}
        self._public: dict[str, bytes] = {}

    def candidates(self, settings: Settings, unusable: list[str]) -> Iterator[Identity]:
        """Give the keys to try for a host, one by one; why a key that was named cannot be used is added to `unusable`.

        The key that the caller named is the first; then those of the agent that the configuration names, the agent's
        others unless `IdentitiesOnly` says no, and files. For each key its certificates come first.
        """
        agent = {key.asbytes(): key for key in self._agent_keys(settings.agent)}
        first = [settings.first_identity] if settings.first_identity else []
        named = [*first, *settings.identities]
        seen: set[bytes] = set()
        for path in first:
            yield from self._of_file(path, agent, settings, unusable, seen)
        for path in named:
            blob = self._public_part(path)
            if blob in agent and blob not in seen:
                yield from self._of_file(path, agent, settings, unusable, seen)
        if not settings.identities_only:
            for blob, key in agent.items():
                if blob not in seen:
                    seen.add(blob)
                    yield from self._with_certificates(key, f"agent key {_shown(blob)}", settings.certificates)
        for path in named[len(first) :]:
            yield from self._of_file(path, agent, settings, unusable, seen)

    def _of_file(
        self, path: str, agent: dict[bytes, AgentKey], settings: Settings, unusable: list[str], seen: set[bytes]
    ) -> Iterator[Identity]:
        blob = self._public_part(path)
        key: PKey | str = agent[blob] if blob in agent else self._load(path)
        if isinstance(key, str):
            if Path(path).exists() or path == settings.first_identity:
                unusable.append(f"{path} ({key})")
            return
        if key.asbytes() in seen:
            return
        seen.add(key.asbytes())
        yield from self._with_certificates(key, path, [*settings.certificates, f"{path}-cert.pub"])

    def _with_certificates(self, key: PKey, shown: str, paths: Sequence[str]) -> Iterator[Identity]:
        for path in paths:
            certified = _certified(key, path)
            if certified is not None:
                yield Identity(certified, f"{shown} with {path}")
        yield Identity(key, shown)

    def _agent_keys(self, path: str) -> Sequence[AgentKey]:
        if not path:
            return ()
        with self._lock:
            if path not in self._agents:
                try:
                    self._agents[path] = _Agent(path).get_keys()
                except (OSError, SSHException) as error:
                    self._agents[path] = ()
                    self._warn(f"{path}: no SSH agent answers: {error}")
            return self._agents[path]

    def _public_part(self, path: str) -> bytes:
        with self._lock:
            if path not in self._public:
                self._public[path] = _public_part(path)
            return self._public[path]

    def _load(self, path: str) -> PKey | str:
        """Return the key of a file, or why there is none."""
        with self._lock:
            if path not in self._files:
                self._files[path] = _read(path)
            return self._files[path]


def _read(path: str) -> PKey | str:
    for kind in _CLASSES:
        try:
            return kind.from_private_key_file(path)
        except PasswordRequiredException:
            return f"encrypted, and not in the agent: ssh-add {path}"
        except OSError as error:
            return error.strerror or str(error)
        # What paramiko and its libraries raise for a file of another kind differs from version to version.
        except Exception:  # noqa: S112
            continue
    return "no key that omc can use: ed25519, ECDSA or RSA"


def _public_part(path: str) -> bytes:
    """Return the public key of a key file, without opening what is encrypted; empty where it cannot be told."""
    with suppress(OSError, ValueError, IndexError):
        text = Path(path).read_text(encoding="ascii", errors="replace")
        if "BEGIN OPENSSH PRIVATE KEY" in text:
            return _of_container(b64decode("".join(text.split("-----")[2].split())))
    with suppress(OSError, ValueError, IndexError):
        return b64decode(Path(f"{path}.pub").read_text(encoding="utf-8", errors="replace").split()[1])
    return b""


def _of_container(data: bytes) -> bytes:
    """Return the first public key of OpenSSH's format for private keys (PROTOCOL.key)."""
    if not data.startswith(_OPENSSH_MAGIC):
        return b""
    message = Message(data[len(_OPENSSH_MAGIC) :])
    for _ in range(3):  # cipher, key derivation, its options
        message.get_binary()
    message.get_int()
    return message.get_binary()


def _certified(key: PKey, path: str) -> PKey | None:
    """Return the key with the certificate of a file; None where there is no such file, or it is for another key."""
    if not Path(path).is_file():
        return None
    certified = AgentKey(key.agent, key.blob, key.comment) if isinstance(key, AgentKey) else copy(key)
    try:
        certified.load_certificate(path)
        blob = certified.public_blob
        fits = blob is not None and _inner(blob.key_blob) == key.asbytes()
    # As above: what a broken file makes paramiko raise is not written down anywhere.
    except Exception:
        return None
    return certified if fits else None


def _inner(certificate: bytes) -> bytes:
    return parse(certificate).key


def _shown(blob: bytes) -> str:
    return f"{kind_of(blob)} {fingerprint(blob)}"
