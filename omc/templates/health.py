"""Asks whether all is well after a batch: a command of this machine, or a URL that must answer 2xx.

Tried again until it says yes or the time is over: a service that was just restarted may need a moment.
"""

import os
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from omc.errors import UsageError

SECONDS = 60.0
UNWELL = "the health check failed"
"""Begins the reason of a run that a health check ended."""
PUT_BACK = f"{UNWELL}, so it was put back"
AWAITED = "it waits for the health check"
"""What is said of hosts that are held until it has spoken."""
_PAUSE_SECONDS = 1.0
_TICK_SECONDS = 0.05
_MOST_OUTPUT = 2_000
_MOST_READ = 1 << 20  # more than a pipe holds


def check_words(text: str) -> tuple[str, ...]:
    """Return the command's arguments, or the URL as the only one. Raise UsageError where it is neither, or not here."""
    if is_url(text):
        _check_url(text)
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

    `text` is one that `check_words` took. Nothing that the check does is an error of the run's: hosts may be held.
    `trying` is told once, with the first reason, for how many seconds more it will be asked again.
    """
    words = () if is_url(text) else tuple(shlex.split(text))  # as they were checked before the first host
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


def _check_url(url: str) -> None:
    """Raise UsageError where nobody could be asked at a URL, whatever answers there."""
    from urllib.parse import urlsplit

    hint = "as http://monitor:9090/-/healthy"
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise UsageError(f"--health {url}: {str(error).lower()}", hint=hint) from None
    asked_for = f"{parts.path}?{parts.query}"
    if not whole or not asked_for.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise UsageError(f"--health {url!r}: expected a URL with a host, and nothing that must be escaped", hint=hint)
    if parts.username is not None:
        raise UsageError("--health: a URL with a user's name is not asked", hint="a command can: curl --netrc …")


def _url_says(url: str, seconds: float) -> str:
    import urllib.error  # with all of HTTP behind it, which a run without a URL does not need
    import urllib.request
    from http.client import HTTPException

    try:
        with urllib.request.urlopen(url, timeout=max(0.1, min(seconds, 10.0))) as answer:  # noqa: S310 - is_url
            status = answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return f"{url} answered {error.code}"
    except HTTPException as error:
        return f"{url} answered no HTTP: {str(error).strip()[:_MOST_OUTPUT] or type(error).__name__}"
    except (OSError, ValueError) as error:
        return f"{url}: {getattr(error, 'reason', error)}"
    return "" if 200 <= status < 300 else f"{url} answered {status}"


def _command_says(words: tuple[str, ...], surroundings: Mapping[str, str], seconds: float) -> str:
    try:
        process = subprocess.Popen(
            words,
            env={**os.environ, **surroundings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the Ctrl-C that stops omc is not for it
        )
    except OSError as error:
        return f"{words[0]}: {error.strerror}"
    with _ending(process) as pipe:
        said = _last_words(process, pipe, time.monotonic() + max(0.1, seconds))
    if process.returncode == 0:
        return ""
    if said is None:
        return f"{words[0]} did not end in time"
    text = said.decode("utf-8", "replace").strip()
    return f"{words[0]} ended with {process.returncode}" + (f": {text}" if text else "")


@contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """Give what the command prints, and end it with all that it started where it did not end by itself."""
    assert process.stdout is not None
    with process.stdout as pipe:
        try:
            yield pipe.fileno()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _last_words(process: subprocess.Popen[bytes], pipe: int, deadline: float) -> bytes | None:
    """Return the end of what a command printed, when it ended; None where it did not in time.

    However much it prints, no more is kept; what it leaves running is not waited for.
    """
    kept, is_open = b"", True
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        has_ended = process.poll() is not None
        if is_open and waiting.poll(0 if has_ended else min(left, _TICK_SECONDS) * 1000):
            some = os.read(pipe, _MOST_READ)
            kept, is_open = (kept + some)[-_MOST_OUTPUT:], bool(some)
        elif not is_open and not has_ended:
            time.sleep(min(left, _TICK_SECONDS))
        if has_ended:
            return kept
    return None
