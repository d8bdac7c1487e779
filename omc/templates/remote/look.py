"""Looking at a host: how its files are, who holds it, what is unfinished there. One exec, and nothing is changed."""

import base64
import binascii
import re
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from omc.ports import Shell
from omc.templates.desired import DesiredFile
from omc.templates.remote.answer import command, lines, lock, number, word
from omc.templates.remote.jobfile import Card
from omc.templates.remote.quote import checked_path, host_name, unreadable, untoken, words
from omc.templates.remote.script import script
from omc.templates.remote.state import FileState, HostState, Lock, Unfinished

_MOST_BYTES = 1 << 20
_ROOM = 16 << 20  # of all contents of one answer
_MOST_NAMED = 300
_KINDS = {0o100000: "file", 0o040000: "directory", 0o120000: "symlink"}
_SUM = re.compile(r"\\?([0-9a-f]{64})  (.*)", re.DOTALL)


def look(
    shell: Shell,
    files: Sequence[DesiredFile],
    *,
    deadline: float,
    programs: Sequence[str] = (),
    most_bytes: int = _MOST_BYTES,
) -> HostState:
    """Return how the host is, and which of the programs it lacks.

    A file's content is there where it differs from what is desired and is not too large.
    """
    paths = tuple(checked_path(file.path) for file in files)
    wanted = "".join(f"\n{_sum_line(file)}" for file in files) + "\n"
    values: dict[str, str | int] = {"run": "-", "host": "-", "actor": "-", "wanted": wanted}
    values |= {"most_bytes": most_bytes, "room": _ROOM}
    functions = _calls("targets", paths) + _calls("programs", tuple(dict.fromkeys(programs)))
    limit = 2 * (min(_ROOM, most_bytes * len(paths)) + 4096 * len(paths)) + (4 << 20)
    answer = shell.run(script("look", values, functions), deadline=deadline, most_bytes=limit)
    reading = _Reading(paths)
    reading.read(lines(answer, "looking at the host"))
    return reading.state()


def _calls(name: str, arguments: tuple[str, ...]) -> str:
    """Return a function of the shell that calls its argument with these."""
    return f'{name}() {{ "$@" {words(arguments)}; }}\n' if arguments else f"{name}() {{ :; }}\n"


def _sum_line(file: DesiredFile) -> str:
    """The line as GNU's sha256sum prints it: a backslash in the name is doubled, and one stands before the line."""
    digest = sha256(file.content).hexdigest()
    if "\\" in file.path:
        return f"\\{digest}  " + file.path.replace("\\", "\\\\")
    return f"{digest}  {file.path}"


class _Reading:
    def __init__(self, paths: tuple[str, ...]) -> None:
        self.files = {path: FileState(path=path, kind="missing") for path in paths}
        self.machine = ""
        self.running = ""
        self.powerless = ""
        self.lacking: list[str] = []
        self.lock: Lock | None = None
        self.unfinished: list[Unfinished] = []
        self.pending: list[tuple[str, ...]] = []

    def state(self) -> HostState:
        if not self.machine:
            raise unreadable("no machine")
        return HostState(
            machine=self.machine,
            running=self.running,
            files=tuple(self.files.values()),
            lock=self.lock,
            unfinished=tuple(self.unfinished),
            pending_handlers=tuple(self.pending),
            powerless=self.powerless,
            lacking=frozenset(self.lacking),
        )

    def read(self, found: list[list[str]]) -> None:
        rows = iter(found)
        for fields in rows:
            if fields[0] == "content":
                self._content(fields[1:], _bytes(next(rows, ["?"])))
            else:
                self._line(fields)

    def _line(self, fields: list[str]) -> None:
        match fields:
            case ["machine", name, *running]:
                self.machine, self.running = word(name), " ".join(running)[:_MOST_NAMED]
            case ["lock", *holder]:
                self.lock = lock(holder)
            case ["pending", text]:
                self.pending.append(command(text))
            case ["unfinished", run, host, step, left, text]:
                self.unfinished.append(_unfinished(run, host, step, left, text))
            case ["sum", *rest]:
                digest, path = self._sum(rest)
                self._set(path, digest=digest)
            case ["powerless", user]:
                self.powerless = word(user)
            case ["lacking", *program]:
                self.lacking.append(" ".join(program))
            case ["unreadable" | "immutable" as flag, *rest]:
                self._set(" ".join(rest), **{flag: True})
            case _ if fields[0].startswith("stat\t"):
                self._stat(" ".join(fields))
            case _:
                raise unreadable(" ".join(fields))

    def _stat(self, line: str) -> None:
        columns = line.split("\t", 8)
        if len(columns) != 9 or not re.fullmatch(r"[0-9a-f]{1,8}", columns[1]):
            raise unreadable(line)
        _, raw, size, owner_id, group_id, owner, group, context, path = columns
        bits = int(raw, 16)
        self._set(
            path,
            kind=_KINDS.get(bits & 0o170000, "other"),
            mode=bits & 0o7777,
            size_bytes=number(size),
            owner_id=number(owner_id),
            group_id=number(group_id),
            owner=owner[:256],
            group=group[:256],
            context="" if context in {"-", "?"} else context[:1024],
        )

    def _sum(self, rest: list[str]) -> tuple[str, str]:
        line = " ".join(rest)
        found = _SUM.fullmatch(line)
        if not found:
            raise unreadable(line)
        path = found[2].replace("\\\\", "\\") if line.startswith("\\") else found[2]
        return found[1], path

    def _content(self, rest: list[str], body: bytes) -> None:
        """The content was read after the digest was taken; what was written in between is in the content."""
        _, path = self._sum(rest)
        self._set(path, content=body, digest=sha256(body).hexdigest(), size_bytes=len(body))

    def _set(self, path: str, **values: object) -> None:
        if path not in self.files:
            raise unreadable(path)
        self.files[path] = msgspec.structs.replace(self.files[path], **values)


def _bytes(row: list[str]) -> bytes:
    try:
        return base64.b64decode(row[0] if len(row) == 1 else "?", validate=True)
    except (binascii.Error, ValueError) as error:
        raise unreadable(" ".join(row)) from error


def _unfinished(run: str, host: str, step: str, left: str, text: str) -> Unfinished:
    card = Card(()) if text == "-" else untoken(text, Card)
    return Unfinished(
        run=word(run),
        host=host_name(word(host)),
        step=word(step),
        paths=card.paths,
        handlers=card.handlers,
        confirm_seconds=None if left == "-" else max(0.0, float(number(left))),
    )
