"""`omc schema` describes what omc prints."""

import json

import msgspec

from omc.model import Guest
from omc.model.document import Inventory
from tests.unit.cli.running import Omc


def test_documents_are_as_the_schema_s_structs_say(omc: Omc) -> None:
    """The schema is made from these structs, and they read what omc prints."""
    whole = msgspec.json.decode(omc("inventory", "-o", "json").out, type=Inventory)
    guests = msgspec.json.decode(omc("inventory", "guests", "-o", "json").out, type=list[Guest])
    assert [guest for host in whole.hosts for guest in host.guests] == guests


def test_schema_names_every_key_of_the_document(omc: Omc) -> None:
    schema = json.loads(omc("schema").out)
    document = json.loads(omc("inventory", "-o", "json").out)
    definitions = schema["$defs"]
    assert document.keys() == definitions["Inventory"]["properties"].keys()
    assert document["hosts"][0].keys() <= definitions["Host"]["properties"].keys()
    assert document["hosts"][0]["guests"][0].keys() <= definitions["Guest"]["properties"].keys()


def test_schema_of_the_list_of_guests(omc: Omc) -> None:
    assert json.loads(omc("schema", "--guests").out)["type"] == "array"
