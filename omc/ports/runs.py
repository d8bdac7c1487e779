"""The memory of what templates did: kept by the store, asked by the templates."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file in a run of templates; `before`, `after` and `rendered` are fingerprints, not content."""

    path: str  # of a libvirt object "libvirt:KIND/NAME"
    template: str
    action: str  # create, change, attributes; of a rollback: restore
    before: str | None = None
    after: str | None = None  # None: no file
    rendered: str = ""  # of all that was asked for, attributes included


class RunHost(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of templates did on one host.

    `status` is planned (nothing is known yet), changed, waiting (to be confirmed by `confirm_until`, RFC 3339),
    restored (it failed and all is as it was), refused, failed, unreachable, unknown (the line broke in the middle),
    rolled_back, skipped or not_begun; `code` and `message` say why.
    """

    host: str
    status: str
    code: str = ""
    message: str = ""
    machine: str = ""
    finished_at: str | None = None  # RFC 3339 UTC
    seconds: float | None = None
    confirm_until: str | None = None
    files: tuple[RunFile, ...] = ()
    pending_handlers: tuple[tuple[str, ...], ...] = ()


class RunOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the command line said of how a run is carried out: a run that goes on is carried out so, too."""

    confirm_seconds: int | None = None
    batch: str | None = None
    max_fail: str | None = None
    health: str | None = None
    disruptive: bool = False
    force: bool = False  # of a rollback


class TemplateRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of templates; plans are none.

    `kind` is apply or rollback (then `undoes` is the run that it puts back). `status` is running, ok, partial (some
    hosts failed), failed (all did), stopped (by --max-fail or a health check) or interrupted. `process` tells which
    process of which machine it is, so that a run whose process is gone is known to be interrupted.
    """

    run: str
    kind: str
    started_at: str  # RFC 3339 UTC with microseconds
    actor: str
    status: str = "running"
    reason: str = ""
    finished_at: str | None = None
    selection: str = ""
    templates: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()  # names of those given by -e
    undoes: str = ""
    process: str = ""
    omc_version: str = ""
    options: RunOptions = RunOptions()
    hosts: tuple[RunHost, ...] = ()


class AppliedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What was last put at a path of a host, by which run; `after` None: the file was taken away."""

    host: str
    path: str
    template: str
    run: str
    after: str | None
    rendered: str = ""


class Runs(Protocol):
    """The memory of what was applied. Thread-safe."""

    def begin(self, run: TemplateRun) -> None:
        """Write a run with all its hosts, before the first of them is touched."""

    def record(self, run: str, host: RunHost) -> None:
        """Write what became of one host; its files are kept as they were begun where `files` is empty."""

    def finish(self, run: str, status: str, reason: str = "") -> None:
        """End a run; from here on what was written outlives a power cut."""

    def carry_on(self, run: str, process: str) -> None:
        """Begin a run again that was cut off; `process` is the one that does it."""

    def runs(self, limit: int | None = None) -> Sequence[TemplateRun]:
        """Return the runs with their hosts (without the hosts' files), newest first."""

    def run(self, name: str) -> TemplateRun | None:
        """Return one run whole; None where there is none of that name."""

    def names(self, beginning: str = "", limit: int | None = None) -> Sequence[str]:
        """Return the names of the runs that begin so, newest first."""

    def open_runs(self, hosts: Iterable[str]) -> Sequence[TemplateRun]:
        """Return the runs whose end on some of these hosts was not written down, whole, newest first."""

    def applied(self, hosts: Sequence[str]) -> Sequence[AppliedFile]:
        """Return what was last applied to each path of these hosts."""
