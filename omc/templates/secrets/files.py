"""Secrets in files that only their owner can read: one file of names and values, or a folder with one file a secret."""

import os
import stat
from pathlib import Path
from typing import Any

import yaml

from omc.errors import OmcError
from omc.templates.secrets.settings import ProviderSettings

MOST_BYTES = 4 << 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def value(provider: ProviderSettings, root: Path, name: str) -> str:
    """Return one secret; raise OmcError where it is not there, or where others could read it."""
    path = located(provider.path, root)
    if path.is_dir():
        return _text(path / name) if _inside(path, name) else ""
    return named(read_private(path), name, path)


def _text(path: Path) -> str:
    try:
        return read_private(path).decode("utf-8")
    except UnicodeDecodeError:
        raise OmcError(f"{path} is not UTF-8", hint="a secret is text: base64 makes it one") from None


def located(text: str, root: Path) -> Path:
    """Return a path of the settings: `~` is the user's home, all else is in the site's folder unless it is absolute."""
    return root / Path(text).expanduser()


def named(data: bytes, name: str, path: Path) -> str:
    """Return what a mapping in YAML has for a name; no message tells anything of its content but the line."""
    try:
        mapping: Any = yaml.load(data, Loader=_LOADER)  # noqa: S506 - it is the safe one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise OmcError(f"{path}{f':{mark.line + 1}' if mark else ''} is broken YAML") from None
    if not isinstance(mapping, dict):
        raise OmcError(f"expected NAME: VALUE in {path}")
    if name not in mapping:
        raise OmcError(f"{path} has no {name!r}")
    found = mapping[name]
    if not isinstance(found, str):
        raise OmcError(f"expected text for {name!r} in {path}", hint="put quotes around it")
    return found


def read_private(path: Path) -> bytes:
    """Return the content of a file that nobody but its owner can read, and that is this user's or root's."""
    try:
        # Not to wait for a pipe, and looked at after it is open, so that nobody can exchange it in between.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise OmcError(f"{path} cannot be read: {error.strerror}") from None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - it is open
        _check(os.fstat(descriptor), path)
        return file.read(MOST_BYTES)


def _check(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OmcError(f"{path} is no file")
    if status.st_mode & 0o077:
        raise OmcError(f"{path} can be read by others (mode {status.st_mode & 0o7777:04o})", hint=f"chmod 0600 {path}")
    if status.st_uid not in (os.geteuid(), 0):
        raise OmcError(f"{path} belongs to another user (number {status.st_uid})", hint=f"chown it: {path}")
    if status.st_size > MOST_BYTES:
        raise OmcError(f"{path} has {status.st_size} bytes, expected at most {MOST_BYTES}")


def _inside(folder: Path, name: str) -> bool:
    if (folder / name).resolve().is_relative_to(folder.resolve()):
        return True
    raise OmcError(f"{folder / name} leads out of {folder}")
