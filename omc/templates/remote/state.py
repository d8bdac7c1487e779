"""What a host says: how its files are, who holds it, what is unfinished there."""

import msgspec


class FileState(msgspec.Struct, frozen=True, kw_only=True):
    """One path of a host as it is now.

    `kind` is file, missing, directory, symlink or other. `digest` is the SHA-256 of a file in hex. `content` is there
    only where it differs from what was asked for and is no larger than the limit of the question.
    """

    path: str
    kind: str
    digest: str = ""
    size_bytes: int = 0
    owner: str = ""
    group: str = ""
    owner_id: int = 0
    group_id: int = 0
    mode: int = 0
    context: str = ""  # SELinux; "" where the host has none
    content: bytes | None = None
    immutable: bool = False
    unreadable: bool = False  # by the user that omc is there; of a missing one nobody knows whether it is


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a machine: one lock a machine, shared by the names of it that one run uses."""

    run: str
    host: str  # the name that the run called the machine by
    actor: str
    since: str  # RFC 3339, UTC, by the clock of the controller that took it


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """A run that was cut off on this machine, or waits there for its confirmation.

    `step` is the last one that the host's journal holds; `confirm_seconds` is what is left until the host itself puts
    the old files back, None where no such timer is armed; `handlers` did not run yet.
    """

    run: str
    host: str
    step: str
    paths: tuple[str, ...] = ()
    handlers: tuple[tuple[str, ...], ...] = ()
    confirm_seconds: float | None = None


class HostState(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one look at a host; `files` are in the order of the question.

    `powerless` is the name of the user that omc is there, where that one can make no change.

    `machine` is /etc/machine-id, or what stands in for it where there is none; machines that were copied from one image
    may share it. `running` tells those apart: the kernel's boot and the host's own name for itself.
    """

    machine: str
    running: str = ""
    files: tuple[FileState, ...] = ()
    lock: Lock | None = None
    unfinished: tuple[Unfinished, ...] = ()
    pending_handlers: tuple[tuple[str, ...], ...] = ()  # of earlier runs that failed, oldest first
    powerless: str = ""
    lacking: frozenset[str] = frozenset()  # of the programs that were asked for
