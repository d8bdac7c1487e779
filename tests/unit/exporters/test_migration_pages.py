"""The pages on moving from another exporter hold the names of exporters/compat.yaml, each as it is served."""

import re
from pathlib import Path

import pytest

from omc.exporters.table import Alias, Tables, load_tables

PAGES = Path(__file__).parents[3] / "docs" / "how-to"
_TABLE = re.compile(r"(?<=\n)\| \S+ \| omc \| labels \|\n\|---\|---\|---\|\n(?:\|.*\n)*")


def row(alias: Alias) -> str:
    """Return the line of one name: theirs, ours, and the labels that are called otherwise."""
    labels = [f"`{ours}` is `{theirs}`" for ours, theirs in alias.labels.items()]
    labels += ["`state_desc` says the state"] if alias.states else []
    kind = [f"as {alias.type}"] if alias.type else []
    return f"| `{alias.name}` | `{alias.of}` | {', '.join([*labels, *kind])} |"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load_tables()


def test_there_is_a_page_for_each_dialect(tables):
    """Whoever can have the old names served finds how to move away from them."""
    assert {f"exporter-from-{dialect}.md" for dialect in tables.dialects} == {
        path.name for path in PAGES.glob("exporter-from-*.md")
    }


@pytest.mark.parametrize("dialect", ["kumina", "tinkoff", "inovex"])
def test_the_page_lists_every_name_that_is_served(dialect, tables, request):
    """The table follows compat.yaml; `make golden ARGS=tests/unit/exporters` writes it anew."""
    path = PAGES / f"exporter-from-{dialect}.md"
    text = path.read_text()
    found = _TABLE.search(text)
    assert found, "no table of names"
    head = found[0].splitlines()[:2]
    wanted = "\n".join([*head, *map(row, tables.dialects[dialect])]) + "\n"
    if request.config.getoption("--update-golden"):
        path.write_text(text.replace(found[0], wanted))
    assert wanted == _TABLE.search(path.read_text())[0]


@pytest.mark.parametrize("dialect", ["kumina", "tinkoff", "inovex"])
def test_the_page_names_no_metric_that_there_is_not(dialect, tables):
    """What is said to be the same or to have moved exists; what is not served is said to be so."""
    text = (PAGES / f"exporter-from-{dialect}.md").read_text()
    known = {*tables.guest, *tables.host, *(alias.name for alias in tables.dialects[dialect])}
    told = {line for line in re.split(r"\n(?=- |\n)", text) if "is not served" in line or "are not served" in line}
    absent = {name for line in told for name in re.findall(r"`(libvirt_\w+)`", line)}
    named = set(re.findall(r"`(libvirt_\w+)[`{]", text))
    assert set() == {name for name in named - absent - known if not name.endswith("_")}


@pytest.mark.parametrize("dialect", ["kumina", "tinkoff", "inovex"])
def test_what_is_said_not_to_be_served_is_not(dialect, tables):
    """A metric that came later is taken from the list of what is lacking."""
    text = (PAGES / f"exporter-from-{dialect}.md").read_text()
    lacking = set(re.findall(r"^- `(libvirt_\w+)`[^.`]*is not served", text, re.M))
    served = {*tables.guest, *tables.host, *(alias.name for alias in tables.dialects[dialect])}
    assert set() == lacking & served
