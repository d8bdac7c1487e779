"""What a path, an owner, a mode and the like of a file may be: one rule each, for manifests and what they render to.

Each rule returns what is used, or raises Unfit with what was expected instead. Whatever a variable holds ends up
in commands and file names on a host as root, so nothing passes that a shell script or a person could misread.
"""

import posixpath
import re
from collections.abc import Callable, Mapping

from omc.text import HARMFUL

MOST_PATH_BYTES = 4_000
MOST_NAME_BYTES = 200  # a staged file beside it has a longer name
KINDS = ("network", "pool", "secret", "nwfilter", "guest")
# Kernel interfaces are no files that can be replaced; the last is omc's own journal.
_NOT_FILES = ("/proc", "/sys", "/dev", "/run/user", "/var/lib/omc")
_CONTROL = re.compile(f"[\x00-\x1f{HARMFUL}]")
_OWNER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?|[0-9]{1,10}")
_MODE = re.compile(r"(?:0o)?0*([0-7]{1,4})")
_CONTEXT = re.compile(r"[A-Za-z0-9_]+:[A-Za-z0-9_]+:[A-Za-z0-9_]+(?::[A-Za-z0-9_:.,-]+)?")
_TARGET = re.compile(r"libvirt:([a-z]+)/([^/]+)")


class Unfit(ValueError):
    """A value that a rule refuses; its text says what was expected."""


def path(text: str) -> str:
    """Return an absolute, normalized path of a file that may be replaced."""
    if not text.startswith("/"):
        raise Unfit("an absolute path")
    if _CONTROL.search(text):
        raise Unfit("a path without control characters")
    if ".." in text.split("/"):
        raise Unfit("a path without ..")
    if posixpath.normpath(text) != text or text == "/":
        raise Unfit("a normalized path: no //, no /./, no / at its end")
    if len(text.encode()) > MOST_PATH_BYTES or max(len(part.encode()) for part in text.split("/")) > MOST_NAME_BYTES:
        raise Unfit(f"a path of at most {MOST_PATH_BYTES} bytes, and {MOST_NAME_BYTES} a name")
    if any(text == folder or text.startswith(f"{folder}/") for folder in _NOT_FILES):
        raise Unfit(f"a path that is not in {', '.join(_NOT_FILES)}")
    return text


def owner(text: str) -> str:
    """Return the name or number of a user or a group."""
    if not _OWNER.fullmatch(text):
        raise Unfit("a user's or group's name or number")
    return text


def mode(text: str) -> int:
    """Return permission bits from octal text."""
    match = _MODE.fullmatch(text)
    if not match:
        raise Unfit('permissions in octal as "0644"')
    return int(match[1], 8)


def context(text: str) -> str:
    """Return an SELinux context."""
    if not _CONTEXT.fullmatch(text):
        raise Unfit("an SELinux context as system_u:object_r:etc_t:s0")
    return text


def argument(text: str) -> str:
    """Return one argument of a command."""
    if _CONTROL.search(text):
        raise Unfit("an argument without control characters")
    return text


def program(text: str) -> str:
    """Return the first argument of a command."""
    if not text or text.startswith("-") or _CONTROL.search(text):
        raise Unfit("a program")
    return text


def target(text: str) -> tuple[str, str]:
    """Return kind and name of a libvirt object."""
    match = _TARGET.fullmatch(text)
    if not match or match[1] not in KINDS or _CONTROL.search(text):
        raise Unfit(f"libvirt:KIND/NAME, and as KIND one of {', '.join(KINDS)}")
    return match[1], match[2]


RULES: Mapping[str, Callable[[str], object]] = {
    "path": path,
    "target": target,
    "owner": owner,
    "group": owner,
    "mode": mode,
    "context": context,
}
