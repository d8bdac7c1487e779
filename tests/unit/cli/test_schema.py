"""`omc schema` describes what omc prints."""

import json

import msgspec

from omc.model import Guest
from omc.model.document import Inventory
from omc.ports import TemplateRun
from omc.templates.drift import Drift
from omc.templates.planfile import Plan
from omc.templates.report import Listed
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


def test_schemas_of_templates_name_every_key_and_say_what_it_is(omc: Omc) -> None:
    """Of plans, of reports, of the history and of the status."""
    schemas = {name: json.loads(omc("schema", f"--{name}").out) for name in ("plan", "run", "history", "status")}
    kinds = {"plan": Plan, "run": TemplateRun, "history": Listed, "status": Drift}
    for name, kind in kinds.items():
        definition = schemas[name]["$defs"][kind.__name__]
        assert list(definition["properties"]) == [field.encode_name for field in msgspec.structs.fields(kind)]
        assert definition["description"], name
    assert ["array", "array"] == [schemas[name]["type"] for name in ("history", "status")]
    assert {"HostPlan", "FilePlan", "FailedHost"} <= schemas["plan"]["$defs"].keys()
    assert "RFC 3339" in schemas["run"]["$defs"]["TemplateRun"]["properties"]["started_at"]["description"]
