"""`omc inventory` itself: collect the hosts, then a table of them, the totals, and what could not be read."""

from typing import TYPE_CHECKING, Any

from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.fresh import Asked, freshen
from omc.errors import Exit
from omc.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omc.inventory.collect import HostDone
    from omc.inventory.store import Store
    from omc.site import SiteHost


_ON_REQUEST = {
    "needs-read-write": ("what guests may have there", "read-write"),
    "no-agent": ("what guest agents say", "agent"),
}
"""What is read on request only, by the code of the issue that stands where it was not."""


@_command()
@options.patterns_argument
@options.output_option
@options.max_age_option(default="0")
@options.at_option
@options.limit_option
@options.read_options
@pass_run
def command(run: Run, /, format_name: str | None, **asked: Any) -> Exit:
    """Collect the hosts that the PATTERNs select now, and show them."""
    request = Asked(**asked)
    if request.max_age is None:
        request = request._replace(max_age=0.0)
    answer = freshen(run, request)
    from omc.cli.inventory import report  # only now: the hosts are not kept waiting for what prints them

    report.print_hosts(run, answer, format_name, at=request.at)
    return answer.code


def collect_hosts(run: Run, asked: Asked, hosts: "Sequence[SiteHost]") -> None:
    """Collect the hosts into the store, with a progress bar where there is a terminal."""
    from omc.inventory.collect import CollectOptions, collect
    from omc.providers import hypervisor_for

    settings = run.site.settings
    how = CollectOptions(
        timeout_seconds=run.timeout_seconds,
        connect_timeout_seconds=min(settings.connect_timeout_seconds, run.timeout_seconds),
        parallel=run.parallel,
        read_write=settings.collect_read_write if asked.read_write is None else asked.read_write,
        agent=settings.collect_agent if asked.agent is None else asked.agent,
        actor=run.actor,
        selection=" ".join([*asked.patterns, *([f"--limit {asked.limit}"] if asked.limit else [])]) or "all",
    )
    names = [host.name for host in hosts]
    before: dict[str, frozenset[str]] = {}

    def opened() -> "Store":  # in a thread, while the hosts answer
        before.update(run.store.unasked(names))
        return run.store

    with run.output.progress("collecting", names) as bar:

        def done(host: "HostDone") -> None:
            bar.step(host.name)
            run.output.detail(_in_words(host), where=host.name)

        collect(hosts, store=opened, reader=hypervisor_for, options=how, observer=done)
    _tell_issues(run, names)
    _tell_unasked(run, before, run.store.unasked(names))


def _tell_unasked(run: Run, before: "Mapping[str, frozenset[str]]", now: "Mapping[str, frozenset[str]]") -> None:
    """Say once what the last collect asked hosts for and this one did not: the store has forgotten it now."""
    for code, (what, option) in _ON_REQUEST.items():
        hosts = [host for host, codes in now.items() if host in before and code in codes - before[host]]
        if hosts:
            told = f"not asked this time for {what}, unlike before; the store keeps the last answer only"
            setting = f"collect_{option.replace('-', '_')}: true"
            run.output.note(told, where=", ".join(hosts), hint=f"--{option}, or {setting} in inventory/site.yaml")


def _in_words(host: "HostDone") -> str:
    found = host.reason or plural(host.guests, "guest")
    return f"{host.status}, {found}, {host.seconds:.1f} s"


def _tell_issues(run: Run, hosts: "Sequence[str]") -> None:
    """Say each issue by itself to whoever wants all (-vv); the reports put alike ones together and leave some out."""
    if run.options.verbose < 2:
        return
    columns = ("host", "subject", "what", "why", "hint")
    for host, subject, what, why, hint in run.store.query("issues", columns=columns, hosts=hosts):
        run.output.debug(f"{subject}: {what}: {why}", where=str(host), hint=str(hint or ""))
