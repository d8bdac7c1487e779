"""The one place where a value becomes shell text, a word of an answer, or a folder's name on the host."""

import base64
import binascii
import re
import shlex
from typing import TypeVar
from urllib.parse import quote as percent
from urllib.parse import unquote

import msgspec

from omc.errors import HostError, OmcError

T = TypeVar("T")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LONGEST_NAME = 200
_LONGEST_TOKEN = 1 << 20


def quote(value: str) -> str:
    """Return the value as one word of a POSIX shell, whatever is in it."""
    if "\0" in value:
        raise OmcError("a value for a host has a NUL character", hint="no file name and no argument can have one")
    return shlex.quote(value)


def words(values: tuple[str, ...]) -> str:
    """Return an argument list as words of a shell."""
    return " ".join(quote(value) for value in values)


def checked_path(path: str) -> str:
    """Return the path; raises where it is not absolute and plain, or has control characters."""
    parts = path.split("/")
    plain = not parts[0] and len(parts) > 1 and not any(part in {"", ".", ".."} for part in parts[1:])
    if not plain or any(character < " " or character == "\x7f" for character in path):
        raise OmcError(
            f"{path!r} is no path of a file", hint="a path is absolute, without . and .. and control characters"
        )
    return path


def run_name(run: str) -> str:
    """Return the run's identifier; raises where it could not be a folder's name."""
    if not _RUN.fullmatch(run):
        raise OmcError(f"{run!r} is no identifier of a run", hint="omc template history lists the runs")
    return run


def folder_name(host: str) -> str:
    """Return a host's name as a folder's: what is not plain is percent-encoded, as in a URL."""
    name = percent(host, safe="").replace("~", "%7E")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if not 0 < len(name) <= _LONGEST_NAME:
        raise OmcError(f"the host name {host!r} is empty or too long")
    return name


def host_name(folder: str) -> str:
    """Return the name of the host whose folder that is."""
    return unquote(folder)


def token(value: object) -> str:
    """Return a value as one word without a meaning to a shell."""
    return base64.b64encode(msgspec.json.encode(value)).decode()


def word_of(text: str) -> str:
    """Return free text as one word, as `decoded` takes it."""
    return base64.b64encode(text.encode()).decode() or "-"


def untoken(word: str, kind: type[T]) -> T:
    """Return what a token holds; HostError where it is not of that type."""
    try:
        return msgspec.json.decode(decoded(word), type=kind)
    except msgspec.MsgspecError as error:
        raise unreadable(word) from error


def decoded(word: str) -> bytes:
    """Return the bytes of a word in base 64; "-" is none."""
    if word == "-":
        return b""
    try:
        if len(word) > _LONGEST_TOKEN:
            raise unreadable(word)
        return base64.b64decode(word, validate=True)
    except binascii.Error as error:
        raise unreadable(word) from error


def unreadable(what: str) -> HostError:
    """Return the error for an answer that no host of good will gives."""
    return HostError(
        f"the host's answer cannot be read: {what[:60]!r}",
        code="protocol",
        hint="does the login shell of that user, or sudo, print something of its own or end the script?",
    )
