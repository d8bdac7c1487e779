"""Levels of x86-64 CPUs: held to libvirt's own map of CPU models where this machine has it."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest

from omc import x86
from tests.required import lacking

MAP = Path("/usr/share/libvirt/cpu_map")
QEMU_HAS_MORE = {"abm", "f16c"}
"""Features that libvirt's Haswell and Broadwell lack, and QEMU's, which is what a guest gets, have."""


def _models() -> Mapping[str, ET.Element]:
    files = sorted(MAP.glob("x86_*.xml"))
    found = (model for file in files for model in ET.parse(file).getroot().iter("model"))
    return {
        name: model for model in found if (name := model.get("name")) is not None and model.find("feature") is not None
    }


def _features(models: Mapping[str, ET.Element], name: str) -> set[str]:
    features: set[str] = set()
    for child in models[name]:
        if child.tag == "model":
            features |= _features(models, child.get("name", ""))
        elif child.tag == "feature" and child.get("policy") != "disable":
            features.add(child.get("name", ""))
    return features


def test_models_have_the_level_that_libvirts_map_gives_them() -> None:
    """Every model of the map is known, and has just the features of its level."""
    if not MAP.is_dir():
        lacking("libvirt's map of CPUs is not here: apt-get install libvirt0")
    models = _models()
    levels = {}
    for name in models:
        features = _features(models, name) | (QEMU_HAS_MORE if name.startswith(("Haswell", "Broadwell")) else set())
        levels[name] = max(
            (level for level in range(x86.HIGHEST + 1) if x86.features_up_to(level) <= features), default=0
        )
    assert levels == {name: x86.level_of_model(name) for name in models}


@pytest.mark.parametrize(
    ("model", "level"),
    [("Skylake-Server-noTSX-IBRS", 4), ("EPYC-Rome-v4", 3), ("EPYC-IBPB", 3), ("pentium3", 0), ("Foo", None)],
)
def test_a_variant_has_the_level_of_its_model(model: str, level: int | None) -> None:
    """Guards, missing TSX and versions do not change what a program may use."""
    assert level == x86.level_of_model(model)


@pytest.mark.parametrize(
    ("models", "missing", "level"),
    [
        ({}, (), None),
        ({"Foo": ()}, (), None),
        ({"pentium3": ()}, (), 0),
        ({"Nehalem": (), "Skylake-Server": ["avx512f"]}, ["avx512f"], 3),
        ({"Nehalem": (), "Haswell": ["avx2"]}, ["avx2"], 2),
        ({"EPYC-Milan": ["popcnt", "npt"]}, ["popcnt", "npt"], 1),
        ({"Skylake-Server": ["hle", "rtm"]}, ["hle", "rtm"], 4),
        ({"Nehalem": ()}, ["popcnt"], 1),
    ],
)
def test_the_level_of_a_host_is_what_is_known_of_it(
    models: Mapping[str, tuple[str, ...]], missing: tuple[str, ...], level: int | None
) -> None:
    """A model that runs but for something else is a witness; a feature that is missing ends it; nothing is guessed."""
    assert level == x86.level_offered(models, missing)


def test_the_richest_model_comes_last() -> None:
    """By level, then by age, and guarded ones behind plain ones."""
    models = ["EPYC-Rome", "Nehalem", "Foo", "Haswell-noTSX", "Haswell-noTSX-IBRS", "Haswell", "qemu64"]
    expected = ["Foo", "qemu64", "Nehalem", "Haswell-noTSX", "Haswell", "Haswell-noTSX-IBRS", "EPYC-Rome"]
    assert expected == sorted(models, key=x86.order)
