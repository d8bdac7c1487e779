"""What the commands of `omc capacity` share: options, the terms of the site, and the counting of what the store has."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
import msgspec

from omc.capacity.size import Size
from omc.capacity.terms import Terms, read_reserve
from omc.cli import options
from omc.cli.context import Run
from omc.cli.inventory.fresh import Answer, Asked, name_failed, selected, tell_age
from omc.cli.numbers import Between
from omc.errors import Exit, UsageError
from omc.site.clusters import cluster_name
from omc.text import plural

if TYPE_CHECKING:
    from omc.audit.settings import AuditSettings
    from omc.capacity.whole import Capacity

Function = TypeVar("Function", bound=Callable[..., Any])
_RESERVE_RULE, _RATIO_RULE = "H13", "H14"


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
        help="Memory of each host that is not for guests. Default: host_reserve in site.yaml, else 1GiB.",
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
    from omc.audit.rules import all_rules
    from omc.audit.settings import read_audit_settings
    from omc.capacity.whole import count

    hosts = selected(run, Asked(patterns=wanted.patterns, limit=wanted.limit))
    answer = _answer(run, [host.name for host in hosts])
    audit = read_audit_settings(run.site.root / "inventory" / "audit.yaml", all_rules())
    clusters = {host.name: cluster_name(host.groups, audit.clusters) for host in run.site.hosts.values()}
    _tell_parts(run, clusters, answer.hosts)
    documents = chain(run.store.documents(answer.hosts), _never_tried(answer))
    return count(documents, terms_of(run, wanted, audit), size, clusters), answer


def _answer(run: Run, names: Sequence[str]) -> Answer:
    """Return the hosts and how fresh the store's facts of them are. Raise UsageError where it knows none."""
    states = run.store.freshness(names)
    if not any(state.attempted_at for state in states):
        raise UsageError(
            "the store knows none of these hosts: nothing was collected yet", hint="omc inventory collects"
        )
    failed = any(state.status != "ok" for state in states)
    return Answer(names, states, Exit.HOSTS_FAILED if failed else Exit.OK)


def _tell_parts(run: Run, clusters: Mapping[str, str], chosen: Sequence[str]) -> None:
    """Say of which clusters hosts are left out: what they could take does not count then."""
    whole = Counter(clusters.values())
    for name, count in Counter(clusters[host] for host in chosen).items():
        if count < whole[name]:
            message = (
                f"{count} of {plural(whole[name], 'host')} of the cluster are selected; the others count for nothing"
            )
            run.output.note(message, where=name)


def _never_tried(answer: Answer) -> Iterator[bytes]:
    """Give documents of the hosts that the store has none of: they are hosts of which nothing is known."""
    for state in answer.states:
        if not state.attempted_at:
            yield msgspec.json.encode({"name": state.host, "status": "unreachable"})


def terms_of(run: Run, wanted: Wanted, audit: "AuditSettings") -> Terms:
    """Return what counts as full: what was asked for, else the site's settings, else the limits of its audit."""
    from omc.audit.rules import all_rules

    limits = {rule.id: audit.limits_of(rule) for rule in all_rules() if rule.id in (_RESERVE_RULE, _RATIO_RULE)}
    reserve = wanted.reserve or run.site.settings.host_reserve or f"{limits[_RESERVE_RULE]['reserve_gib']:g} GiB"
    ratio = limits[_RATIO_RULE]["ratio"] if wanted.ratio is None else wanted.ratio
    return Terms(reserve=read_reserve(reserve), ratio=ratio)


def finish(run: Run, answer: Answer) -> Exit:
    """Say how old the facts are and name the hosts that are not ok; return the exit code."""
    tell_age(run, answer)
    name_failed(run, answer)
    return answer.code
