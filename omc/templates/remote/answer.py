"""What a host answers: lines of a word and its fields, checked field by field. A host is not trusted."""

import re
from collections.abc import Callable

from omc.errors import HostError
from omc.ports import Answer
from omc.templates.remote.job import CommandResult, Outcome
from omc.templates.remote.jobfile import Card
from omc.templates.remote.quote import decoded, host_name, unreadable, untoken
from omc.templates.remote.state import Lock

_STATUSES = {"changed", "unchanged", "waiting", "restored", "refused", "failed", "rolled_back"}
_CODE = re.compile(r"-|[a-z_]{1,30}")
_WORD = re.compile(r"[A-Za-z0-9_.%-]{1,255}")
_MOST_LINES = 100_000


def lines(answer: Answer, doing: str) -> list[list[str]]:
    """Return the lines of a whole answer as words; HostError where it was cut off or the script failed."""
    text = answer.output.decode("utf-8", "replace")
    found = text.split("\n", _MOST_LINES)
    if found[-2:] != ["end", ""]:
        said = answer.errors.decode("utf-8", "replace").strip().splitlines()
        raise HostError(
            f"the script of {doing} ended with status {answer.status}" + (f": {said[-1][:200]}" if said else ""),
            code="protocol",
            hint="the host needs a POSIX shell and the coreutils; is its disk full or its process table?",
        )
    return [line.split(" ") for line in found[:-2]]


def lock(fields: list[str]) -> Lock:
    """Return the holder that a line names."""
    if len(fields) != 4:
        raise unreadable(" ".join(fields))
    run, host, actor, since = fields
    return Lock(
        run=word(run), host=host_name(word(host)), actor=decoded(actor).decode("utf-8", "replace"), since=since[:40]
    )


def word(text: str) -> str:
    """Return a field that must be a plain word."""
    if not _WORD.fullmatch(text):
        raise unreadable(text)
    return text


def number(text: str) -> int:
    """Return a field that must be a small number."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise unreadable(text)
    return int(text)


def command(text: str) -> tuple[str, ...]:
    """Return the argument list in a token."""
    return untoken(text, tuple[str, ...])


class _Reading:
    """What the lines of a run's answer have said so far."""

    def __init__(self, paths: tuple[str, ...], commands: Callable[[str, int], tuple[str, ...]]) -> None:
        self.paths = paths
        self.command_of = commands
        self.files: list[str] = []
        self.left: list[str] = []
        self.notes: list[str] = []
        self.commands: list[CommandResult] = []
        self.pending: list[tuple[str, ...]] = []
        self.at = ""
        self.back = False
        self.holder: Lock | None = None
        self.end: tuple[str, str, str] | None = None

    def path(self, text: str) -> str:
        index = number(text)
        return self.paths[index - 1] if 0 < index <= len(self.paths) else ""

    def read(self, fields: list[str]) -> None:
        kind, rest = fields[0], fields[1:]
        reader = getattr(self, f"read_{kind}", None) if kind in _KINDS and len(rest) == _KINDS[kind] else None
        if reader is None:
            raise unreadable(" ".join(fields))
        reader(*rest)

    def read_job(self, text: str) -> None:
        self.paths = untoken(text, Card).paths

    def read_at(self, text: str) -> None:
        self.at = self.path(text)

    def read_file(self, text: str) -> None:
        self.files.append(self.path(text))

    def read_left(self, text: str) -> None:
        self.left.append(self.path(text))

    def read_back(self) -> None:
        self.back = True

    def read_lock(self, *fields: str) -> None:
        self.holder = lock(list(fields))

    def read_unfinished(self, run: str, host: str) -> None:
        self.notes.append(f"run {word(run)} on {host_name(word(host))}")

    def read_newer(self, text: str, run: str, host: str) -> None:
        self.notes.append(f"{self.path(text)}: run {word(run)} on {host_name(word(host))}")

    def read_changed(self, text: str, digest: str) -> None:
        gone = "it is no longer a file" if digest == "-" else f"its content is now {word(digest)[:12]}…"
        self.notes.append(f"{self.path(text)}: {gone}")

    def read_validation(self, text: str, status: str, output: str) -> None:
        self._ran(self.command_of("validation", number(text)), status, output, self.path(text))

    def read_check(self, text: str, status: str, output: str) -> None:
        self._ran(self.command_of("check", number(text)), status, output, self.path(text))

    def read_handler(self, text: str, status: str, output: str) -> None:
        self._ran(command(text), status, output, "")

    def read_pending(self, text: str) -> None:
        self.pending.append(command(text))

    def read_outcome(self, status: str, code: str, message: str) -> None:
        if status not in _STATUSES or not _CODE.fullmatch(code):
            raise unreadable(f"{status} {code}")
        self.end = status, code.strip("-"), decoded(message).decode("utf-8", "replace")

    def _ran(self, line: tuple[str, ...], status: str, output: str, path: str) -> None:
        said = decoded(output).decode("utf-8", "replace")
        self.commands.append(CommandResult(command=line, status=number(status), output=said, path=path))


_KINDS = {
    "job": 1, "at": 1, "file": 1, "left": 1, "back": 0, "lock": 4, "unfinished": 2, "newer": 3, "changed": 2,
    "validation": 3, "check": 3, "handler": 3, "pending": 1, "outcome": 3,
}  # fmt: skip


def outcome(
    answer: Answer,
    doing: str,
    paths: tuple[str, ...] = (),
    commands: Callable[[str, int], tuple[str, ...]] = lambda _kind, _number: (),
) -> Outcome:
    """Return what came of a step. `paths` are those that numbers stand for, where the host does not say them itself."""
    reading = _Reading(paths, commands)
    for fields in lines(answer, doing):
        reading.read(fields)
    if reading.end is None:
        raise unreadable("no outcome")
    status, code, said = reading.end
    return Outcome(
        status=status,
        code=code,
        message=_message(reading, said),
        paths=tuple(dict.fromkeys(reading.files)),
        commands=tuple(reading.commands),
        pending_handlers=tuple(reading.pending),
        holder=reading.holder,
        left=tuple(reading.left),
        back=reading.back,
    )


def _message(reading: _Reading, said: str) -> str:
    found = [*reading.notes, *([f"{reading.at}: {said}" if reading.at else said] if said else [])]
    if not found and reading.at:
        found = [reading.at]
    return "; ".join(found)
