"""What is read again, and when: the timer for all, changes soon, and nothing over and over."""

import time

import pytest

from omc.drivers.hypervisor.live import agenda
from omc.drivers.hypervisor.live.agenda import Agenda, Wanted

PARTS = ("guests", "pools")
WHOLE = Wanted(whole=True)


@pytest.fixture
def read() -> Agenda:
    """An agenda whose parts have just been read."""
    made = Agenda(PARTS, refresh_seconds=1000)
    assert dict.fromkeys(PARTS, WHOLE) == made.take(PARTS)
    return made


def take_next(read: Agenda) -> dict[str, Wanted]:
    """Wait as the keeper of facts does; return the first that is due."""
    for _ in range(10):
        read.wait(PARTS)
        if found := read.take(PARTS):
            return found
    return {}


def test_nothing_is_due_right_after_it_was_read(read):
    assert {} == read.take(PARTS)


def test_the_timer_makes_all_due():
    short = Agenda(PARTS, refresh_seconds=0.01)
    short.take(PARTS)
    assert dict.fromkeys(PARTS, WHOLE) == take_next(short)


def test_guests_that_change_together_are_read_together(read, monkeypatch):
    monkeypatch.setattr(agenda, "GUESTS_SECONDS", 0.0)
    started = time.monotonic()
    for uuid in ("one", "two", "one"):
        read.note("guests", uuid)
    assert {} == read.take(PARTS)
    assert {"guests": Wanted(whole=False, guests=frozenset({"one", "two"}))} == take_next(read)
    assert time.monotonic() - started >= agenda.GATHER_SECONDS
    assert {} == read.take(PARTS)


def test_a_guest_that_changes_all_the_time_is_not_read_all_the_time(read):
    read.note("guests", "restless")
    started = time.monotonic()
    take_next(read)
    assert time.monotonic() - started >= agenda.GUESTS_SECONDS - 0.05


def test_a_whole_part_is_read_again_at_the_most_every_few_seconds(read, monkeypatch):
    monkeypatch.setattr(agenda, "WHOLE_SECONDS", 0.5)
    started = time.monotonic()
    read.note("pools")
    assert {"pools": WHOLE} == take_next(read)
    assert time.monotonic() - started >= 0.45


def test_a_changed_guest_does_not_wait_for_the_whole_part(read):
    """Everything counts as changed, and one guest for sure: that one is read first."""
    read.note("")
    read.note("guests", "one")
    assert {"guests": Wanted(whole=False, guests=frozenset({"one"}))} == take_next(read)


def test_more_changed_guests_than_worth_telling_apart_are_all_guests(read, monkeypatch):
    monkeypatch.setattr(agenda, "WHOLE_SECONDS", 0.0)
    for number in range(agenda.MOST_CHANGED + 1):
        read.note("guests", str(number))
    assert {"guests": WHOLE} == take_next(read)


def test_closing_ends_the_waiting(read):
    read.close()
    started = time.monotonic()
    read.wait(PARTS)
    assert time.monotonic() - started < 1
