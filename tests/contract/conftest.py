"""Hosts of every flavour for the contracts, each brought up once and only when a test asks."""

from collections.abc import Callable

import pytest

from tests.lab.host import Flavour, Host
from tests.lab.lab import Lab


@pytest.fixture(scope="session")
def made_host(lab: Lab) -> Callable[[Flavour], Host]:
    made: dict[Flavour, Host] = {}

    def make(flavour: Flavour) -> Host:
        if flavour not in made:
            (made[flavour],) = lab.add(str(flavour), flavour=flavour)
        return made[flavour]

    return make
