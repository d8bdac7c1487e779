"""`omc audit explain`: one rule, whole."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import UsageError

if TYPE_CHECKING:
    from omc.audit.rule import Explained


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG001
    from omc.cli import completion

    return completion.items(_known(), incomplete)


@_command("explain")
@click.argument("rule_id", metavar="ID", shell_complete=_complete)
@pass_run
def command(run: Run, rule_id: str) -> None:
    """Explain the rule ID: why it matters, where that is written, how to mend it, and which facts it reads."""
    rules = _known()
    rule = rules.get(rule_id.upper())
    if rule is None:
        near = get_close_matches(rule_id.upper(), rules, n=1)
        raise UsageError(f"there is no rule {rule_id!r}", hint=f"meant {near[0]}?" if near else "omc audit rules")
    run.output.heading(f"{rule.id}  {rule.title}")
    run.output.answer("\n".join(f"{name:<9} {text}" for name, text in (*_facts(rule), *_limits(run, rule))))


def _known() -> "dict[str, Explained]":
    """Return what there is to explain, by id: the rules, and what is found about waivers."""
    from omc.audit.rules import all_rules
    from omc.audit.waivers import ABOUT_WAIVERS

    return {one.id: one for one in (*all_rules(), *ABOUT_WAIVERS)}


def _facts(rule: "Explained") -> list[tuple[str, str]]:
    return [
        ("severity", rule.severity),
        ("of", f"each {rule.scope}" if rule.scope != "fleet" else "all hosts together"),
        ("why", rule.reason),
        ("fix", rule.advice),
        ("source", rule.source),
        ("reads", ", ".join(rule.reads)),
    ]


def _limits(run: Run, rule: "Explained") -> list[tuple[str, str]]:
    """Return the limits that hold here; a mistake elsewhere in audit.yaml is no reason to explain nothing."""
    if not rule.limits:
        return []
    from omc.audit.rules import all_rules
    from omc.audit.settings import note_audit_settings
    from omc.site.mistakes import Mistakes

    path = run.site.root / "inventory" / "audit.yaml"
    own = note_audit_settings(path, all_rules(), Mistakes()).limits.get(rule.id, {})
    told = {name: f"{own[name]:g} in audit.yaml, else {value:g}" for name, value in rule.limits.items() if name in own}
    return [
        ("limit", f"{name}: {told.get(name, f'{value:g}, where audit.yaml says nothing else')}")
        for name, value in rule.limits.items()
    ]
