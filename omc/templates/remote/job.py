"""What a host is told to do, and what came of it."""

import msgspec

from omc.templates.desired import SetCheck
from omc.templates.remote.state import Lock


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be put in place. `before` is the digest that the host must still have, None for "no file".

    `content` None leaves the content and changes attributes only.
    """

    path: str
    before: str | None
    content: bytes | None
    template: str
    owner: str | None = None
    group: str | None = None
    mode: int | None = None
    context: str | None = None
    validate: tuple[str, ...] = ()


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """All changes of one run on one host, carried out whole or not at all.

    With `confirm_seconds` the host itself puts everything back unless it is confirmed over a new connection by then.
    `handlers` are those of this run; what is pending on the host from earlier runs runs before them. With `objects` the
    machine stays this run's until `complete` says that its libvirt objects are defined; `late_handlers` run then.
    """

    run: str
    host: str
    actor: str
    changes: tuple[FileChange, ...]
    checks: tuple[SetCheck, ...] = ()
    handlers: tuple[tuple[str, ...], ...] = ()
    late_handlers: tuple[tuple[str, ...], ...] = ()
    objects: bool = False
    confirm_seconds: int | None = None
    validate_seconds: int = 30  # for each validation
    handler_seconds: int = 120  # for each handler


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """A validation or a handler that ran; `output` is the end of what it wrote, bounded; `status` 124 is "too slow"."""

    command: tuple[str, ...]
    status: int
    output: str = ""
    path: str = ""  # of the file that was validated


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job, a rollback or a resume on one host.

    `status` is changed, unchanged, waiting (for confirmation), restored (it failed, and everything is as it was),
    refused (nothing was touched: `code` and `message` say why), failed (handlers failed and are pending, or a file
    could not be put back), or rolled_back. `code` is a stable word: changed_since_plan, locked, validation, disk_full,
    read_only, immutable, not_a_file, handler, … .
    """

    status: str
    code: str = ""
    message: str = ""
    paths: tuple[str, ...] = ()  # those put in place, or put back
    commands: tuple[CommandResult, ...] = ()
    pending_handlers: tuple[tuple[str, ...], ...] = ()  # all that is pending on the host
    holder: Lock | None = None  # of the lock, where that is why it was refused
    left: tuple[str, ...] = ()  # those that could not be put back
    back: bool = False  # all files were put back
