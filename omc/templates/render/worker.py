"""The process that renders: forked, bounded, started again where a template ends it.

A template may loop for ever, fill the memory or crash the interpreter; that costs the host that it was rendered for,
and the others go on. Facts and secrets are asked for here, never in the worker.
"""

import mmap
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from omc.errors import OmcError
from omc.fleet import Result
from omc.site import SiteHost
from omc.templates.catalogue import Template
from omc.templates.desired import Desired
from omc.templates.render import messages
from omc.templates.render.errors import LimitError, RenderError
from omc.templates.render.messages import (
    Done,
    Facts,
    Failed,
    Found,
    Refused,
    Secret,
    WantFacts,
    WantNeeds,
    WantSecret,
    Work,
)
from omc.templates.render.world import HARD_EXTRA_SECONDS, Limits, Needs, Setting, World

_STARVED = 4
"""How many times its CPU time a host may take by the clock, on a machine that is busy with other things."""

_AT_BYTES = 4
_DEFAULTS = Limits()


def render(
    templates: Sequence[Template], hosts: Sequence[SiteHost], world: World, limits: Limits = _DEFAULTS
) -> Iterator[Result[SiteHost, Desired]]:
    """Render the templates for each host, and give one Result a host, in their order; errors are RenderErrors."""
    with Worker(templates, world, limits) as worker:
        yield from worker.render(hosts)


class Worker:
    """One process that renders; it is forked here, so make it before there are threads."""

    def __init__(self, templates: Sequence[Template], world: World, limits: Limits = _DEFAULTS) -> None:
        self._world = world
        self._limits = limits
        self._templates = templates
        self._setting = Setting(world.site, world.extra, templates, limits)
        self._at = mmap.mmap(-1, _AT_BYTES)
        self._failures: dict[str, int] = {}
        self._start()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid or 0

    def close(self) -> None:
        """End the process, whatever it does."""
        self._connection.close()
        if self._process.is_alive():
            self._process.kill()
        self._process.join()

    def needs(self) -> Needs:
        """Return whose facts the templates read; where that cannot be found out, rendering them says why."""
        self._send(WantNeeds())
        answer = self._answer()
        if isinstance(answer, Found):
            return answer.needs
        self._start_again()
        return Needs()

    def render(self, hosts: Sequence[SiteHost]) -> Iterator[Result[SiteHost, Desired]]:
        """Render all templates for each host; one Result a host, in their order."""
        waiting = list(hosts)
        while waiting:
            self._send(Work(tuple(host.name for host in waiting), self._failures))
            while waiting:
                started = time.monotonic()
                answer = self._answer()
                if not isinstance(answer, Done | Failed):
                    host = waiting.pop(0)
                    yield Result(host, None, self._died(host), time.monotonic() - started)
                    break
                yield self._result(waiting.pop(0), answer)

    def _start(self) -> None:
        context = get_context("fork")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._setting, self._at), daemon=True)
        self._process.start()
        other.close()

    def _send(self, message: Any) -> None:
        try:
            messages.send(self._connection, message)
        except OSError:
            return  # it is gone, and the next answer says so

    def _answer(self) -> Done | Failed | Found | None:
        """Return what came of one question, serving what the worker asks for meanwhile; None where it died."""
        patience = (self._limits.cpu_seconds + HARD_EXTRA_SECONDS) * _STARVED
        while True:
            try:
                if not self._connection.poll(patience):
                    self._process.kill()
                    return None
                message = messages.from_worker(self._connection)
            except (EOFError, OSError):
                return None
            if isinstance(message, Done | Failed | Found):
                return message
            self._send(self._given(message))

    def _given(self, wanted: WantFacts | WantSecret) -> Facts | Secret | Refused:
        try:
            if isinstance(wanted, WantFacts):
                return Facts(self._world.facts(wanted.host))
            return Secret(self._world.secret(wanted.reference))
        except OmcError as error:
            return Refused(error.message, error.hint)
        except Exception as error:  # a defect costs its own host only; its text may hold what was asked for
            return Refused(f"asking for it failed: {type(error).__name__}", "run with --debug and report this")

    def _result(self, host: SiteHost, answer: Done | Failed) -> Result[SiteHost, Desired]:
        if isinstance(answer, Done):
            return Result(host, answer.desired, None, answer.seconds)
        kind = LimitError if answer.limit else RenderError
        if answer.limit:
            self._failures[answer.template] = self._failures.get(answer.template, 0) + 1
        error = kind(
            answer.message,
            host=host.name,
            template=answer.template,
            variable=answer.variable,
            where=answer.where or self._place(host.name, answer.variable),
            hint=answer.hint,
        )
        return Result(host, None, error, answer.seconds)

    def _place(self, host: str, variable: str) -> str:
        """Return where the site sets a variable; what is on the command line has no place."""
        root = self._world.site.root
        if not variable or variable in self._world.extra or not (root / "inventory").is_dir():
            return ""
        return self._places(host, variable)

    @cached_property
    def _places(self) -> Callable[[str, str], str]:
        from omc.site.load import variable_places

        return variable_places(self._world.site.root)

    def _died(self, host: SiteHost) -> LimitError:
        """Return what ended the worker, and start another."""
        self._process.join()
        template = self._templates[int.from_bytes(self._at[:], "little")]
        error = LimitError(
            _why(self._process.exitcode or 0, self._limits),
            host=host.name,
            template=template.name,
            where=str(template.folder),
            hint="look for a loop without an end, or one over very many things",
        )
        self._failures[template.name] = self._failures.get(template.name, 0) + 1
        self._start_again()
        return error

    def _start_again(self) -> None:
        self._process.join()
        self._connection.close()
        self._start()


def _serve(connection: "Connection[Any, Any]", setting: Setting, at: mmap.mmap) -> None:
    """Be the worker; what renders is loaded in its process, while this one loads what reaches hosts."""
    from omc.templates.render.serving import serve

    serve(connection, setting, at)


def _why(code: int, limits: Limits) -> str:
    """Return an exit code in words; below 0 it is the signal that ended the process."""
    if -code in (signal.SIGXCPU, signal.SIGKILL):
        return f"it takes more than {limits.cpu_seconds:g} s"
    end = signal.Signals(-code).name if code < 0 else f"status {code}"
    return f"it ended the process that renders ({end})"
