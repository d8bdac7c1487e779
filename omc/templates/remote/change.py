"""Changing a host: the files of a job whole or not at all, then its handlers, in one exec."""

import getpass
import time
from datetime import UTC, datetime

import msgspec

from omc.ports import Shell
from omc.templates.remote.answer import outcome
from omc.templates.remote.job import Job, Outcome
from omc.templates.remote.jobfile import job_text
from omc.templates.remote.quote import folder_name, quote, run_name, word_of
from omc.templates.remote.script import script

KEPT_RUNS = 20
_MOST_BYTES = 8 << 20
_LARGEST_TEXT = 32 << 10


def change(shell: Shell, job: Job, *, deadline: float, keep_runs: int = KEPT_RUNS) -> Outcome:
    """Carry out a job. HostError or DeadlineError mean that the outcome is not known: `resume` then finds it out.

    A target's content is compared with `before` when everything is staged; what then replaces the file by a rename of
    its own in the about two milliseconds before omc's rename is lost, everything else is noticed, and kept.
    """
    seconds = max(1, int(deadline - time.monotonic()))
    values = run_values(job.run, job.host, job.actor, seconds=seconds)
    values |= {"receive_seconds": seconds, "keep_runs": keep_runs, "job": job_text(job), "revert": _revert(job)}
    functions, data = _contents(job)
    answer = shell.run(script("change", values, functions), data, deadline=deadline, most_bytes=_MOST_BYTES)
    paths = tuple(one.path for one in job.changes)
    found = outcome(answer, "the change", paths, lambda kind, number: _command(job, kind, number))
    if found.status == "changed" and not job.changes:
        return msgspec.structs.replace(found, status="unchanged")
    return found


def run_values(run: str, host: str, actor: str = "", *, seconds: int = 10) -> dict[str, str | int]:
    """Return what every step about a run is told."""
    return {
        "run": run_name(run),
        "host": folder_name(host),
        "actor": word_of(actor or getpass.getuser()),
        "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lock_seconds": seconds,
        "keep_runs": KEPT_RUNS,
    }


def _revert(job: Job) -> str:
    return script("revert", run_values(job.run, job.host, "timer")) if job.confirm_seconds else ""


def _contents(job: Job) -> tuple[str, list[bytes]]:
    """Return the function that gives a file's content by its number, and what it reads from standard input.

    Small texts are within the script, which costs the host no process; what is not, is read in the files' order.
    """
    cases, data = [], []
    for number, change in enumerate(job.changes, 1):
        text = _small_text(change.content)
        if text is not None:
            cases.append(f"{number}) printf '%s' {quote(text)} ;;\n")
        elif change.content:
            cases.append(f"{number}) take {len(change.content)} ;;\n")
            data.append(change.content)
    return f"content() {{\ncase $1 in\n{''.join(cases)}esac\n}}\n", data


def _small_text(content: bytes | None) -> str | None:
    if not content or len(content) > _LARGEST_TEXT or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _command(job: Job, kind: str, number: int) -> tuple[str, ...]:
    if not 0 < number <= len(job.changes):
        return job.checks[0].command if job.checks else ()
    one = job.changes[number - 1]
    if kind == "validation":
        return one.validate
    return next((check.command for check in job.checks if check.template == one.template), ())
