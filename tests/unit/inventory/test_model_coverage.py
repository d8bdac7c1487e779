"""No field of the model is without a case: a recorded answer shows each at something else than its default."""

from collections.abc import Iterator

import msgspec

import omc.model
from omc.model import Inventory
from omc.model.base import Fact
from tests.unit.inventory.raw_answers import DATA, assembled, default, recorded_host
from tests.unit.inventory.test_recorded import CASES, READERS

NOT_READ = {
    "Host.collect_seconds",  # measured by whoever asks
}


def structs_in(value: object) -> Iterator[msgspec.Struct]:
    """Give every struct inside a value, itself first."""
    if isinstance(value, msgspec.Struct):
        yield value
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, dict):
        value = list(value.values())
    for item in value if isinstance(value, tuple | list) else ():
        yield from structs_in(item)


def answers() -> Iterator[object]:
    for path in CASES:
        yield READERS[path.parent.name](path.read_text(encoding="utf-8"))
    for path in sorted((DATA / "hosts").glob("*.raw.json")):
        yield assembled(recorded_host(path.name.removesuffix(".raw.json"))).host


def test_every_field_is_read_somewhere():
    """Given a new field of the model, a recorded document must show it at work."""
    models = [item for item in vars(omc.model).values() if isinstance(item, type) and issubclass(item, Fact)]
    fields = {
        f"{model.__name__}.{name}" for model in models if model is not Inventory for name in model.__struct_fields__
    }
    seen = {
        f"{type(struct).__name__}.{field.name}"
        for answer in answers()
        for struct in structs_in(answer)
        for field in msgspec.structs.fields(struct)
        if field.required or getattr(struct, field.name) != default(field)
    }
    assert set() == fields - seen - NOT_READ
