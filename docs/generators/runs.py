"""The page of what `omc template` prints as JSON and keeps in plan files, and the JSON Schema of both."""

from generators.model import json_text, section
from omc.ports import RunFile, RunHost, RunOptions, TemplateRun
from omc.templates.desired import SetCheck
from omc.templates.drift import Drift
from omc.templates.plan import Attribute, FilePlan, HostPlan
from omc.templates.planfile import VERSION, FailedHost, Plan
from omc.templates.remote.state import Lock, Unfinished
from omc.templates.report import Listed, ListedHost
from omc.templates.schema import plan_schema, run_schema

INTRO = f"""\
What `omc template` gives to other programs. Fields are only added; where one changes its meaning, the number in
`omc_plan` goes up (it is {VERSION}). Times are RFC 3339 in UTC with microseconds. No secret is in any of it: in
differences, messages and commands `(secret)` stands in its place, and the fingerprint of a file that may hold one is
keyed (`hmac-sha256:KEY:…` instead of `sha256:…`; KEY names the key, each user has one).

`omc schema --plan`, `--run`, `--history` and `--status` print the JSON Schemas.

| command | gives | schema |
|---|---|---|
| `plan -f FILE`, `plan -o json` | a [Plan](#plan) | [plan.schema.json](plan.schema.json) |
| `apply`, `rollback`, `resume`: `--report` | a [TemplateRun](#templaterun) | [run.schema.json](run.schema.json) |
| `history -o json` | an array of [Listed](#listed), newest first | |
| `history RUN -o json` | an array of [RunHost](#runhost) | |
| `status -o json` | an array of [Drift](#drift) | |
"""
STRUCTS = (
    *(Plan, HostPlan, FilePlan, Attribute, SetCheck, Lock, Unfinished, FailedHost),
    *(TemplateRun, RunOptions, RunHost, RunFile, Listed, ListedHost, Drift),
)


def page() -> str:
    """Return the page."""
    return "\n".join(["# What omc template prints as JSON", "", INTRO, *map(section, STRUCTS)])


def plan_json() -> str:
    """Return the JSON Schema of a plan file."""
    return json_text(plan_schema())


def run_json() -> str:
    """Return the JSON Schema of a run's report."""
    return json_text(run_schema())
