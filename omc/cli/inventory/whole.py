"""The whole inventory as one document, written a host at a time as the store has it."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from omc.cli.context import Run
from omc.cli.inventory.columns import columns_of
from omc.cli.inventory.fresh import Answer
from omc.inventory.formats import Listing
from omc.inventory.formats.objects import documents as json_documents
from omc.inventory.formats.objects import safe_json
from omc.model import SCHEMA_VERSION

FORMATS = ("json", "yaml", "ndjson")


def document(run: Run, answer: Answer, name: str, at: str | None) -> Iterator[bytes]:
    """Give the inventory in one of FORMATS; `ndjson` is a host a line, the others are one document."""
    hosts = map(safe_json, run.store.documents(answer.hosts, at=at))
    if name == "ndjson":
        yield from (host + b"\n" for host in hosts)
        return
    head = {"schema": SCHEMA_VERSION, "collected_at": at or _collected_at(answer)}
    issues = _issues(run, answer) if at is None else iter(())
    yield from _json(head, hosts, issues) if name == "json" else _yaml(head, hosts, issues)


def _json(head: Mapping[str, object], hosts: Iterator[bytes], issues: Iterator[bytes]) -> Iterator[bytes]:
    yield msgspec.json.encode(head)[:-1] + b',"hosts":[\n'
    yield from _separated(hosts)
    yield b'],"issues":[\n'
    yield from _separated(issues)
    yield b"]}\n"


def _yaml(head: Mapping[str, object], hosts: Iterator[bytes], issues: Iterator[bytes]) -> Iterator[bytes]:
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


def _issues(run: Run, answer: Answer) -> Iterator[bytes]:
    """Give the issues of the hosts' last attempts as JSON objects."""
    columns = columns_of("issues", "host,subject,code,what,why,hint,failed", whole=True)
    rows = run.store.query("issues", columns=[column.name for column in columns], hosts=answer.hosts)
    return json_documents(Listing(columns, rows))


def _collected_at(answer: Answer) -> str | None:
    """Return the time that no host's facts are older than, those of unreachable hosts aside."""
    times = [state.collected_at for state in answer.states if state.collected_at and state.status != "unreachable"]
    return min(times, default=None)
