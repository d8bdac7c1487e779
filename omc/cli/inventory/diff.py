"""`omc inventory diff`: what changed between two times."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.differences import listing
from omc.cli.inventory.fresh import Answer, Asked, freshen, name_failed, selected, tell_beginning
from omc.errors import Exit, UsageError
from omc.inventory.changes import Difference
from omc.inventory.formats import find


@_command()
@options.patterns_argument
@click.option("--since", type=options.Moment(), required=True, metavar="TIME", help="From this time on: yesterday, …")
@click.option("--until", type=options.Moment(), metavar="TIME", help="Up to this time; default: now.")
@options.output_option
@options.max_age_option()
@options.limit_option
@pass_run
def command(run: Run, /, since: str, until: str | None, format_name: str | None, **asked: Any) -> None:
    """Show what changed on the hosts that the PATTERNs select.

    Guests created, removed, moved between hosts, resized, re-plugged, started and stopped, and every other field of a
    configuration. A host that cannot be reached is named, and nothing is claimed of its guests. Exits 0 whatever
    changed, and whatever could not be reached.
    """
    if until is not None and until < since:
        raise UsageError("--since is after --until", hint="exchange them")
    request = Asked(**asked)
    answer = freshen(run, request) if until is None else _of_the_past(run, request)
    found = run.store.changes(since, until, hosts=answer.hosts)
    name = run.output.format_or_default(format_name)
    run.output.listing(listing(found, for_people=find(name).KIND == "people"), name)
    _say_totals(run, found)
    tell_beginning(run, since)
    name_failed(run, answer)


def _of_the_past(run: Run, asked: Asked) -> Answer:
    """Select the hosts and collect nothing."""
    return Answer([host.name for host in selected(run, asked)], (), Exit.OK)


def _say_totals(run: Run, found: Sequence[Difference]) -> None:
    counts = Counter(difference.kind for difference in found)
    run.output.info(", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing changed")
