"""The answer of `omc inventory`: the table of hosts or the whole inventory; totals and issues go to stderr."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from omc.cli.context import Run
from omc.cli.inventory import whole
from omc.cli.inventory.columns import columns_of
from omc.cli.inventory.fresh import Answer
from omc.inventory.formats import Column, Listing, Value, find, structure
from omc.text import human_bytes, plural, safe

# What a driver or a read-only connection does not give is the same at every run: counted here, listed on request.
_EXPECTED = ("unsupported", "needs-read-write", "no-agent")
_GROUPS = 10
_FAILED_GROUPS = 50
_SUBJECTS = 4
_FAILED_SUBJECTS = 20
_SUMMARY = (
    Column("name"),
    Column("status", "status"),
    Column("guests", "number"),
    Column("vcpus", "number"),
    Column("memory_bytes", "bytes"),
    Column("allocated", "number"),
    Column("pools_used", "number"),
    Column("versions"),
    Column("collected_at", "age", "age"),
)
_HOST_COLUMNS = [
    "name",
    "status",
    "guests_running",
    "guests",
    "vcpus_running",
    "cpus",
    "memory_bytes",
    "guest_memory_running_bytes",
    "pool_capacity_bytes",
    "pool_allocation_bytes",
    "driver",
    "libvirt_version",
    "hypervisor_version",
    "collected_at",
]


class _Host(NamedTuple):
    """One row of the view `hosts`, as far as the summary needs it."""

    name: str
    status: str
    guests_running: int | None
    guests: int | None
    vcpus_running: int | None
    cpus: int | None
    memory_bytes: int | None
    allocated_bytes: int | None
    pool_capacity_bytes: int | None
    pool_allocation_bytes: int | None
    driver: str | None
    libvirt_version: str | None
    hypervisor_version: str | None
    collected_at: str | None


def print_hosts(run: Run, answer: Answer, format_name: str | None, *, at: str | None) -> None:
    """Print the hosts in the format; the narrow table is a summary, and has the totals below it."""
    name = run.output.format_or_default(format_name)
    form, structured = find(name), structure(name)
    if structured is not None:
        run.output.write(whole.document(run, answer, structured, at))
    elif form.KIND == "people" and not form.WIDE:
        hosts = [_Host(*row) for row in _rows(run, answer, _HOST_COLUMNS, at)]
        run.output.listing(Listing(_SUMMARY, map(_summary, hosts)), name)
        run.output.info(_totals(hosts))
    else:
        columns = columns_of("hosts", None, whole=form.WIDE)
        run.output.listing(Listing(columns, _rows(run, answer, [column.name for column in columns], at)), name)
    if at is None:
        print_issues(run, answer)


class _Group(NamedTuple):
    """Issues that say the same of several subjects."""

    failed: bool
    message: str
    hint: str


def print_issues(run: Run, answer: Answer) -> None:
    """Say on stderr what could not be read: failed reads first, alike ones together, not more than fits a screen."""
    groups, expected = _groups(run, answer)
    failed = [group for group in groups if group.failed][:_FAILED_GROUPS]
    others = [group for group in groups if not group.failed][: max(0, _GROUPS - len(failed))]
    for group in failed:
        run.output.error(group.message, where=_some(groups[group], _FAILED_SUBJECTS), hint=group.hint)
    for group in others:
        run.output.note(group.message, where=_some(groups[group], _SUBJECTS), hint=group.hint)
    if len(failed) + len(others) < len(groups):
        count = sum(map(len, groups.values()))
        run.output.info(f"{plural(count, 'issue')} in all: omc inventory issues lists them")
    if expected:
        run.output.info(
            f"not given by the driver or this connection: {plural(expected, 'fact')} (omc inventory issues)"
        )


def _groups(run: Run, answer: Answer) -> tuple[Mapping[_Group, list[str]], int]:
    """Return what is missing with the subjects that miss it, frequent ones first; and how much is never given."""
    groups: dict[_Group, list[str]] = {}
    expected = 0
    columns = ("code", "host", "subject", "what", "why", "hint", "failed")
    for code, host, subject, what, why, hint, failed in run.store.query("issues", columns=columns, hosts=answer.hosts):
        if code in _EXPECTED and not failed:
            expected += 1
            continue
        fact = "unreachable" if what == "the whole host" else what
        group = _Group(bool(failed), safe(f"{fact}: {why}"), str(hint or ""))
        groups.setdefault(group, []).append(str(host) if subject == "host" else f"{host} {subject}")
    return dict(sorted(groups.items(), key=lambda entry: -len(entry[1]))), expected


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _rows(run: Run, answer: Answer, columns: Sequence[str], at: str | None) -> Iterable[Sequence[Any]]:
    return run.store.query("hosts", columns=columns, hosts=answer.hosts, at=at)


def _summary(host: _Host) -> Sequence[Value]:
    hypervisor = " ".join(part for part in (host.driver, host.hypervisor_version) if part)
    return (
        host.name,
        host.status,
        None if host.guests is None else f"{host.guests_running}/{host.guests}",
        None if host.cpus is None else f"{host.vcpus_running}/{host.cpus}",
        host.memory_bytes,
        _share(host.allocated_bytes, host.memory_bytes),
        _share(host.pool_allocation_bytes, host.pool_capacity_bytes),
        ", ".join(part for part in (hypervisor, f"libvirt {host.libvirt_version}") if part) if host.driver else None,
        host.collected_at,
    )


def _share(used: int | None, total: int | None) -> str | None:
    if used is None or not total:
        return None
    return f"{human_bytes(used)} ({100 * used / total:.0f}%)"


def _totals(hosts: Sequence[_Host]) -> str:
    """Sum up what was read, now or earlier; a host that never was is counted and adds no zeros."""
    read = [host for host in hosts if host.collected_at]
    if not read:
        return f"{plural(len(hosts), 'host')}, none ever read"
    unread = f" ({len(hosts) - len(read)} never read)" if len(read) < len(hosts) else ""
    guests = f"{_sum(read, 'guests_running')} of {plural(_sum(read, 'guests'), 'guest')} running"
    parts = [plural(len(hosts), "host") + unread, guests]
    if any(host.cpus is not None for host in read):
        parts.append(f"{plural(_sum(read, 'vcpus_running'), 'vCPU')} on {plural(_sum(read, 'cpus'), 'CPU')}")
    if any(host.memory_bytes is not None for host in read):
        allocated, memory = human_bytes(_sum(read, "allocated_bytes")), human_bytes(_sum(read, "memory_bytes"))
        parts.append(f"{allocated} of {memory} memory allocated")
    return ", ".join(parts)


def _sum(hosts: Sequence[_Host], name: str) -> int:
    return sum(getattr(host, name) or 0 for host in hosts)
