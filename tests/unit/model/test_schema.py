"""The JSON Schema describes exactly what omc prints, with the words of the source."""

import json
from collections.abc import Iterator

import msgspec
import pytest

import omc.model
from omc.model import SCHEMA_VERSION, Guest, Inventory
from omc.model.base import Fact
from omc.model.schema import field_comments, guests_schema, inventory_schema

SCHEMAS = {"inventory": inventory_schema, "guests": guests_schema}
STRUCTS = [item for item in vars(omc.model).values() if isinstance(item, type) and issubclass(item, Fact)]


def references(value: object) -> Iterator[str]:
    """Give every `$ref` inside a schema."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from references(item)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_reference_leads_somewhere_and_nothing_is_left_over(kind: str):
    """A validator finds each definition that is referred to, and every definition is used."""
    schema = SCHEMAS[kind]()
    used = {reference.removeprefix("#/$defs/") for reference in references(schema)}
    assert set(schema["$defs"]) == used


def test_the_inventory_is_described_down_to_the_last_struct():
    """Every struct of the model is part of the document."""
    assert {struct.__name__ for struct in STRUCTS} == set(inventory_schema()["$defs"])


def test_the_fields_are_those_that_are_printed():
    """Given a guest as JSON, its keys are the properties of the schema, in the same order."""
    printed = json.loads(msgspec.json.encode(Guest(host="kvm1", name="g", uuid="u", state="running")))
    assert list(printed) == list(guests_schema()["$defs"]["Guest"]["properties"])
    assert ["host", "name", "uuid", "state"] == guests_schema()["$defs"]["Guest"]["required"]


def test_the_list_of_guests_is_an_array():
    """`omc inventory guests -o json` prints an array, `omc inventory -o json` one object."""
    assert ("array", {"$ref": "#/$defs/Guest"}) == (guests_schema()["type"], guests_schema()["items"])
    assert "#/$defs/Inventory" == inventory_schema()["$ref"]


def test_the_version_is_in_the_identifier():
    """Two versions of the schema are told apart by their identifier."""
    assert f"urn:omc:schema:{SCHEMA_VERSION}:inventory" == inventory_schema()["$id"]


def test_a_field_is_described_by_the_comment_behind_it():
    """The one sentence on a field stands in the source, and everywhere else comes from there."""
    assert "`<memory>`: what it starts with, plugged modules included" == field_comments(Guest)["memory_bytes"]
    guest = inventory_schema()["$defs"]["Guest"]["properties"]
    assert field_comments(Guest)["memory_bytes"] == guest["memory_bytes"]["description"]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_struct_has_a_sentence_of_its_own(struct: type[Fact]):
    """A reader of the schema learns what each struct is."""
    description = inventory_schema()["$defs"][struct.__name__]["description"]
    assert description
    assert description != Fact.__doc__


def test_the_document_of_the_command_line_has_the_fields_of_the_struct():
    """Version, time, hosts and issues: the keys that programs rely on."""
    assert ("schema", "collected_at", "hosts", "issues") == Inventory.__struct_fields__
