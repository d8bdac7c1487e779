"""What could not be read, next to everything that could."""

from omc.model.base import Fact


class Issue(Fact, frozen=True, kw_only=True):
    """One fact that is missing, or two that contradict each other, and what to do about it.

    `code` is a stable word for programs: "unsupported", "needs-read-write", "no-agent", "deadline", "hung",
    "failed", "invalid", "duplicate-uuid", "duplicate-name", "unreachable", "unknown-host-key", "refused", "resolve",
    "authentication", "no-daemon", "uri", "connection-lost".
    """

    host: str  # the host's name in the site
    subject: str  # "host", "guest/NAME", "pool/NAME", "volume/POOL/NAME", "network/NAME", "device/NAME"
    code: str  # a stable word for programs
    what: str  # which fact is missing: "addresses from the guest agent"
    why: str  # the reason, in libvirt's own words where it gave one
    hint: str = ""  # what to type or change next; empty when nothing helps
    failed: bool = False  # true: a read that should have worked failed, so the host is "partial"
