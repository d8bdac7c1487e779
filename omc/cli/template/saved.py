"""Carries out a plan that was saved: only where neither the templates nor the host changed since."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omc.cli.context import Run
from omc.cli.template.asking import Asked, extra_variables
from omc.cli.template.carrying import Care
from omc.cli.template.means import fingerprints
from omc.cli.template.working import Work, looked_at_hosts
from omc.errors import Exit, UsageError

if TYPE_CHECKING:
    from omc.ports import RunHost
    from omc.site import SiteHost
    from omc.templates.fingerprint import Fingerprints
    from omc.templates.planfile import Plan
    from omc.templates.task import Task


def apply_saved(run: Run, asked: Asked, care: Care) -> Exit:
    """Show a saved plan, ask, and carry it out; each host that changed since is named and left as it is."""
    from omc.cli.template.apply import carry_out
    from omc.cli.template.shown import print_plans
    from omc.templates.planfile import load
    from omc.templates.resuming import without_templates

    if asked.templates:
        raise UsageError("a saved plan has its templates", hint=f"omc template apply {asked.pattern}")
    prints = fingerprints(run)
    plan = load(Path(asked.pattern or ""), prints)
    _demand_same_words(plan, asked)
    hosts = _hosts(run, plan, asked.limit)
    _name_unplanned(run, plan, asked.limit)
    wanted = Asked(plan.selection, plan.asked_templates, asked.limit, asked.variables, asked.disruptive)
    with looked_at_hosts(run, wanted, hosts, contents=False, keep=True) as work:
        kept, refused = _checked(plan, work, prints)
        names = {task.host for task in kept}
        print_plans(run, [host for host in plan.hosts if host.host in names], failed=work.failed)
        left = work._replace(tasks=kept)
        return carry_out(run, wanted, left, care=care, refused=[*refused, *without_templates(work.idle)])


def _demand_same_words(plan: "Plan", asked: Asked) -> None:
    given = set(extra_variables(asked.variables))
    if given != set(plan.variables):
        names = " ".join(f"-e {name}=…" for name in plan.variables)
        raise UsageError(
            "the variables of -e are not those that the plan was made with",
            where=asked.pattern or "",
            hint=f"it was made with {names}" if names else "it was made without any",
        )
    if asked.disruptive != plan.disruptive:
        made = "with" if plan.disruptive else "without"
        raise UsageError(
            f"the plan was made {made} --disruptive", where=asked.pattern or "", hint="say the same, or make it anew"
        )


def _hosts(run: Run, plan: "Plan", limit: str | None) -> "list[SiteHost]":
    planned = {host.host for host in plan.hosts}
    chosen = {host.name for host in run.select([limit])} if limit else planned
    unknown = sorted(planned - run.site.hosts.keys())
    if unknown:
        raise UsageError(f"the site has no host {', '.join(unknown)} any more", hint="make the plan anew")
    hosts = [run.site.hosts[host.host] for host in plan.hosts if host.host in chosen]
    if not hosts:
        raise UsageError("the plan holds none of these hosts", hint="leave out --limit, or make the plan anew")
    return hosts


def _name_unplanned(run: Run, plan: "Plan", limit: str | None) -> None:
    """Name the hosts that no plan could be made for, those with the same reason together: nothing is done on them."""
    chosen = {host.name for host in run.select([limit])} if limit else {host.host for host in plan.failed}
    reasons: dict[str, list[str]] = {}
    for host in plan.failed:
        if host.host in chosen:
            reasons.setdefault(host.message, []).append(host.host)
    for reason, names in reasons.items():
        message = f"nothing is planned there, for when the plan was made: {reason}"
        run.output.warning(message, where=", ".join(names), hint="make the plan anew: omc template plan -f")


def _checked(plan: "Plan", work: Work, prints: "Fingerprints") -> "tuple[list[Task], Sequence[RunHost]]":
    """Part the hosts that are as the plan says from those that are not."""
    from omc.ports import RunHost
    from omc.templates.planfile import stale
    from omc.templates.task import run_files

    saved = {host.host: host for host in plan.hosts}
    kept, refused = [], []
    for task in work.tasks:
        reasons = stale(saved[task.host], task.plan, task.state, prints)
        if not reasons:
            kept.append(task)
            continue
        refused.append(
            RunHost(
                host=task.host,
                status="refused",
                code="changed_since_plan",
                message="\n".join(reasons),
                machine=task.plan.machine,
                files=run_files(saved[task.host]),
            )
        )
    return kept, refused
