"""Asks whether all is well after a batch: a command of this machine, or a URL that must answer 2xx.

Tried again until it says yes or the time is over: a service that was just restarted may need a moment.
"""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping

from omc.errors import UsageError

SECONDS = 60.0
UNWELL = "the health check failed"
"""Begins the reason of a run that a health check ended."""
_PAUSE_SECONDS = 1.0
_MOST_OUTPUT = 2_000


def check_words(text: str) -> tuple[str, ...]:
    """Return the command's arguments, or the URL as the only one. Raise UsageError where it is neither, or not here."""
    if is_url(text):
        return (text,)
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"--health is no command: {error}", hint="quote it as for a shell") from None
    if not words:
        raise UsageError("--health is empty", hint="a command, or a URL that begins with http:// or https://")
    if shutil.which(words[0]) is None:
        hint = "a command of this machine, with its arguments, or a URL that begins with http:// or https://"
        raise UsageError(f"--health: there is no program {words[0]!r} here", hint=hint)
    return words


def is_url(text: str) -> bool:
    """Tell whether a health check is a URL."""
    return text.startswith(("http://", "https://"))


def unhealthy(
    text: str,
    surroundings: Mapping[str, str],
    seconds: float = SECONDS,
    *,
    trying: Callable[[str, float], None] = lambda _reason, _seconds: None,
) -> str:
    """Return why it is not well, empty where it is; `surroundings` are added to the command's environment.

    `trying` is told once, with the first reason, for how many seconds more it will be asked again.
    """
    words = check_words(text)
    told = False
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        reason = _url_says(text, left) if is_url(text) else _command_says(words, surroundings, left)
        if not reason or deadline - time.monotonic() <= _PAUSE_SECONDS:
            return reason
        if not told:
            trying(reason, deadline - time.monotonic())
            told = True
        time.sleep(_PAUSE_SECONDS)


def _url_says(url: str, seconds: float) -> str:
    import urllib.error  # with all of HTTP behind it, which a run without a URL does not need
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=max(0.1, min(seconds, 10.0))) as answer:  # noqa: S310 - is_url
            status = answer.status
    except urllib.error.HTTPError as error:
        return f"{url} answered {error.code}"
    except (OSError, ValueError) as error:
        return f"{url}: {getattr(error, 'reason', error)}"
    return "" if 200 <= status < 300 else f"{url} answered {status}"


def _command_says(words: tuple[str, ...], surroundings: Mapping[str, str], seconds: float) -> str:
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **surroundings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=max(0.1, seconds),
            check=False,
            start_new_session=True,  # the Ctrl-C that stops omc is not for it
        )
    except subprocess.TimeoutExpired:
        return f"{words[0]} did not end in time"
    except OSError as error:
        return f"{words[0]}: {error.strerror}"
    if done.returncode == 0:
        return ""
    said = done.stdout[-_MOST_OUTPUT:].decode("utf-8", "replace").strip()
    return f"{words[0]} ended with {done.returncode}" + (f": {said}" if said else "")
