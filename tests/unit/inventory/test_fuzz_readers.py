"""Whatever a host answers, a reader gives facts or an OmcError: never a traceback, never for ever."""

import random
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omc.errors import OmcError
from omc.inventory.domain import GuestParser, parse_guest
from omc.model import Guest
from tests.unit.inventory.raw_answers import DATA, assembled, guest, recorded_host
from tests.unit.inventory.test_recorded import CASES, READERS

DOMAINS = sorted((DATA / "domains").glob("*.xml"))
ELEMENTS = [element for path in DOMAINS for element in ET.parse(path).iter() if "{" not in element.tag]
NAMES = st.sampled_from(sorted({element.tag for element in ELEMENTS}))
KEYS = st.sampled_from(sorted({key for element in ELEMENTS for key in element.attrib}))
NUMBERS = st.sampled_from(["0", "-1", "yes", "99999999999999999999", "0x", "1e9", "\x85", "\uff11"])
TEXTS = st.one_of(st.text(max_size=20), NUMBERS)
ATTRIBUTES = st.dictionaries(KEYS, TEXTS, max_size=4)
TREES = st.recursive(
    st.tuples(NAMES, ATTRIBUTES, TEXTS),
    lambda inner: st.tuples(NAMES, ATTRIBUTES, st.lists(inner, max_size=5)),
    max_leaves=40,
)


def markup(tree: tuple[str, dict[str, str], object]) -> str:
    """Write a tree as XML, leaving out what XML cannot hold."""
    name, attributes, content = tree
    inner = "".join(map(markup, content)) if isinstance(content, list) else escaped(str(content))
    said = "".join(f" {key}='{escaped(text)}'" for key, text in attributes.items())
    return f"<{name}{said}>{inner}</{name}>"


def escaped(text: str) -> str:
    kept = "".join(character for character in text if character.isprintable() or character in "\n\t")
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;")


def facts_or_refusal(xml: str) -> Guest | None:
    """Read in both ways, which must agree; what was read can be written as JSON and read back."""
    try:
        whole = parse_guest(xml, host="kvm1")
    except OmcError:
        with pytest.raises(OmcError):
            GuestParser("kvm1").parse(xml)
        return None
    assert whole == GuestParser("kvm1").parse(xml)
    assert whole == msgspec.json.decode(msgspec.json.encode(whole), type=Guest)
    return whole


@given(st.text())
@settings(max_examples=150)
def test_any_text_is_a_guest_or_refused(text: str):
    """Given any text, return a Guest or raise OmcError."""
    assert None is facts_or_refusal(text)


@given(st.lists(TREES, max_size=8), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_tree_of_known_words_in_wrong_places_is_read(trees: list[tuple[str, dict[str, str], object]], pretty: bool):
    """Given libvirt's words in any nesting, with any values, return a Guest."""
    inner = "".join(f"    {markup(tree)}\n" if pretty else markup(tree) for tree in trees)
    top = "".join(f"  {markup(tree)}\n" for tree in trees if tree[0] not in {"name", "devices"})
    xml = f"<domain type='kvm'>\n  <name>g</name>\n{top}  <devices>\n{inner}  </devices>\n</domain>\n"
    read = facts_or_refusal(xml)
    assert read is not None
    assert read.name == "g"


@given(st.sampled_from(DOMAINS), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_a_damaged_document_is_read_or_refused(path: Path, dice: random.Random):
    """Given a recorded document with pieces cut out, doubled and swapped, return a Guest or raise OmcError."""
    text = path.read_text(encoding="utf-8")
    for _ in range(dice.randint(1, 4)):
        first, second = sorted((dice.randrange(len(text)), dice.randrange(len(text))))
        second = min(second, first + 200)
        piece = text[first:second]
        text = dice.choice(
            [text[:first] + text[second:], text[:second] + piece + text[second:], text[:first] + piece[::-1]]
        )
        text = text or "<"
    facts_or_refusal(text)


@given(st.sampled_from(CASES), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_every_reader_stands_a_lost_line(path: Path, dice: random.Random):
    """Given a recorded document without some of its lines, each reader answers or raises OmcError."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if dice.random() > 0.1)
    with suppress(OmcError):
        READERS[path.parent.name](kept)


VALUES = st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.text(max_size=10))
RUNNING = next(raw for raw in recorded_host("full").guests if raw.agent)
FACTS = st.dictionaries(st.sampled_from(sorted({*RUNNING.stats, *RUNNING.agent})), VALUES)


@given(FACTS, FACTS, st.tuples(st.integers(), st.integers()))
@settings(max_examples=150, deadline=None)
def test_any_statistics_and_any_agent_are_read(stats: dict, agent: dict, state: tuple[int, int]):
    """Given counts that lie and values of any type, a host still comes together, and can be written."""
    xml = (DATA / "domains" / "running.xml").read_text(encoding="utf-8")
    host = assembled(guests=(guest(xml, id=1, state=state, stats=stats, agent=agent),)).host
    assert 1 == len(host.guests)
    assert msgspec.json.decode(msgspec.json.encode(host.guests[0]), type=Guest) == host.guests[0]
