"""The keys that a user can prove to be theirs: of the agent, of files, and certificates for them. Loaded once a run.

A passphrase is never asked for: an encrypted key counts through the agent, or not at all. Which of them are tried for a
host, and in which order, is decided in `candidates`.
"""

import socket
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path

import msgspec
from paramiko import ECDSAKey, Ed25519Key, PasswordRequiredException, PKey, RSAKey, SSHException
from paramiko.agent import AgentKey, AgentSSH
from paramiko.message import Message

from omc.drivers.ssh.certificates import SUFFIX, parse
from omc.drivers.ssh.config import Warn
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
    """All keys of one run, each loaded when it is first asked for. Thread-safe."""

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self._lock = threading.Lock()
        self._agents: dict[str, Mapping[bytes, Sequence[Identity]]] = {}
        self._files: dict[str, PKey | str] = {}
        self._public: dict[str, bytes] = {}

    def of_agent(self, path: str) -> Mapping[bytes, Sequence[Identity]]:
        """Return what an agent has: public key → its certificates, and then the key alone where it is there."""
        with self._lock:
            if path not in self._agents:
                try:
                    self._agents[path] = _sorted(_Agent(path).get_keys()) if path else {}
                except (OSError, SSHException) as error:
                    self._agents[path] = {}
                    self._warn(f"{path}: no SSH agent answers: {error}")
            return self._agents[path]

    def of_file(self, path: str) -> PKey | str:
        """Return the key of a file, or why there is none."""
        with self._lock:
            if path not in self._files:
                self._files[path] = _read(path)
            return self._files[path]

    def public_part(self, path: str) -> bytes:
        """Return the public key of a key file, without opening what is encrypted; empty where it cannot be told."""
        with self._lock:
            if path not in self._public:
                self._public[path] = _public_part(path)
            return self._public[path]


def certified(identity: Identity, paths: Sequence[str]) -> Iterator[Identity]:
    """Give a key with each certificate for it that these files have."""
    for path in paths:
        key = _certified(identity.key, path)
        if key is not None:
            yield Identity(key, f"{identity.shown} with {path}")


def _sorted(keys: Sequence[AgentKey]) -> Mapping[bytes, Sequence[Identity]]:
    found: dict[bytes, list[Identity]] = {}
    for key in keys:
        if not key.get_name().endswith(SUFFIX):
            found.setdefault(key.asbytes(), []).append(Identity(key, f"agent key {_shown(key.asbytes())}"))
            continue
        with suppress(ValueError):
            inner = parse(key.blob).key
            key.load_certificate(Message(key.blob))
            found.setdefault(inner, []).insert(0, Identity(key, f"agent certificate for {_shown(inner)}"))
    return found


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
