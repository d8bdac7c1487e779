"""Where a store is: its URL taken apart, and the place that a site's store has by default."""

import os
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from omc.errors import StoreError

EXAMPLES = "write sqlite:////absolute/path.db or postgresql://user@host/database"


class Location(NamedTuple):
    """A store's place; `path` is set for SQLite, `url` for PostgreSQL. `label` is for messages, without a password."""

    label: str
    path: Path | None = None
    url: str = ""


def default_url(site_root: Path | None) -> str:
    """Return the URL of the store of the site in that folder (None: of this machine without a site).

    The name carries a digest of the folder's real path, so that two sites never share a store.
    """
    base = state_folder()
    if site_root is None:
        return f"sqlite:///{base / 'omc' / 'local.db'}"
    root = site_root.resolve()
    mark = blake2b(os.fsencode(root), digest_size=4).hexdigest()
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in root.name)[:60] or "root"
    return f"sqlite:///{base / 'omc' / f'{name}-{mark}.db'}"


def state_folder() -> Path:
    """Return the folder where this user's programs keep what they know."""
    state = os.environ.get("XDG_STATE_HOME") or ""
    return Path(state) if state.startswith("/") else Path.home() / ".local" / "state"


def locate(url: str | None) -> Location:
    """Take a store's URL apart; None is the store of this machine."""
    url = url or default_url(None)
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return _sqlite_location(url, rest)
    if scheme in ("postgresql", "postgres"):
        return Location(label=f"postgresql://{_without_password(rest)}", url=f"postgresql://{rest}")
    raise StoreError(f"unknown kind of store: {scheme or url!r}", hint=EXAMPLES)


def _sqlite_location(url: str, rest: str) -> Location:
    path = Path(rest[1:]) if rest.startswith("/") else Path(rest)
    if not rest.startswith("/") or not path.is_absolute() or "\0" in rest:
        raise StoreError("the path of an SQLite store must be absolute", where=url, hint=EXAMPLES)
    return Location(label=str(path), path=path)


def _without_password(rest: str) -> str:
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    path, _, options = path.partition("?")
    kept = [
        option for option in options.split("&") if option and not option.lower().startswith(("password", "sslpassword"))
    ]
    tail = "?" + "&".join(kept) if kept else ""
    return f"{user.partition(':')[0]}{at}{host}{slash}{path}{tail}"
