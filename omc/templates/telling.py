"""Puts what a host did, or refused to do, into words for people. Pure."""

import re
import shlex
from collections.abc import Iterable

from omc.templates.planfile import FailedHost
from omc.templates.redact import Redactor
from omc.templates.remote.job import CommandResult, Outcome

TOO_SLOW = 124
_NAME = "\ue000"  # of private use: in no message, so HOST is not taken for one that stands there
_NOTHING_SECRET = Redactor(())
NOT_SHOWN = "what it wrote is not shown: a secret may be in it"
_MOST_OUTPUT = 2_000
_WORDS = {
    "changed_since_plan": "it changed on the host since it was looked at",
    "changed_since": "it is no longer as the run left it",
    "newer_run": "a later run changed it, too",
    "disk_full": "no space is left",
    "read_only": "the file system is read-only",
    "immutable": "it cannot be changed (lsattr)",
    "permission": "permission denied",
    "not_a_file": "something that is no file stands there",
    "owner": "the host does not know the owner or group",
    "unfinished": "an earlier run was cut off there",
    "waiting": "an earlier run waits for its confirmation",
    "objects": "it defines its libvirt objects, or was cut off there: wait, or finish it with omc template resume",
    "exists": "the host has this run already",
    "no_such_run": "the host keeps nothing of this run",
    "reverted": "the host put everything back already: it was confirmed too late",
    "unconfirmed": "nobody confirmed it in time, so it put everything back by itself",
    "failure": "it failed before, and was put back",
    "interrupted": "it was cut off before the first file was in place, and left nothing",
    "state_folder": "the folder of omc's own files cannot be written",
    "incomplete": "what was sent did not arrive whole",
    "timer": "the timer that would put everything back did not start",
    "already": "that was done before",
}


def message_of(outcome: Outcome, redactor: Redactor | None = _NOTHING_SECRET) -> str:
    """Return why a host failed or refused, and what its commands said; no secret is in it.

    Without a `redactor` secrets may be in what commands said, and nobody knows which: that is left out then.
    """
    said = [(redactor or _NOTHING_SECRET).text(_reason(outcome))] if outcome.code or outcome.message else []
    said += [f"{path}: it could not be put back" for path in outcome.left]
    said += [_said(result, redactor) for result in outcome.commands if result.status != 0]
    said += ["all files are as they were"] if outcome.back and outcome.status in ("restored", "failed") else []
    return "\n".join(filter(None, dict.fromkeys(said)))


def _reason(outcome: Outcome) -> str:
    if outcome.holder is not None:
        more = f": {_WORDS['objects']}" if outcome.code == "objects" else ""
        held = outcome.holder
        return f"run {held.run} of {held.actor} holds the machine since {held.since}{more}"
    words = _WORDS.get(outcome.code, "")
    if not words or not outcome.message:
        return outcome.message or words
    return f"{outcome.message}: {words}"


def _said(result: CommandResult, redactor: Redactor | None) -> str:
    words = shlex.join(map((redactor or _NOTHING_SECRET).text, result.command))
    ended = "took too long" if result.status == TOO_SLOW else f"ended with {result.status}"
    output = result.output[-_MOST_OUTPUT:]
    output = redactor.end_of(output).strip() if redactor else NOT_SHOWN if output else ""
    place = f"{result.path}: " if result.path else ""
    return f"{place}{words}: {ended}" + (f"\n{output}" if output else "")


def together(failed: Iterable[FailedHost]) -> list[tuple[tuple[str, ...], str, str]]:
    """Return hosts with the same reason together: their names, the message and the hint.

    Where several share it, HOST stands for the name of each; of one alone it is told word for word.
    """
    groups: dict[tuple[str, str], list[FailedHost]] = {}
    for host in failed:
        groups.setdefault((_nameless(host.message, host.host), _nameless(host.hint, host.host)), []).append(host)
    found = []
    for key, hosts in groups.items():
        message, hint = (text.replace(_NAME, "HOST") for text in key)
        if len(hosts) == 1:
            message, hint = hosts[0].message, hosts[0].hint
        found.append((tuple(host.host for host in hosts), message, hint))
    return found


def _nameless(text: str, host: str) -> str:
    """Return the text without the host's name, where it stands as a word of its own."""
    return re.sub(rf"(?<![\w-]){re.escape(host)}(?![\w-])", _NAME, text)
