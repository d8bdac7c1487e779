"""The answer of `omc inventory`: the table of hosts or the whole inventory; totals and issues go to stderr."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from omc.cli.context import Run
from omc.cli.inventory.columns import columns_of
from omc.cli.inventory.fresh import Answer
from omc.inventory.formats import Column, Listing, Value
from omc.inventory.formats.objects import documents as json_documents
from omc.inventory.formats.objects import safe_json
from omc.model import SCHEMA_VERSION
from omc.text import human_bytes, plural, safe

_GROUPS = 10
_SUBJECTS = 4
_FAILED_SUBJECTS = 20
_DOCUMENTS = ("json", "yaml", "ndjson")
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
    """Print the hosts in the format; without one, the summary on a terminal and plain columns in a pipe."""
    name = run.output.format_or_default(format_name)
    if name in _DOCUMENTS:
        run.output.write(_document(run, answer, name, at))
    elif name == "table":
        hosts = [_Host(*row) for row in _rows(run, answer, _HOST_COLUMNS, at)]
        run.output.listing(Listing(_SUMMARY, map(_summary, hosts)), name)
        run.output.info(_totals(hosts))
    else:
        columns = columns_of("hosts", None, whole=name != "tsv")
        run.output.listing(Listing(columns, _rows(run, answer, [column.name for column in columns], at)), name)
    if at is None:
        print_issues(run, answer)


def print_issues(run: Run, answer: Answer) -> None:
    """Say on stderr what could not be read: failed reads first, alike ones together, not more than fits a screen."""
    groups: dict[tuple[bool, str], list[str]] = {}
    hints: dict[tuple[bool, str], str] = {}
    columns = ("host", "subject", "what", "why", "hint", "failed")
    for host, subject, what, why, hint, failed in run.store.query("issues", columns=columns, hosts=answer.hosts):
        key = (bool(failed), f"{what}: {why}")
        groups.setdefault(key, []).append(str(host) if subject == "host" else f"{host} {subject}")
        hints[key] = str(hint or "")
    shown = sorted(groups.items(), key=lambda group: (not group[0][0], -len(group[1])))
    for key, subjects in shown[:_GROUPS]:
        say = run.output.error if key[0] else run.output.note
        say(safe(key[1]), where=_some(subjects, _FAILED_SUBJECTS if key[0] else _SUBJECTS), hint=hints[key])
    if len(shown) > _GROUPS:
        count = sum(len(subjects) for subjects in groups.values())
        run.output.info(f"{plural(count, 'issue')} in all: omc inventory issues lists them")


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
    running, guests = (sum(getattr(host, name) or 0 for host in hosts) for name in ("guests_running", "guests"))
    vcpus, cpus = (sum(getattr(host, name) or 0 for host in hosts) for name in ("vcpus_running", "cpus"))
    allocated, memory = (
        sum(getattr(host, name) or 0 for host in hosts) for name in ("allocated_bytes", "memory_bytes")
    )
    return (
        f"{plural(len(hosts), 'host')}, {running} of {plural(guests, 'guest')} running, "
        f"{vcpus} vCPUs on {plural(cpus, 'CPU')}, {human_bytes(allocated)} of {human_bytes(memory)} memory allocated"
    )


def _document(run: Run, answer: Answer, name: str, at: str | None) -> Iterator[bytes]:
    """Give the whole inventory, a host at a time as the store has it."""
    hosts = map(safe_json, run.store.documents(answer.hosts, at=at))
    if name == "ndjson":
        yield from (host + b"\n" for host in hosts)
        return
    head = {"schema": SCHEMA_VERSION, "collected_at": at or _collected_at(answer)}
    issues = issue_documents(run, answer) if at is None else iter(())
    if name == "json":
        yield msgspec.json.encode(head)[:-1] + b',"hosts":[\n'
        yield from _separated(hosts)
        yield b'],"issues":[\n'
        yield from _separated(issues)
        yield b"]}\n"
        return
    from omc.inventory.formats.yaml import dump

    yield dump(head)
    for key, documents in (("hosts", hosts), ("issues", issues)):
        chunks = (dump([msgspec.json.decode(document)], ascii_only=b"\\u" in document) for document in documents)
        first = next(chunks, b"")
        yield f"{key}:\n".encode() + first if first else f"{key}: []\n".encode()
        yield from chunks


def _separated(documents: Iterable[bytes]) -> Iterator[bytes]:
    separator = b""
    for document in documents:
        yield separator + document
        separator = b",\n"


def issue_documents(run: Run, answer: Answer) -> Iterator[bytes]:
    """Give the issues of the hosts' last attempts as JSON objects."""
    columns = columns_of("issues", "host,subject,code,what,why,hint,failed", whole=True)
    rows = run.store.query("issues", columns=[column.name for column in columns], hosts=answer.hosts)
    return json_documents(Listing(columns, rows))


def _collected_at(answer: Answer) -> str | None:
    """Return the time that no host's facts are older than, those of unreachable hosts aside."""
    times = [state.collected_at for state in answer.states if state.collected_at and state.status != "unreachable"]
    return min(times, default=None)
