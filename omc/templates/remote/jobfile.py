"""A job as the host keeps it: shell functions that name its files, validations, checks and handlers in order.

The host sources it from its own folder, root's alone; so a later step, or the timer, knows what the run was about
without being told again. No content and no secret is in it.
"""

from hashlib import sha256
from pathlib import PurePosixPath

import msgspec

from omc.templates.desired import SetCheck
from omc.templates.remote.job import FileChange, Job
from omc.templates.remote.quote import checked_path, folder_name, quote, run_name, token, words

_LONGEST_FILE_NAME = 255


class Card(msgspec.Struct, frozen=True):
    """What the host can say of a run that it keeps: paths in the order of their numbers, and the handlers."""

    paths: tuple[str, ...]
    handlers: tuple[tuple[str, ...], ...] = ()


def job_text(job: Job) -> str:
    """Return the file `job` of a run on its host."""
    staged = [beside(change.path, job.run, number) for number, change in enumerate(job.changes, 1)]
    old = [beside(change.path, f"{job.run}-old", number) for number, change in enumerate(job.changes, 1)]
    paths = [checked_path(change.path) for change in job.changes]
    lines = [_file(number, one, staged[number - 1], old[number - 1]) for number, one in enumerate(job.changes, 1)]
    card = token(Card(tuple(paths), (*job.handlers, *job.late_handlers)))
    late = "".join(f" {_hash(command)} " for command in job.late_handlers)
    return "\n".join(
        [
            f"# {card}",
            f"job_token={card} unit={unit(job)}",
            f"has_objects={'yes' if job.objects else ''} late={quote(late)}",
            f"confirm_seconds={job.confirm_seconds or 0:d}",
            f"validate_seconds={job.validate_seconds:d} handler_seconds={job.handler_seconds:d}",
            _function("files", lines),
            _append("targets", paths),
            _append("staged_files", staged),
            _append("returning_files", old),
            _append("beside_files", [*old, *staged]),
            f'clear_files() {{ rm -rf {words((*staged, *old))} "$@"; }}',
            _append("folders", sorted({path.rpartition("/")[0] or "/" for path in paths})),
            _function("validations", _validations(job.changes, staged)),
            _function("checks", [line for check in job.checks for line in _check(check, job, staged)]),
            _function("handlers", [_handler("handler", command) for command in job.handlers]),
            _function("late_handlers", [_handler("later", command) for command in job.late_handlers]),
            "",
        ]
    )


def beside(path: str, run: str, number: int) -> str:
    """Return the hidden name beside a path that a run uses for a while; the suffix stays, for validators."""
    folder, _, name = path.rpartition("/")
    hidden = f".omc-{run}.{name}"
    if len(hidden.encode()) > _LONGEST_FILE_NAME:
        hidden = f".omc-{run}.{number}{PurePosixPath(name).suffix[:16]}"
    return f"{folder}/{hidden}"


def unit(job: Job) -> str:
    """Return the name of the timer in systemd."""
    return f"omc-{sha256(f'{run_name(job.run)}/{folder_name(job.host)}'.encode()).hexdigest()[:16]}"


def _file(number: int, change: FileChange, staged: str, old: str) -> str:
    content = change.content
    after = change.before or "-" if content is None else sha256(content).hexdigest()
    size = "-" if content is None else str(len(content))
    mode = "" if change.mode is None else f"{change.mode:04o}"
    values = (change.path, staged, old, change.before or "-", after, size)
    attributes = (change.owner or "", change.group or "", mode, change.context or "")
    return f"file {number} {words((*values, *attributes))}"


def _validations(changes: tuple[FileChange, ...], staged: list[str]) -> list[str]:
    return [
        f"validation {number} {words(tuple(word.replace('%s', staged[number - 1]) for word in change.validate))}"
        for number, change in enumerate(changes, 1)
        if change.validate
    ]


def _check(check: SetCheck, job: Job, staged: list[str]) -> list[str]:
    root = f'"$folder"{quote("/tree")}'
    members = [(number, one) for number, one in enumerate(job.changes) if one.template == check.template]
    command = " ".join(
        root.join(quote(piece) if piece else "" for piece in word.split("%s")) or "''" for word in check.command
    )
    return [
        "tree",
        *(f"beside {quote(checked_path(path))}" for path in check.beside),
        *(f"member {quote(staged[number])} {quote(one.path)}" for number, one in members),
        f"check {members[0][0] + 1 if members else 0} {command}",
    ]


def _handler(word: str, command: tuple[str, ...]) -> str:
    return f"{word} {_hash(command)} {token(command)} {quote(f'perform {words(command)}')}"


def _hash(command: tuple[str, ...]) -> str:
    return sha256(token(command).encode()).hexdigest()[:16]


def _function(name: str, lines: list[str]) -> str:
    body = "".join(f"{line} || return\n" for line in lines) or ":\n"
    return f"{name}() {{\n{body}}}"


def _append(name: str, values: list[str]) -> str:
    return f'{name}() {{ "$@" {words(tuple(values))}; }}' if values else f"{name}() {{ :; }}"
