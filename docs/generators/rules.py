"""The pages of the audit's rules: a table of all, and a page a rule, from the rule itself."""

from collections.abc import Mapping, Sequence

from omc.audit.rule import Explained
from omc.audit.rules import all_rules
from omc.audit.waivers import ABOUT_WAIVERS

INTRO = """\
What `omc audit` checks: rules of hosts (H), guests (G) and the fleet (F). `omc audit explain ID` shows one of them in
the terminal. An id is kept for good: that of a rule that goes is never given to another. Two more (W) are about
[waivers](../../how-to/audit-waivers.md), which no rule looks for.

A rule that reads *shell* needs `--ssh`: libvirt does not tell what it asks for.

```{toctree}
:glob:
:hidden:

rules/*
```
"""

_ALL: Sequence[Explained] = (*all_rules(), *ABOUT_WAIVERS)


def page() -> str:
    """Return the table of all rules."""
    rows = [f"| [{one.id}](rules/{one.id}.md) | {one.severity} | {one.scope} | {escaped(one.title)} |" for one in _ALL]
    table = "\n".join(["| rule | severity | of | what it finds |", "|---|---|---|---|", *rows])
    return f"# Rules of the audit\n\n{INTRO}\n{table}\n"


def pages() -> Mapping[str, str]:
    """Return the page of each rule by the name of its file."""
    return {f"rules/{rule.id}.md": _of(rule) for rule in _ALL}


def _of(rule: Explained) -> str:
    scope = "all hosts together" if rule.scope == "fleet" else f"each {rule.scope}"
    parts = [
        f"# {rule.id}: {escaped(rule.title)}",
        f"**{rule.severity}**, looks at {scope}.",
        escaped(rule.reason),
        "## To mend it",
        f"```text\n{rule.advice}\n```",
        "Names in braces, and the host that `virsh` connects to, are filled in where something is found.",
        "## What it reads",
        "\n".join(f"- `{field}`" for field in rule.reads),
        *_limits(rule),
        "## Source",
        escaped(rule.source),
    ]
    return "\n\n".join(parts) + "\n"


def _limits(rule: Explained) -> list[str]:
    if not rule.limits:
        return []
    rows = [f"| `{name}` | {value:g} |" for name, value in rule.limits.items()]
    example = ", ".join(f"{name}: {value:g}" for name, value in rule.limits.items())
    return [
        "## Limits",
        "\n".join(["| name | default |", "|---|---|", *rows]),
        f"```yaml\n# inventory/audit.yaml\nlimits:\n  {rule.id}: {{{example}}}\n```",
    ]


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    for character in "\\`*_[]<>|{}#$":
        text = text.replace(character, f"\\{character}")
    return text
