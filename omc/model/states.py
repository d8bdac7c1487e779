"""Which guests are active: the hypervisor has a process, or a domain, for them, and they hold their host's memory.

A crashed guest is active as long as it is kept (`<on_crash>preserve</on_crash>`): libvirt then still has a number for
it, its `id`, and its memory is not free. Without a number it is off. A guest that runs needs no number to tell.
"""

_ACTIVE = frozenset(("running", "idle", "paused", "in shutdown", "pmsuspended", "no state"))


def is_active(state: str, number: int | None) -> bool:
    """Tell whether a guest of this state and with libvirt's number is active; `unknown` without a number is not."""
    return state in _ACTIVE or (number is not None and state != "shut off")


def was_active(state: str) -> bool:
    """Tell it of a state alone, which is all that history keeps: QEMU's guests are crashed only while they are kept."""
    return state in _ACTIVE or state == "crashed"
