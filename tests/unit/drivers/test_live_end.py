"""The end of a lasting reader: it closes what nobody uses, and nothing that a call in another thread still needs."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.live.agents import AgentKeeper
from omc.drivers.hypervisor.live.door import Door, connect_read_only
from omc.drivers.hypervisor.live.host import LibvirtLiveHost
from omc.drivers.hypervisor.live.lines import Line, Lines
from omc.drivers.hypervisor.live.reading import Reading, Silent
from omc.errors import HostError
from omc.ports import LiveOptions
from tests.lab import fleet
from tests.waiting import until

TEST = "test:///default"
OPTIONS = LiveOptions(refresh_seconds=600.0)
SECONDS = 20.0


def soon(seconds: float = SECONDS) -> float:
    return time.monotonic() + seconds


def threads(*names: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name in names]


def test_a_closed_door_is_closed_at_once():
    """It does not try until the deadline."""
    opened: list[str] = []
    door = Door(TEST, lambda uri: opened.append(uri) or connect_read_only(uri))
    door.close()
    with pytest.raises(HostError) as refused:
        door.open(soon())
    assert ("closed", []) == (refused.value.code, opened)


def test_who_waits_at_a_door_hears_that_it_closes():
    """Although the attempt to connect goes on."""
    go_on, refused = threading.Event(), []
    door = Door(TEST, lambda uri: go_on.wait(SECONDS) and connect_read_only(uri))

    def wait() -> None:
        try:
            door.open(soon(60))
        except HostError as error:
            refused.append(error.code)

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: door._attempts)
    door.close()
    waiting.join(SECONDS)
    go_on.set()
    assert ["closed"] == refused


def test_an_attempt_that_fails_of_a_defect_is_told_and_not_the_last():
    """However often that happens."""

    def fail(uri: str) -> libvirt.virConnect:
        raise TypeError("of no kind")

    door = Door(TEST, fail)
    for _ in range(5):
        with pytest.raises(HostError, match="TypeError: of no kind"):
            door.open(soon())


@pytest.fixture
def waiting() -> Iterator[tuple[Lines, Line]]:
    """Connections, and the one that is owed an answer, until the test is over."""
    lines = Lines(Door(TEST))
    line = lines.take(soon())
    go_on = threading.Event()
    calls = Calls(Session(line.connection))
    calls.submit("host", "test", lambda _: go_on.wait(SECONDS))
    until(lambda: calls.outstanding)
    line.left.append(calls)
    yield lines, line
    go_on.set()
    calls.close()
    until(lambda: not line.outstanding)
    lines.sweep()
    until(lambda: not _is_open(line.connection))


def test_a_connection_that_is_owed_an_answer_stays_open(waiting: tuple[Lines, Line]):
    """Once it is not any more it is closed."""
    lines, line = waiting
    lines.close()
    assert 1 == line.connection.isAlive()


@pytest.mark.parametrize("lost", [False, True])
def test_calls_on_a_lost_connection_count_for_a_while_and_on_one_that_waits_until_they_end(
    waiting: tuple[Lines, Line], lost: bool, monkeypatch: pytest.MonkeyPatch
):
    """A host that lost its power never answers, and must not for ever look as if its daemon were busy."""
    lines, _ = waiting
    lines.set_aside(lost=lost)
    assert 1 == lines.outstanding
    monkeypatch.setattr("omc.drivers.hypervisor.live.lines.LOST_SECONDS", 0.0)
    assert lines.outstanding == (0 if lost else 1)


def _is_open(connection: libvirt.virConnect) -> bool:
    try:
        return bool(connection.isAlive())
    except libvirt.libvirtError:
        return False


def test_a_host_that_is_closed_while_it_is_read_answers_and_leaves_no_thread(tmp_path: Path):
    """The reading goes on over its connection, or is refused; then nothing of it is left."""
    (file,) = fleet.write(tmp_path, hosts=1, guests=50)
    before = threads("omc-facts", "omc-watch", "omc-close")
    for number in range(6):
        host = LibvirtLiveHost(f"test://{file}", OPTIONS)
        host.read(frozenset({"state"}), soon())
        found: list[object] = []
        reader = threading.Thread(target=_read, args=(host, found))
        reader.start()
        if number % 2:
            reader.join(0.01)
        host.close()
        reader.join(SECONDS)
        assert found in ([50], ["closed"])
        with pytest.raises(HostError, match="no longer"):
            host.read(frozenset({"state"}), soon())
    until(lambda: set(threads("omc-facts", "omc-watch", "omc-close")) <= set(before))


def _read(host: LibvirtLiveHost, found: list[object]) -> None:
    try:
        found.append(len(host.read(frozenset({"state"}), soon()).guests))
    except HostError as error:
        found.append(error.code)


def test_agents_are_left_alone_at_once_when_their_host_is_closed():
    """Not when the next round would be."""
    before = threads("omc-agents")
    agents = AgentKeeper(TEST, OPTIONS, list)
    assert {} == agents.want(soon()).by_guest
    assert len(threads("omc-agents")) > len(before)
    agents.close()
    until(lambda: set(threads("omc-agents")) <= set(before))


class Stalling:
    """A connection on which statistics are not answered."""

    def __init__(self, connection: libvirt.virConnect, go_on: threading.Event) -> None:
        self._connection = connection
        self._go_on = go_on

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def domainListGetStats(self, *_: object) -> list[object]:
        self._go_on.wait(SECONDS)
        return []


def test_a_reading_that_gets_no_second_connection_gives_what_it_has(tmp_path: Path):
    """The list of guests came, then the daemon fell silent: the page has the guests, and says what is missing."""
    (file,) = fleet.write(tmp_path, hosts=1, guests=3)
    go_on, opened = threading.Event(), []

    def connect(uri: str) -> object:
        opened.append(uri)
        if len(opened) > 1:
            go_on.wait(SECONDS)
        return Stalling(connect_read_only(uri), go_on)

    lines = Lines(Door(f"test://{file}", connect))
    reading = Reading(lines, frozenset({"state", "cpu"}), deadline=soon(1.0), suspects=Silent())
    try:
        reading.run(dict)
        found = reading.finish()
        assert [False] * 3 == [guest.complete for guest in found.guests]
        assert ("host", "deadline") in {(fault.subject, fault.code) for fault in found.faults}
    finally:
        go_on.set()
        lines.close()
