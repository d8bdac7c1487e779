"""Statistics in slices: every guest is asked, however fast the first answers come."""

import time
from pathlib import Path

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.guests import Guests
from omc.drivers.hypervisor.live.slices import Slices
from omc.drivers.hypervisor.stats import Question
from tests.lab import fleet


def test_every_guest_is_asked_although_the_first_answers_come_before_the_last_question(tmp_path: Path) -> None:
    """Two lanes answer while further slices are queued."""
    (file,) = fleet.write(tmp_path, hosts=1, guests=500)
    connection = libvirt.openReadOnly(f"test://{file}")
    session = Session(connection)
    for _ in range(10):
        calls = Calls(session, lanes=2)
        guests = Guests(calls)
        guests.list(session)
        slices = Slices(calls, Question(groups=libvirt.VIR_DOMAIN_STATS_STATE, backing=False, slice=5))
        slices.submit(guests.drafts)
        calls.drain(time.monotonic() + 30, call_seconds=30, look=slices.look)
        calls.close()
        assert [] == [draft.name for draft in guests.drafts if draft.stats is None]
    connection.close()
