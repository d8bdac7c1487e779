"""Which guests hold memory: one answer, the same for the model, for what compares hosts and for what counts them."""

import msgspec
import pytest

from omc.audit.fleet import FleetGuest
from omc.capacity.facts import Guest as CountedGuest
from omc.inventory.domain.states import STATES
from omc.model import Guest
from omc.model.states import was_active

ACTIVE = {"running", "idle", "paused", "in shutdown", "pmsuspended", "no state"}


@pytest.mark.parametrize("state", [*STATES, "unknown"])
def test_a_guest_is_active_by_its_state_or_by_its_number(state: str) -> None:
    """A crashed one that is kept has a number, as one has whose state was not read; shut off is shut off."""
    for number, active in ((None, state in ACTIVE), (7, state != "shut off")):
        document = msgspec.json.encode(Guest(host="kvm1", name="web", uuid="u", state=state, id=number))
        kinds = [msgspec.json.decode(document, type=kind) for kind in (Guest, FleetGuest, CountedGuest)]
        assert [active] * 3 == [guest.active for guest in kinds]


def test_history_has_no_numbers_and_takes_a_crashed_guest_for_kept() -> None:
    """QEMU says crashed only as long as its process is there."""
    assert {*ACTIVE, "crashed"} == {state for state in (*STATES, "unknown") if was_active(state)}
