"""Renders for one host all that is for it: pure, in this process, without limits of time and memory."""

from collections.abc import Mapping, MutableSequence, Sequence
from types import MappingProxyType

from omc.errors import UsageError
from omc.select import select
from omc.site import SiteHost
from omc.templates.catalogue import OPT_IN, Template
from omc.templates.choice import choice_fault
from omc.templates.desired import Desired
from omc.templates.render.compiled import Compiled
from omc.templates.render.draft import Draft
from omc.templates.render.errors import LimitError, RenderError
from omc.templates.render.filling import LIMITS, Failure, TimeUp, said
from omc.templates.render.fleet import Fleet
from omc.templates.render.hints import hint_for, undefined_name
from omc.templates.render.scope import Scope
from omc.templates.render.world import Limits


class Renderer:
    """Renders templates for one host after the other."""

    def __init__(
        self, templates: Sequence[Template], fleet: Fleet, limits: Limits, at: MutableSequence[int] | None = None
    ) -> None:
        self._at = at if at is not None else bytearray(4)
        self._compiled = [Compiled(template, fleet.engine) for template in templates]
        self._names = frozenset(template.name for template in templates)
        self._fleet = fleet
        self._limits = limits
        self._selected: dict[str, frozenset[str]] = {}

    def render(self, host: SiteHost, failures: Mapping[str, int] = MappingProxyType({})) -> Desired:
        """Return all that the host should have; raise RenderError with the first thing that is wrong.

        `failures` are the limits that templates reached so far: one with too many is not tried again.
        """
        self._fleet.seen.clear()
        draft = Draft(host, self._fleet, self._limits)
        for number, compiled in enumerate(self._compiled):
            self._at[:4] = number.to_bytes(4, "little")
            scope = Scope(self._fleet, host, compiled.template)
            compiled.place = ""
            try:
                if self._applies(compiled, scope, draft):
                    self._refuse_failing(compiled, failures)
                    scope.check()
                    draft.add(compiled, scope)
            except (Exception, TimeUp) as error:
                raise self._error(error, compiled, scope) from None
        self._fleet.forget(host.name)
        return draft.finish()

    def _applies(self, compiled: Compiled, scope: Scope, draft: Draft) -> bool:
        hosts = compiled.manifest.hosts
        if compiled.template.opt_in and compiled.template.name not in self._wanted(scope):
            return False
        pattern = compiled.text(scope, hosts.pattern)
        if pattern not in self._selected:
            self._selected[pattern] = self._select(pattern)
        if scope.host.name not in self._selected[pattern]:
            draft.leave_out(compiled.template.name, f"its hosts are {pattern}")
            return False
        failing = compiled.failing(scope, hosts.when)
        if failing is not None:
            draft.leave_out_by(scope, failing)
        return failing is None

    def _wanted(self, scope: Scope) -> list[str]:
        """Return the shipped templates that the host asks for."""
        wanted = scope.get(OPT_IN) or []
        fault = choice_fault(wanted, self._names)
        if fault is not None:
            raise Failure(fault[0], OPT_IN, hint=fault[1])
        found: list[str] = wanted
        return found

    def _refuse_failing(self, compiled: Compiled, failures: Mapping[str, int]) -> None:
        count = failures.get(compiled.template.name, 0)
        if count >= self._limits.most_failures:
            raise Failure(f"not rendered: it reached its limits on {count} hosts before this one")

    def _select(self, pattern: str) -> frozenset[str]:
        try:
            return frozenset(host.name for host in select(self._fleet.site, [pattern]))
        except UsageError:
            # A pattern of groups that this site does not have: the template is for none of its hosts.
            return frozenset()

    def _error(self, error: BaseException, compiled: Compiled, scope: Scope) -> RenderError:
        failure = (
            error if isinstance(error, Failure) else Failure(said(error), hint=getattr(error, "hint", ""), cause=error)
        )
        cause = failure.cause or error
        hint = failure.hint or hint_for(cause, scope)
        seen = self._fleet.seen
        kind = LimitError if isinstance(cause, LIMITS) else RenderError
        return kind(
            seen.redacted(failure.message),
            host=scope.host.name,
            template=compiled.template.name,
            variable=failure.variable or undefined_name(cause),
            where=failure.where or compiled.place,
            hint=seen.redacted(hint),
        )
