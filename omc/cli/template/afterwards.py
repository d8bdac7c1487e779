"""Says what runs left to do, and what to type: after a run, in the history, and before the next change."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from omc.cli.context import Run

if TYPE_CHECKING:
    from omc.ports import AppliedFile, TemplateRun


def tell_what_is_left(run: Run, done: "TemplateRun", named: Collection[str] = ()) -> None:
    """Name the hosts that were not done with what does them; where some are `named` with it, only the others."""
    from omc.templates.afterwards import again_command, apart, apply_command, goes_on, undone

    left = undone(done) if done.kind == "rollback" else filter(goes_on, done.hosts)
    again = [host.host for host in left]
    if again and not named:
        run.output.note("not done yet", where=", ".join(again), hint=again_command(done, again))
    if done.kind != "rollback" and (others := [host.host for host in apart(done)]):
        run.output.note("not done", where=", ".join(others), hint=apply_command(done, others))


def tell_how_to_keep(run: Run, done: "TemplateRun") -> None:
    """Say of hosts that do not choose what was applied to them by its name, how they do."""
    from omc.cli.template.asking import site_root
    from omc.templates.catalogue import own_names
    from omc.templates.choice import choice_with, unchosen

    own = own_names(site_root(run))
    wanted: dict[tuple[str, str], list[str]] = {}
    for result in done.hosts:
        host = run.site.hosts.get(result.host)
        if result.status != "changed" or host is None:
            continue
        put = dict.fromkeys(file.template for file in result.files if file.template not in own)
        if lacking := unchosen(host, put):
            wanted.setdefault((", ".join(lacking), choice_with(host, lacking)), []).append(result.host)
    for (names, choice), hosts in wanted.items():
        message = f"{names}: not chosen there, so omc template status will call it left"
        hint = f"to keep it: {choice} in host_vars/ or group_vars/"
        run.output.note(message, where=", ".join(hosts), hint=hint)


def warn_of_open_runs(run: Run, hosts: Sequence[str]) -> None:
    """Name the runs of which nobody knows how they ended on some of these hosts."""
    from omc.templates.afterwards import again_command

    for one, names in open_runs(run, hosts):
        message = f"run {one.run} of {one.actor} was cut off, and nobody knows how it ended there"
        run.output.warning(message, where=", ".join(names), hint=again_command(one, names))


def open_files(run: Run, hosts: Sequence[str]) -> "Iterator[AppliedFile]":
    """Give what such runs were to put on these hosts."""
    from omc.ports import AppliedFile

    for one, names in open_runs(run, hosts, running=True):
        for host in one.hosts:
            for file in host.files if host.host in names else ():
                yield AppliedFile(host=host.host, path=file.path, template=file.template, run=one.run, after=file.after)


def open_runs(run: Run, hosts: Iterable[str], *, running: bool = False) -> "Iterator[tuple[TemplateRun, list[str]]]":
    """Give the runs that have no known end on some of these hosts, with those; `running`: also what goes on."""
    from omc.templates.afterwards import unheard
    from omc.templates.runs import with_real_status

    runs, now = run.store.template_runs, datetime.now(UTC)
    chosen = set(hosts)
    for listed in runs.open_runs(chosen):
        one = with_real_status(listed, now)
        if one.status == "running" and not running:
            continue
        names = sorted(chosen & {host.host for host in one.hosts})
        found = [host.host for host in unheard(one, runs.applied(names)) if host.host in chosen]
        if found:
            yield one, found
