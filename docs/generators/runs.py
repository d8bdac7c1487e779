"""The page of what `omc template` prints as JSON and keeps in plan files, and the JSON Schema of both."""

import msgspec

from generators.model import section
from omc.model.schema import DIALECT
from omc.ports import RunFile, RunHost, TemplateRun
from omc.templates.desired import SetCheck
from omc.templates.drift import Drift
from omc.templates.plan import Attribute, FilePlan, HostPlan
from omc.templates.planfile import VERSION, FailedHost, Plan
from omc.templates.remote.state import Lock, Unfinished
from omc.templates.report import Listed, ListedHost

INTRO = f"""\
What `omc template` gives to other programs. Fields are only added; where one changes its meaning, the number in
`omc_plan` goes up (it is {VERSION}). Times are RFC 3339 in UTC with microseconds. No secret is in any of it: in
differences, messages and commands `(secret)` stands in its place, and the fingerprint of a file that may hold one is
keyed (`hmac-sha256:KEY:…` instead of `sha256:…`; KEY names the key, each user has one).

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
    *(TemplateRun, RunHost, RunFile, Listed, ListedHost, Drift),
)


def page() -> str:
    """Return the page."""
    return "\n".join(["# What omc template prints as JSON", "", INTRO, *map(section, STRUCTS)])


def plan_json() -> str:
    """Return the JSON Schema of a plan file."""
    return _schema(Plan, "A plan of omc template")


def run_json() -> str:
    """Return the JSON Schema of a run's report."""
    return _schema(TemplateRun, "A run of omc template")


def _schema(struct: type[msgspec.Struct], title: str) -> str:
    found = {"$schema": DIALECT, "title": title} | msgspec.json.schema(struct)
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"
