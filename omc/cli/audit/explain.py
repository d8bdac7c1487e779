"""`omc audit explain`: one rule, whole."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import UsageError

if TYPE_CHECKING:
    from omc.audit.rule import Rule


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG001
    from omc.audit.rules import all_rules
    from omc.cli import completion

    return completion.items((rule.id for rule in all_rules()), incomplete)


@_command("explain")
@click.argument("rule_id", metavar="ID", shell_complete=_complete)
@pass_run
def command(run: Run, rule_id: str) -> None:
    """Explain the rule ID: why it matters, where that is written, how to mend it, and which facts it reads."""
    from omc.audit.rules import all_rules

    rules = {rule.id: rule for rule in all_rules()}
    rule = rules.get(rule_id.upper())
    if rule is None:
        near = get_close_matches(rule_id.upper(), rules, n=1)
        raise UsageError(f"there is no rule {rule_id!r}", hint=f"meant {near[0]}?" if near else "omc audit rules")
    run.output.heading(f"{rule.id}  {rule.title}")
    run.output.answer("\n".join(f"{name:<9} {text}" for name, text in _facts(rule)))


def _facts(rule: "Rule") -> list[tuple[str, str]]:
    facts = [
        ("severity", rule.severity),
        ("of", f"each {rule.scope}" if rule.scope != "fleet" else "all hosts together"),
        ("why", rule.reason),
        ("fix", rule.fix),
        ("source", rule.source),
        ("reads", ", ".join(rule.reads)),
    ]
    return facts + [("limit", f"{name}: {value:g} (audit.yaml)") for name, value in rule.limits.items()]
