"""`omc template plan`: what would change on hosts; nothing is changed."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omc import __version__
from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.asking import Asked, disruptive_option, extra_variables, work_options
from omc.cli.template.means import fingerprints
from omc.cli.template.working import Work, looked_at, name_failed
from omc.errors import Exit

if TYPE_CHECKING:
    from omc.templates.planfile import Plan


@_command("plan")
@work_options
@disruptive_option
@click.option(
    "-f",
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save it, for omc template apply FILE.",
)
@click.option(
    "-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text, differences."
)
@options.become_option
@pass_run
def command(run: Run, /, path: Path | None, form: str, **given: Any) -> Exit:
    """Show what would change on the hosts of PATTERN (default: all).

    For each host the differences of its files, owners and modes, and the handlers that would run; secrets are hidden.
    Without TEMPLATE all of the site's own templates, and those that come with omc (or the site's copies of them) where
    the host's variable omc_templates names them.
    Exits 4 where something would change, 3 where a host could not be looked at or cannot be changed.
    """
    from omc.templates.obstacles import obstacles

    asked = Asked(**given)
    with looked_at(run, asked) as work:
        pass
    plan = as_plan(run, asked, work)
    if path is not None:
        from omc.templates.planfile import save

        save(plan, path)
    if form == "json":
        _print_json(run, plan)
    else:
        from omc.cli.template.shown import print_plans

        print_plans(run, plan.hosts, work.idle, work.failed)
    if path is not None:
        run.output.note(f"saved as {path}", hint=_apply_command(path, asked))
    code = name_failed(run, [*work.failed, *obstacles(plan.hosts)])
    return code or (Exit.CHANGES if any(host.is_pending for host in plan.hosts) else Exit.OK)


def _apply_command(path: Path, asked: Asked) -> str:
    """Return what carries the plan out; values of -e may be secrets, and stand in no hint."""
    extra = [shlex.quote(one) if one.startswith("@") else f"{one.partition('=')[0]}=…" for one in asked.variables]
    words = [shlex.quote(str(path)), *(f"-e {one}" for one in extra), *(["--disruptive"] if asked.disruptive else [])]
    return f"omc template apply {' '.join(words)}"


def as_plan(run: Run, asked: Asked, work: Work) -> "Plan":
    """Return what a plan file holds."""
    from omc.templates.planfile import Plan
    from omc.templates.runs import rfc3339

    plan = Plan(
        made_at=rfc3339(datetime.now(UTC)),
        actor=run.actor,
        omc_version=__version__,
        site=str(run.site.root),
        key="",
        selection=asked.selection,
        asked_templates=asked.templates,
        variables=tuple(extra_variables(asked.variables)),
        disruptive=asked.disruptive,
        hosts=tuple(task.plan for task in work.tasks),
        failed=tuple(work.failed),
    )
    if not plan.is_keyed:
        return plan
    from msgspec.structs import replace

    return replace(plan, key=fingerprints(run).name)


def _print_json(run: Run, plan: "Plan") -> None:
    import msgspec

    from omc.inventory.formats.objects import safe_json

    run.output.write([safe_json(msgspec.json.format(msgspec.json.encode(plan), indent=1)) + b"\n"])
