"""What the commands of `omc capacity` share: options, the terms of the site, and the counting of what the store has."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from omc.capacity.size import Size
from omc.capacity.terms import Terms, read_reserve
from omc.cli import options
from omc.cli.clusters import clusters_of, parts_of
from omc.cli.context import Run
from omc.cli.inventory.fresh import Answer, Asked, documents, known, name_failed, selected, tell_age
from omc.cli.numbers import Between
from omc.errors import Exit

if TYPE_CHECKING:
    from omc.capacity.whole import Capacity

Function = TypeVar("Function", bound=Callable[..., Any])
_RATIO_RULE = "H14"


class Wanted(NamedTuple):
    """Which hosts, and what counts as full; None: as the site says."""

    patterns: tuple[str, ...] = ()
    limit: str | None = None
    reserve: str | None = None
    ratio: float | None = None


def term_options(function: Function) -> Function:
    """Add what counts as full, and which hosts."""
    reserve = click.option(
        "--reserve",
        metavar="SIZE|PERCENT",
        help="Memory of each host that is not for guests. Default: host_reserve in site.yaml.",
    )
    ratio = click.option(
        "--ratio",
        type=Between(0.1, 1000),
        metavar="N",
        help="vCPUs of running guests that a CPU may carry. Default: the limit of H14 in audit.yaml, 4.",
    )
    return host_options(reserve(ratio(function)))


def host_options(function: Function) -> Function:
    """Add patterns and `--limit`."""
    return options.patterns_argument(options.limit_option(function))


def counted(run: Run, wanted: Wanted, size: Size | None = None) -> "tuple[Capacity, Answer]":
    """Count what the store knows of the hosts. Raise UsageError where it knows none of them."""
    from omc.capacity.whole import count

    hosts = selected(run, Asked(patterns=wanted.patterns, limit=wanted.limit))
    answer = known(run, [host.name for host in hosts])
    _tell_parts(run, answer.hosts)
    return count(documents(run, answer)(), terms_of(run, wanted), size, clusters_of(run)), answer


def _tell_parts(run: Run, chosen: Sequence[str]) -> None:
    """Say of which clusters hosts are left out: what they could take does not count then."""
    for name, told in parts_of(run, chosen).items():
        run.output.note(f"{told} of the cluster are selected; the others count for nothing", where=name)


def terms_of(run: Run, wanted: Wanted) -> Terms:
    """Return what counts as full: what was asked for, else the site's reserve and the limit of its audit."""
    from omc.audit.rules import all_rules

    (rule,) = (rule for rule in all_rules() if rule.id == _RATIO_RULE)
    ratio = run.audit_settings.limits_of(rule)["ratio"] if wanted.ratio is None else wanted.ratio
    return Terms(reserve=read_reserve(wanted.reserve or run.site.settings.host_reserve), ratio=ratio)


def finish(run: Run, answer: Answer) -> Exit:
    """Say how old the facts are and name the hosts that are not ok; return the exit code."""
    tell_age(run, answer)
    name_failed(run, answer)
    return answer.code
