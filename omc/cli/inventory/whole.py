"""The whole inventory as one document, written a host at a time as the store has it."""

from collections.abc import Iterator

from omc.cli.context import Run
from omc.cli.inventory.columns import columns_of
from omc.cli.inventory.fresh import Answer
from omc.inventory.formats import Listing, Structure
from omc.inventory.formats.objects import documents, safe_json
from omc.model import SCHEMA_VERSION


def document(run: Run, answer: Answer, form: Structure, at: str | None) -> Iterator[bytes]:
    """Give the inventory in a format with structure."""
    hosts = map(safe_json, run.store.documents(answer.hosts, at=at))
    head = {"schema": SCHEMA_VERSION, "collected_at": at or _collected_at(answer)}
    return form.inventory(head, hosts, _issues(run, answer) if at is None else iter(()))


def _issues(run: Run, answer: Answer) -> Iterator[bytes]:
    """Give the issues of the hosts' last attempts as JSON objects; the store is asked when the first one is."""
    columns = columns_of("issues", "host,subject,code,what,why,hint,failed", whole=True)
    rows = run.store.query("issues", columns=[column.name for column in columns], hosts=answer.hosts)
    yield from documents(Listing(columns, rows))


def _collected_at(answer: Answer) -> str | None:
    """Return the time that no host's facts are older than, those of unreachable hosts aside."""
    times = [state.collected_at for state in answer.states if state.collected_at and state.status != "unreachable"]
    return min(times, default=None)
