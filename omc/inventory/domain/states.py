"""libvirt's enumerations of a guest's state, in the words of `virsh domstate` (libvirt-domain.h, virDomainState …)."""

STATES = ("no state", "running", "idle", "paused", "in shutdown", "shut off", "crashed", "pmsuspended")

_RUNNING = (
    "unknown",
    "booted",
    "migrated",
    "restored",
    "from snapshot",
    "unpaused",
    "migration canceled",
    "save canceled",
    "event wakeup",
    "crashed",
    "post-copy",
    "post-copy failed",
)
_PAUSED = (
    "unknown",
    "user",
    "migrating",
    "saving",
    "dumping",
    "I/O error",
    "watchdog",
    "from snapshot",
    "shutting down",
    "creating snapshot",
    "crashed",
    "starting up",
    "post-copy",
    "post-copy failed",
    "api error",
)
_SHUT_OFF = (
    "unknown",
    "shutdown",
    "destroyed",
    "crashed",
    "migrated",
    "saved",
    "failed",
    "from snapshot",
    "daemon",
)
_UNKNOWN = ("unknown",)

_REASONS = (
    _UNKNOWN,
    _RUNNING,
    _UNKNOWN,
    _PAUSED,
    ("unknown", "user"),
    _SHUT_OFF,
    ("unknown", "panicked"),
    _UNKNOWN,
)


def state_words(state: tuple[int, int] | None) -> tuple[str, str | None]:
    """Say a state and its reason; a number that this table does not know yet is "unknown"."""
    if state is None:
        return "unknown", None
    number, reason = state
    if not 0 <= number < len(STATES):
        return "unknown", None
    reasons = _REASONS[number]
    return STATES[number], reasons[reason] if 0 <= reason < len(reasons) else "unknown"
