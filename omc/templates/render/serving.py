"""What runs in the worker's process: host after host, each within its limits of time, memory and output."""

import gc
import math
import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from omc.templates.render.errors import LimitError, RenderError
from omc.templates.render.filling import TimeUp
from omc.templates.render.fleet import Fleet
from omc.templates.render.messages import Asking, Done, Failed, Found, WantNeeds, Work, send, to_worker
from omc.templates.render.needs import needs_facts
from omc.templates.render.one import Renderer
from omc.templates.render.world import HARD_EXTRA_SECONDS, Setting

_AGAIN_SECONDS = 0.5


def serve(connection: "Connection[Any, Any]", setting: Setting, at: Any) -> None:
    """Render what is asked for until the other side is gone; `at` tells it which template is under way."""
    _alone(connection)
    _bound_memory(setting.limits.memory_bytes)
    signal.signal(signal.SIGPROF, _time_up)
    fleet = Fleet(setting.site, setting.extra, Asking(connection))
    renderer = Renderer(setting.templates, fleet, setting.limits, at)
    failures: dict[str, int] = {}
    try:
        while True:
            work = to_worker(connection)
            if isinstance(work, WantNeeds):
                send(connection, Found(needs_facts(setting.templates, setting.site)))
            elif isinstance(work, Work):
                failures.update(work.failures)
                for name in work.hosts:
                    send(connection, _rendered(renderer, setting, name, failures))
    except (EOFError, OSError):
        return


def _rendered(renderer: Renderer, setting: Setting, name: str, failures: dict[str, int]) -> Done | Failed:
    started = time.perf_counter()
    limits = setting.limits
    try:
        with _bound_time(limits.cpu_seconds):
            desired = renderer.render(setting.site.hosts[name], failures)
        return Done(desired, time.perf_counter() - started)
    except RenderError as error:
        is_limit = isinstance(error, LimitError)
        if is_limit:
            failures[error.template] = failures.get(error.template, 0) + 1
        return Failed(
            host=name,
            template=error.template,
            message=error.message,
            seconds=time.perf_counter() - started,
            variable=error.variable,
            where=error.where,
            hint=error.hint,
            limit=is_limit,
        )
    except (Exception, TimeUp) as error:  # a defect, or the time was over between two templates
        return Failed(name, "", f"{type(error).__name__} while it was rendered", time.perf_counter() - started)


def _alone(connection: "Connection[Any, Any]") -> None:
    """Let go of all that the fork brought along: files, connections to hosts, the terminal, the interrupt key."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number not in (nothing, connection.fileno()):
            # The number stays taken: an object that still has it must not close another file one day.
            os.dup2(nothing, number)
    gc.freeze()


def _bound_memory(more: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    # What it holds are secrets, too: no file, and none of a crash.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@contextmanager
def _bound_time(seconds: float) -> Iterator[None]:
    """Raise TimeUp after so much time of the CPU; where nothing hears that, the kernel ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds) + HARD_EXTRA_SECONDS, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _time_up(*_: object) -> None:
    raise TimeUp
