"""Providers: what is known of the built-in one before it is imported is true."""

from configparser import ConfigParser
from importlib import import_module
from pathlib import Path

import pytest

from omc.errors import HostError
from omc.ports import Provider
from omc.providers import BUILT_IN, GROUP, hypervisor_for


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_provider_takes_the_schemes_that_are_known_of_it(name: str) -> None:
    target, schemes = BUILT_IN[name]
    module, _, attribute = target.partition(":")
    provider: Provider = getattr(import_module(module), attribute)
    assert schemes == provider.schemes


def test_built_in_providers_are_declared_like_everybody_s() -> None:
    settings = ConfigParser()
    settings.read(Path(__file__).parents[2] / "setup.cfg", encoding="utf-8")
    declared = dict(line.split(" = ") for line in settings["options.entry_points"][GROUP].split("\n") if line)
    assert {name: target for name, (target, _) in BUILT_IN.items()} == declared


def test_scheme_that_nobody_reads_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(HostError, match="no part of omc reads hosts of the kind 'ftp'") as refused:
        hypervisor_for("ftp://kvm1/system")
    assert "qemu" in refused.value.hint
