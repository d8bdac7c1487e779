"""`omc audit` itself: reads the store, checks all rules, shows what was found."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from omc.audit.finding import SEVERITIES
from omc.cli import options
from omc.cli.audit.showing import FORMATS, LISTS, Shown, show, summary
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.fresh import Answer, Asked, documents, known, name_failed, selected, tell_age
from omc.errors import Exit, UsageError

if TYPE_CHECKING:
    from omc.audit.finding import Report
    from omc.audit.outputs import Failed
    from omc.audit.rule import Rule
    from omc.cli.audit.machines import Machines
    from omc.site import SiteHost


SEVERITY_HELP = "List only findings of this severity and above; totals and --fail-on are of all."


class Wanted(NamedTuple):
    """Which rules, and whom they may ask."""

    rules: tuple[str, ...] = ()
    ssh: bool = False


def _complete_profiles(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG001
    from omc.audit.profile.reading import names
    from omc.cli import completion
    from omc.site import reference_root

    run = ctx.find_object(Run)
    site = run.completion_site() if run is not None else None
    return completion.items(names([*([site.root] if site else []), reference_root()]), incomplete)


@_command()
@options.patterns_argument
@options.limit_option
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only these rules: G04, 'H*'; may be repeated.")
@click.option("--severity", type=click.Choice(SEVERITIES), default=SEVERITIES[0], help=SEVERITY_HELP)
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 4 where a finding is of this severity or above.")
@click.option("--ssh", is_flag=True, help="Also ask the hosts' shells what libvirt does not tell; read-only.")
@click.option(
    "--profile", metavar="NAME", shell_complete=_complete_profiles,
    help="Say instead how portable guests are under this profile: core-2026, or core-2026+secure with an add-on.",
)  # fmt: skip
@click.option("--summary", is_flag=True, help="One line a rule: how many findings, on how many hosts.")
@click.option("--show-unchecked", is_flag=True, help="Also show what could not be checked, and why.")
@click.option(
    "-o", "--output", "format_name", type=click.Choice(FORMATS), metavar="FORMAT",
    help=f"{', '.join(FORMATS)}. Default: table on a terminal, tsv in a pipe.",
)  # fmt: skip
@click.option("--textfile", type=click.Path(path_type=Path), metavar="FOLDER", help="Write omc_audit.prom there, too.")
@options.become_option
@pass_run
def command(run: Run, /, patterns: tuple[str, ...], limit: str | None, fail_on: str | None, **asked: Any) -> Exit:
    """Check the hosts that the PATTERNs select, and what runs on them, by all rules."""
    profile = asked.pop("profile")
    wanted = Wanted(asked.pop("rules"), asked.pop("ssh"))
    shown = Shown(**asked, rules=_chosen(wanted.rules), fail_on=fail_on)
    if shown.summary and shown.format_name not in (None, *LISTS):
        raise UsageError(f"a summary has no form {shown.format_name}", hint=f"-o {', '.join(LISTS)}")
    hosts = selected(run, Asked(patterns=patterns, limit=limit))
    answer = known(run, [host.name for host in hosts])
    if profile is not None:
        return _profiled(run, profile, wanted, shown, answer=answer, fail_on=fail_on)
    machines = _machines(run, hosts) if wanted.ssh else {}
    report = _checked(run, answer, shown.rules, wanted, machines=machines if wanted.ssh else None)
    failed = _failed(answer, machines)
    show(run, report, shown, failed)
    run.output.info(summary(report))
    tell_age(run, answer)
    name_failed(run, answer)
    _name_silent(run, failed)
    if failed:
        return Exit.HOSTS_FAILED
    return _verdict({one.severity for one in report.findings}, fail_on)


def _profiled(  # noqa: PLR0913 - what is asked for, each apart
    run: Run, profile: str, wanted: Wanted, shown: Shown, *, answer: Answer, fail_on: str | None
) -> Exit:
    from omc.cli.audit.profile import check_profile

    if wanted != Wanted() or shown.summary or shown.textfile is not None or shown.severity != SEVERITIES[0]:
        raise UsageError(
            "--profile goes with none of --rule, --severity, --ssh, --summary, --textfile", hint="leave them out"
        )
    found = check_profile(run, profile, documents(run, answer), shown.format_name)
    tell_age(run, answer)
    name_failed(run, answer)
    if answer.code != Exit.OK:
        return answer.code
    return _verdict(found, fail_on)


def _failed(answer: Answer, machines: "Machines") -> "list[Failed]":
    """Return the hosts that were not read, or not whole, and those whose shells did not tell."""
    from omc.audit.outputs import Failed

    found = [
        Failed(
            one.host, (one.collected_at and one.status) or "never read", one.status_reason or "", one.collected_at or ""
        )
        for one in answer.states
        if one.status != "ok"
    ]
    return found + [Failed(host, "shell", why) for host, why in machines.items() if isinstance(why, str)]


def _name_silent(run: Run, failed: "Sequence[Failed]") -> None:
    """Name the hosts whose shells did not tell."""
    for one in failed:
        if one.status == "shell":
            run.output.error(one.why, where=one.host, hint="omc template status asks the same shells")


def _verdict(found: set[str], fail_on: str | None) -> Exit:
    """Return what findings of these severities mean for the exit code."""
    least = SEVERITIES.index(fail_on) if fail_on is not None else len(SEVERITIES)
    return Exit.CHANGES if found.intersection(SEVERITIES[least:]) else Exit.OK


def _chosen(patterns: Sequence[str]) -> "Sequence[Rule]":
    """Return the rules that the patterns name, all without one. Raise UsageError for a pattern that names none."""
    from fnmatch import fnmatchcase

    from omc.audit.rules import all_rules

    rules = all_rules()
    chosen = [rule for rule in rules if any(fnmatchcase(rule.id, pattern.upper()) for pattern in patterns)]
    for pattern in patterns:
        if not any(fnmatchcase(rule.id, pattern.upper()) for rule in rules):
            raise UsageError(f"there is no rule {pattern!r}", hint="omc audit rules lists them")
    return chosen if patterns else rules


def _checked(
    run: Run,
    answer: Answer,
    rules: "Sequence[Rule]",
    wanted: Wanted,
    *,
    machines: "Machines | None",
) -> "Report":
    import msgspec

    from omc.cli.audit.looking import look

    settings = run.audit_settings
    if wanted.rules:
        ids = {rule.id for rule in rules}
        kept = tuple(waiver for waiver in settings.waivers if waiver.rule in ids)
        settings = msgspec.structs.replace(settings, waivers=kept)

    now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return look(run, answer, rules, settings, now=now, machines=machines)


def _machines(run: Run, hosts: "Sequence[SiteHost]") -> "Machines":
    from omc.cli.audit.machines import machines_of  # only now: it loads the shells

    return machines_of(run, hosts)
