"""Names of runs, and whether the process of a run that did not end is still there.

A name is a UTC time, three characters for the part of the second and one of chance: it sorts by time, also within a
second, is short enough to be typed, and two machines that begin at the same moment most likely get two names.
"""

import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from omc.ports import RunHost, TemplateRun

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without the letters that look like others
NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-z]{4}")
_QUIET = timedelta(hours=1)
"""A run of another machine that wrote nothing for so long is taken for interrupted."""


def new_name(now: datetime) -> str:
    """Return a name for a run that begins now."""
    base = len(_ALPHABET)
    part = now.microsecond * base**3 // 1_000_000
    digits = "".join(_ALPHABET[part // base**place % base] for place in (2, 1, 0))
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{digits}{secrets.choice(_ALPHABET)}"


def rfc3339(moment: datetime) -> str:
    """Return a time as runs keep it: UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def this_process() -> str:
    """Return what tells this process from every other one: machine, boot, number, and when it began."""
    return f"{_line('/etc/machine-id')} {_line('/proc/sys/kernel/random/boot_id')} {os.getpid()} {_began(os.getpid())}"


def is_alive(process: str) -> bool | None:
    """Tell whether that process still runs; None where this machine cannot know."""
    parts = process.split(" ")
    own = this_process().split(" ")
    if len(parts) != len(own) or parts[0] != own[0] or not parts[0]:
        return None
    return parts[1] == own[1] and parts[2].isdigit() and _began(int(parts[2])) == parts[3]


def with_real_status(run: TemplateRun, now: datetime) -> TemplateRun:
    """Return the run, "interrupted" where it did not end and nobody carries it on.

    A host of which nothing was heard is "unknown" then, and so is one that was to put itself back and has had the time.
    """
    run = msgspec.structs.replace(run, hosts=tuple(_with_real_status(host, now) for host in run.hosts))
    if run.status != "running":
        return run
    alive = is_alive(run.process)
    if alive is None:
        last = max([run.started_at, *(host.finished_at for host in run.hosts if host.finished_at)])
        alive = now - datetime.fromisoformat(last) < _QUIET
    if alive:
        return run
    hosts = tuple(_unheard(host) for host in run.hosts)
    return msgspec.structs.replace(run, status="interrupted", reason="omc itself was ended", hosts=hosts)


def _with_real_status(host: RunHost, now: datetime) -> RunHost:
    if host.status != "waiting" or host.confirm_until is None or datetime.fromisoformat(host.confirm_until) > now:
        return host
    message = f"{host.message}\nit was to put everything back by itself at {host.confirm_until}".strip()
    return msgspec.structs.replace(host, status="unknown", message=message)


def _unheard(host: RunHost) -> RunHost:
    if host.status != "planned":
        return host
    return msgspec.structs.replace(host, status="unknown", message="omc was ended before it heard of it")


def _line(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip().replace(" ", "")
    except (OSError, UnicodeDecodeError):
        return ""


def _began(number: int) -> str:
    """Return when a process began, in the kernel's ticks; empty where there is none."""
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]
