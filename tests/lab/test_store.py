"""The store fed by real QEMU: what libvirt does by itself is no change of a configuration."""

from pathlib import Path

import pytest

from tests.lab import guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Answer, Omc, make_site

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

LATELY = ("inventory", "diff", "--since", "1 hour ago", "-o", "json")


@pytest.fixture
def omc(lab: Lab, tmp_path: Path) -> Omc:
    return make_site(tmp_path, {"kvm1": lab.uri(lab.hosts["kvm1"])})


def versions(omc: Omc) -> Answer:
    statement = "SELECT name, count(*) AS versions FROM history WHERE aspect = 'configuration' GROUP BY name, kind"
    return omc("inventory", "sql", statement, "-o", "json")


def test_a_guest_that_stopped_and_started_kept_its_configuration(omc: Omc, host: Host, make_guests: MakeGuests) -> None:
    (domain,) = make_guests(guests.halting(host, "restarts", disk_count=2))
    omc("inventory", "--max-age", "0")
    for act in (domain.destroy, domain.create, domain.destroy):
        act()
        omc("inventory", "--max-age", "0")
    assert {"restarts": 1, "kvm1": 1}.items() <= {row["name"]: row["versions"] for row in versions(omc).json}.items()
    events = [event["kind"] for event in omc("inventory", "history", "restarts", "-o", "json").json]
    assert ["added", "stopped", "started", "stopped"] == events
