"""What a render may know: the site, what was said on the command line, facts and secrets that are asked for, limits."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from omc.errors import OmcError
from omc.model import Host
from omc.site import Site
from omc.templates.catalogue import Template

HARD_EXTRA_SECONDS = 3
"""How much later than its own alarm the kernel ends a worker that did not hear it."""


def no_facts(name: str) -> Host | None:  # noqa: ARG001 - the signature is the port
    """Know nothing of any host."""
    return None


def no_secrets(reference: str) -> str:
    """Refuse every secret."""
    raise OmcError(f"no provider of secrets is configured: {reference!r} cannot be asked for")


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What templates can come to know.

    `facts` gives a host's facts by its name in the site, None where there are none, and is asked only for hosts whose
    facts a template reads; `secret` gives the value of "PROVIDER:NAME" or "NAME". Both are called in the process that
    renders are asked from, one call at a time, and may raise OmcError, which then costs that host alone. `extra` are
    variables that win over all of the site's.
    """

    site: Site
    facts: Callable[[str], Host | None] = no_facts
    secret: Callable[[str], str] = no_secrets
    extra: Mapping[str, object] = {}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What rendering for one host may take; past any of them the host fails with the template's name.

    `memory_bytes` is on top of what the process has at its start. A template that reached a limit on `most_failures`
    hosts is not rendered for any more.
    """

    cpu_seconds: float = 5.0
    memory_bytes: int = 512 << 20
    output_bytes: int = 16 << 20
    files: int = 5_000
    most_failures: int = 3


class Setting(msgspec.Struct, frozen=True):
    """All that a worker begins with; it comes by fork, not by a message."""

    site: Site
    extra: Mapping[str, object]
    templates: Sequence[Template]
    limits: Limits


class Needs(msgspec.Struct, frozen=True):
    """What templates read: `own` the facts of each host that is rendered, `fleet` those of every host of the site."""

    own: bool = False
    fleet: bool = False
