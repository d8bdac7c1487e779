"""Reads one step of ProxyJump: [USER@]HOST[:PORT], or ssh://[USER@]HOST[:PORT]."""

import re

from omc.drivers.ssh.settings import Wanted
from omc.errors import SiteError

_HOP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?P<host>\[[^\]]+\]|[^:\[\]]+)(?::(?P<port>\d{1,5}))?/?")


def hop(text: str, host: str) -> Wanted:
    """Return what a step says; raise SiteError, for the host whose way it is, where it says nothing."""
    match = _HOP.fullmatch(text.strip())
    if match is None:
        raise SiteError(f"expected [USER@]HOST[:PORT] in ProxyJump, found {text!r}", where=host)
    port = int(match["port"]) if match["port"] else None
    return Wanted(host=match["host"].strip("[]"), user=match["user"], port=port)
