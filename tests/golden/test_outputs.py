"""Every output format on the same awkward guests; `make golden` rewrites the files."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from omc.cli.inventory.columns import columns_of
from omc.cli.inventory.sheet import guest_sheet, host_sheet
from omc.inventory.export.ansible import inventory
from omc.inventory.export.dot import graph
from omc.inventory.formats import BUILT_IN, Listing, Page, render
from omc.inventory.formats.objects import safe_json
from omc.inventory.store import Store, open_store
from tests.golden.hosts import HOSTS, SERVER

NOW = datetime(2026, 3, 1, 12, 5, tzinfo=UTC).timestamp()
SUFFIXES = {"table": "txt", "wide": "txt", "json": "json", "ndjson": "ndjson", "yaml": "yaml", "markdown": "md"}
GUESTS = [guest for host in HOSTS for guest in host.guests]

Golden = Callable[[str, str], None]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Give a store that holds the hosts, on a machine that runs on UTC."""
    monkeypatch.setenv("TZ", "UTC")
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        run = store.begin(actor="tests", selection="all")
        for host in HOSTS:
            store.record(run, host, {guest.uuid: "" for guest in host.guests})
        store.finish(run, "ok")
        yield store


def text(chunks: Iterator[bytes]) -> str:
    return b"".join(chunks).decode()


@pytest.mark.parametrize("name", BUILT_IN)
def test_guests(store: Store, golden: Golden, name: str) -> None:
    """A list of guests in each format, with all columns where the format has room for them."""
    columns = [
        column for column in columns_of("guests", None, whole=name in ("wide", "csv")) if column.name != "state_since"
    ]
    rows = store.query("guests", columns=[column.name for column in columns])
    documents = map(msgspec.json.encode, GUESTS) if name in ("json", "ndjson", "yaml") else None
    page = Page(width=100 if name == "table" else None, color=name == "table", now=NOW)
    shown = text(render(Listing(columns, rows, documents), name, page))
    golden(f"outputs/guests-{name}.{SUFFIXES.get(name, name)}", shown)


@pytest.mark.parametrize("width", [20, 60, 200])
def test_table_fits_the_terminal(store: Store, golden: Golden, width: int) -> None:
    """A table is cut to the terminal's width, and the ellipsis shows where."""
    columns = columns_of("guests", None, whole=False)
    rows = store.query("guests", columns=[column.name for column in columns])
    shown = text(render(Listing(columns, rows), "table", Page(width=width, now=NOW)))
    golden(f"outputs/guests-{width}-columns.txt", shown)


def test_guest_sheet(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    """`omc inventory show` of a guest: facts, chains, addresses with sources, the snapshots' tree, pending changes."""
    monkeypatch.setenv("TZ", "UTC")
    golden("outputs/show-guest.txt", text(guest_sheet(SERVER, Page(now=NOW))))


def test_host_sheet(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    golden("outputs/show-host.txt", text(host_sheet(HOSTS[0], Page(now=NOW))))


def test_ansible(golden: Golden) -> None:
    """The Ansible inventory: valid names, no reserved ones, and no text of a guest that is a template."""
    shown = safe_json(msgspec.json.format(msgspec.json.encode(inventory(GUESTS)), indent=1))
    golden("outputs/ansible.json", shown.decode() + "\n")


def test_dot(golden: Golden) -> None:
    golden("outputs/graph.dot", "\n".join(graph(HOSTS)) + "\n")
