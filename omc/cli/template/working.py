"""Renders the chosen templates for the chosen hosts and looks at those hosts: what plan, apply and status begin with.

The process that renders is forked first, before anything here starts a thread; then facts are collected, if any
template reads some; then the hosts are asked, all of them at the same time.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from omc.cli.context import Run
from omc.cli.template.asking import Asked, chosen_hosts, chosen_templates, extra_variables, site_root
from omc.cli.template.means import fingerprints, objects
from omc.errors import Exit, HostError, OmcError, UsageError

if TYPE_CHECKING:
    from omc.fleet import Result
    from omc.model import Host
    from omc.ports import RunHost
    from omc.site import SiteHost
    from omc.templates.catalogue import Template
    from omc.templates.connections import Connections
    from omc.templates.desired import Desired, LeftOut
    from omc.templates.planfile import FailedHost
    from omc.templates.render import Needs
    from omc.templates.task import Task

_CHOOSE = (
    "name one behind the hosts (omc template list), or choose some in the inventory: omc_templates: [chrony, …]; "
    "the site's own in templates/ need no choosing"
)
UNRENDERED = "render"
"""The code of a host whose templates could not be rendered."""

_MOST_NAMED = 5
_NEW_ID = "on each but one: rm /etc/machine-id; systemd-machine-id-setup; then reboot it"


class Rendered(NamedTuple):
    """What hosts should have; `idle` are those that no template is for, `left_out` the templates that are not."""

    desired: "list[Desired]"
    failed: "list[FailedHost]"
    idle: list[str]
    left_out: "dict[LeftOut, list[str]]"


class Work(NamedTuple):
    """Hosts that were looked at, those that could not be, and the connections, open as long as the work goes on."""

    tasks: "list[Task]"
    failed: "list[FailedHost]"
    idle: list[str]
    connections: "Connections"


@contextmanager
def looked_at(run: Run, asked: Asked, *, contents: bool = True, keep: bool = False) -> Iterator[Work]:
    """Render, look and compare; `contents` fetches old files for differences, `keep` is for who then changes hosts.

    Raises UsageError where no template was named, nor chosen for any of the hosts.
    """
    hosts = chosen_hosts(run, asked)
    _demand_choice(run, asked, hosts)
    with looked_at_hosts(run, asked, hosts, contents=contents, keep=keep) as work:
        yield work


@contextmanager
def looked_at_hosts(
    run: Run, asked: Asked, hosts: "Sequence[SiteHost]", *, contents: bool = True, keep: bool = False
) -> Iterator[Work]:
    """As `looked_at`, for these hosts."""
    # What reaches hosts is loaded while the worker loads what renders.
    with _rendering(run, asked, hosts) as rendering, connected(run, hosts) as connections:
        rendered = rendering()
        if asked.templates:
            tell_left_out(run, rendered)
        tasks, failed = _look(run, rendered.desired, connections, how=_How(contents, keep, asked.disruptive))
        yield Work(tasks, [*rendered.failed, *failed], rendered.idle, connections)


@contextmanager
def connected(run: Run, hosts: "Sequence[SiteHost]") -> "Iterator[Connections]":
    """Give connections to these hosts; they are closed at the end."""
    from omc.templates.connections import Connections

    by_name = {host.name: host for host in hosts}
    endpoints = run.endpoints()
    connections = Connections(run.shells(hosts), lambda name: endpoints.of(by_name[name]))
    try:
        yield connections
    finally:
        connections.close()


def rendered_for(run: Run, asked: Asked, hosts: "Sequence[SiteHost]") -> Rendered:
    """Return what these hosts should have."""
    with _rendering(run, asked, hosts) as rendering:
        return rendering()


@contextmanager
def _rendering(run: Run, asked: Asked, hosts: "Sequence[SiteHost]") -> "Iterator[Callable[[], Rendered]]":
    """Start the worker; what is given renders, and ends it."""
    from omc.templates.render import Worker, World

    templates = chosen_templates(run, asked.templates)
    facts: dict[str, Host] = {}
    extra = extra_variables(asked.variables)
    _tell_misspelt(run, asked, templates, hosts)
    _tell_for_nobody(run, templates)
    world = World(site=run.site, extra=extra, secret=run.secrets, facts=facts.get)
    with Worker(templates, world) as worker:

        def rendered() -> Rendered:
            with worker:
                facts.update(_facts(run, worker.needs(), hosts))
                return _sorted(worker.render(hosts))

        yield rendered


def _sorted(results: "Iterable[Result[SiteHost, Desired]]") -> Rendered:
    made = Rendered([], [], [], {})
    for result in results:
        if result.error is not None:
            made.failed.append(as_failed(result.item.name, result.error))
            continue
        for one in result.get().left_out:
            made.left_out.setdefault(one, []).append(result.item.name)
        if result.get().files or result.get().objects:
            made.desired.append(result.get())
        else:
            made.idle.append(result.item.name)
    return made


def tell_left_out(run: Run, rendered: Rendered) -> None:
    """Say for which hosts the templates are not, and why."""
    for one, names in rendered.left_out.items():
        which = "this host" if len(names) == 1 else "these hosts"
        what = "has nothing for" if one.applies else "is not for"
        where = ", ".join(_some(names))
        run.output.note(f"{one.template} {what} {which}: {one.reason}", where=where, hint=one.hint)


def _some(names: Sequence[str]) -> list[str]:
    more = [f"and {len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    return [*names[:_MOST_NAMED], *more]


def _tell_for_nobody(run: Run, templates: "Sequence[Template]") -> None:
    from omc.templates.choice import for_nobody

    for template, error in for_nobody(templates, run.site):
        message = f"{template.name} is for no host: {error.message}"
        run.output.warning(message, where=template.manifest.hosts.pattern.where, hint=error.hint)


def _tell_misspelt(run: Run, asked: Asked, templates: "Sequence[Template]", hosts: "Sequence[SiteHost]") -> None:
    """Name the variables of -e NAME=VALUE that nothing reads; a file may be for other templates, too."""
    names = [word.partition("=")[0] for word in asked.variables if not word.startswith("@")]
    if not names:
        return
    from omc.site.mistakes import near
    from omc.templates.mentions import unmentioned

    for name, known in unmentioned(names, templates, hosts).items():
        run.output.warning(f"-e {name}: none of these templates reads it", hint=near(name, known))


def _demand_choice(run: Run, asked: Asked, hosts: "Sequence[SiteHost]") -> None:
    from omc.templates.catalogue import OPT_IN, own_names

    chosen = asked.templates or any(OPT_IN in host.variables for host in hosts)
    if not chosen and not own_names(site_root(run)):
        raise UsageError("no template is chosen for these hosts", hint=_CHOOSE)


def _facts(run: Run, needs: "Needs", hosts: "Sequence[SiteHost]") -> "Mapping[str, Host]":
    """Return what is known of the hosts whose facts the templates read, collected where it is too old."""
    if not (needs.own or needs.fleet):
        return {}
    import msgspec

    from omc.cli.inventory.fresh import Asked as Wanted
    from omc.cli.inventory.fresh import freshen, name_failed
    from omc.model import Host

    names = tuple(run.site.hosts) if needs.fleet else tuple(host.name for host in hosts)
    answer = freshen(run, Wanted(patterns=names, quiet=True))
    name_failed(run, answer)
    decode = msgspec.json.Decoder(Host).decode
    return {host.name: host for host in map(decode, run.store.documents(answer.hosts))}


class _How(NamedTuple):
    contents: bool
    keep: bool
    disruptive: bool


def _look(
    run: Run, desired: "Sequence[Desired]", connections: "Connections", *, how: _How
) -> "tuple[list[Task], list[FailedHost]]":
    from omc.templates.gather import Looking, look_at
    from omc.templates.machines import copies, joined

    looking = Looking(
        parallel=run.parallel,
        seconds=run.connect_seconds * 2,
        deadline=time.monotonic() + run.timeout_seconds,
        contents=how.contents,
        keep=how.keep,
    )
    libvirt = objects(run, desired, disruptive=how.disruptive)
    tasks: dict[str, Task] = {}
    failed: list[FailedHost] = []
    with run.output.progress("looking", [one.host for one in desired]) as bar:
        for result in look_at(desired, connections, fingerprints(run), looking, libvirt):
            bar.step(result.item.host)
            if result.error is not None:
                failed.append(as_failed(result.item.host, result.error))
            else:
                tasks[result.item.host] = result.get()
    in_order = [tasks[one.host] for one in desired if one.host in tasks]
    places = {one.host: place for place, one in enumerate(desired)}
    failed.sort(key=lambda host: places[host.host])
    for names in copies(in_order):
        where = ", ".join(_some(names))
        run.output.warning("they are copies of one image, with the same machine id", where=where, hint=_NEW_ID)
    return joined(in_order), failed


def as_failed(host: str, error: OmcError) -> "FailedHost":
    """Return the record of a host that could not be planned or looked at."""
    from omc.templates.planfile import FailedHost

    code = error.code if isinstance(error, HostError) else UNRENDERED
    message = f"{error.where}: {error.message}" if error.where and error.where != host else error.message
    return FailedHost(host=host, code=code, message=message, hint=error.hint)


def name_failed(run: Run, failed: "Sequence[FailedHost]") -> Exit:
    """Name every host that could not be planned, those with the same reason together; return the exit code."""
    from omc.templates.telling import together

    for names, message, hint in together(failed):
        run.output.error(message, where=", ".join(names), hint=hint)
    return Exit.HOSTS_FAILED if failed else Exit.OK


def unreachable(work: Work) -> "list[RunHost]":
    """Return the records of the hosts that could not be planned; one that could not be rendered was never asked."""
    from omc.ports import RunHost

    return [
        RunHost(
            host=host.host,
            status="refused" if host.code == UNRENDERED else "unreachable",
            code=host.code,
            message=host.message,
        )
        for host in work.failed
    ]
