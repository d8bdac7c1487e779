"""The errors omc raises on purpose: each knows its exit code, where it happened, and what to type next.

Nothing here prints or exits; `omc.cli.main` is the one place that turns an error into a message and an exit code.
A fault of one host is never raised through the others: `omc.fleet` keeps it as that host's Result.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command, as documented in `docs/reference/exit-codes.md`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    HOSTS_FAILED = 3
    CHANGES = 4
    INTERRUPTED = 130


class OmcError(Exception):
    """A mistake or a fault that a user can act on.

    `message` says what is wrong in one line, `where` is a file with line ("hosts.yaml:12"), a host or a URI,
    `hint` is what to type or change next. `where` and `hint` may be empty.
    """

    exit_code = Exit.FAILED

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(OmcError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = Exit.USAGE


class UnknownNameError(UsageError):
    """A pattern of hosts is the `name` of no host and no group."""

    def __init__(self, name: str, *, hint: str) -> None:
        super().__init__(f"no host and no group is named {name!r}", hint=hint)
        self.name = name


class SiteError(OmcError):
    """A file of the site is missing, unreadable or wrong."""


class StoreError(OmcError):
    """The store cannot be opened, is of another version, or refuses a statement."""


class HostError(OmcError):
    """One host cannot be reached or read; `code` is a stable word for programs (see `omc.model.Issue.code`)."""

    exit_code = Exit.HOSTS_FAILED

    def __init__(self, message: str, *, code: str = "failed", where: str = "", hint: str = "") -> None:
        super().__init__(message, where=where, hint=hint)
        self.code = code


class DeadlineError(HostError):
    """The host, or one call to it, did not answer within its deadline."""

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message, code="deadline", where=where, hint=hint)
