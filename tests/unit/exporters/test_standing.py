"""What is remembered of each target, and that the log tells of changes and of nothing else."""

import pytest

from omc.exporters.reasons import Down
from omc.exporters.request import Page
from omc.exporters.server.standing import Standings

UP = Page(body=b"12345")
OFF = Page(body=b"", down=Down(code="no-daemon", message="no socket\x1b[2J", hint="start libvirtd"))
LATE = Page(body=b"", down=Down(code="deadline", message="no answer"))


@pytest.fixture
def said(logged):
    """Scrape a target with these pages one after another, and return what was logged."""

    def said(*pages: Page) -> list[str]:
        standings = Standings()
        for page in pages:
            standings.notice("kvm1", page, 0.5)
        return [record.getMessage() for record in logged.records]

    return said


def test_a_target_that_is_up_is_not_worth_a_word(said):
    assert [] == said(UP, UP)


def test_going_down_is_said_once_with_what_to_do_and_without_control_characters(said):
    assert [r"kvm1: down: no-daemon: no socket\x1b[2J (start libvirtd)"] == said(UP, OFF, OFF, OFF)


def test_another_reason_is_news(said):
    assert 2 == len(said(OFF, LATE, LATE))


def test_coming_back_is_said(said):
    assert ["kvm1: down: deadline: no answer", "kvm1: up again after 0s"] == said(LATE, UP, UP)


def test_the_last_scrape_is_remembered_until_the_site_loses_the_target():
    standings = Standings()
    assert standings.of("kvm1") is None
    standings.notice("kvm1", UP, 0.5)
    found = standings.of("kvm1")
    assert found is not None
    assert (None, 0.5, 5) == (found.down, found.seconds, found.page_bytes)
    standings.keep({"kvm2": ""})
    assert standings.of("kvm1") is None


def test_how_long_it_is_down_counts_from_the_first_scrape_that_failed():
    standings = Standings()
    standings.notice("kvm1", OFF, 0.5)
    first = standings.of("kvm1")
    standings.notice("kvm1", LATE, 0.5)
    second = standings.of("kvm1")
    assert first is not None
    assert second is not None
    assert first.since == second.since
    assert first.asked_at < second.asked_at
