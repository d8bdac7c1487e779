"""The lab for pytest: tests marked `lab` run where it can be had, and say why where not.

With OMC_LAB=required, as in CI, a machine without the lab fails those tests instead of skipping them.
The lab comes up when the first test asks for it, and is taken down after the last one.
"""

import gc
import os
from collections.abc import Callable, Iterator

import libvirt
import pytest

from tests.lab import contents, guests, linux, requirements
from tests.lab.guests import Guest
from tests.lab.host import Flavour, Host
from tests.lab.lab import Lab, remains, take_down, up
from tests.required import lacking

HOSTS = ("kvm1", "kvm2", "kvm3")

MakeGuests = Callable[..., list[libvirt.virDomain]]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test that needs the lab before any of its fixtures is made."""
    if item.get_closest_marker("lab") and (missing := requirements.missing()):
        lacking(missing)


@pytest.fixture(scope="session")
def _prepared() -> None:
    """What runs that were killed left behind is gone, and libvirt prints no errors of its own to stderr."""
    for name in remains():
        take_down(name)
    libvirt.registerErrorHandler(lambda *_: None, None)


@pytest.fixture(scope="session")
def lab(_prepared: None) -> Iterator[Lab]:
    """Three empty hosts, kvm1 to kvm3, for the whole run; a test leaves them as it found them."""
    with up(f"test-{os.getpid()}", HOSTS, bound=True) as running:
        yield running
        _close_connections()


@pytest.fixture(scope="session")
def flavours(_prepared: None) -> Iterator[Lab]:
    """A lab of its own with the hosts modular, tls and lxc, named by flavour, each with one guest, shut off."""
    with up(f"test-{os.getpid()}-flavours", (), bound=True) as running:
        for flavour in (Flavour.MODULAR, Flavour.TLS, Flavour.LXC):
            (added,) = running.add(flavour.value, flavour=flavour)
            with added.connect() as opened:
                opened.defineXML(contents.CONTAINER if flavour is Flavour.LXC else Guest(name="guest1").xml())
        yield running
        _close_connections()


def _close_connections() -> None:
    """Those that only Python's search for cycles ends; later each would wait, for minutes, for a host that is gone."""
    gc.collect()


@pytest.fixture
def host(lab: Lab) -> Host:
    """The host kvm1, where tests make guests and break things."""
    return lab.hosts["kvm1"]


@pytest.fixture(scope="session")
def furnished(lab: Lab) -> Host:
    """The host kvm2 with everything that `contents` lists. Tests only look at it."""
    contents.furnish(lab.hosts["kvm2"])
    return lab.hosts["kvm2"]


@pytest.fixture(scope="session")
def linux_host(lab: Lab) -> Host:
    """The host kvm3 with the guest linux1, with an agent and addresses. Tests leave it as it is."""
    host = lab.hosts["kvm3"]
    with host.connect() as connection:
        contents.networks(connection)
    linux.start(host, ["linux1"])
    return host


@pytest.fixture
def connection(host: Host) -> Iterator[libvirt.virConnect]:
    """A read-write connection to `host`, not through ssh."""
    with host.connect() as opened:
        yield opened


@pytest.fixture
def make_guests(connection: libvirt.virConnect) -> Iterator[MakeGuests]:
    """A function that defines guests on `host` (and starts them unless `start=False`); the test's end removes them."""
    made: list[libvirt.virDomain] = []

    def make(*wanted: Guest, start: bool = True) -> list[libvirt.virDomain]:
        defined = guests.define(connection, wanted)
        made.extend(defined)
        if start:
            guests.start(defined)
        return defined

    yield make
    guests.remove(made)
