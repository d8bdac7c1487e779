"""The answer: all checks of all areas, and what they come to."""

from collections.abc import Callable

import msgspec

from omc.audit.migrate import cpu, devices, identity, machine, memory, network, storage
from omc.audit.migrate.move import FINE, FIRST, NEVER, UNKNOWN, Check, Checks, Move, fine, unknown

AREAS: tuple[tuple[str, Callable[[Move], Checks]], ...] = (
    (identity.HOST, identity.checks),
    (identity.NAME, identity.name_checks),
    (identity.STATE, identity.state_checks),
    (cpu.AREA, cpu.checks),
    (machine.AREA, machine.checks),
    (machine.FIRMWARE, machine.firmware_checks),
    (memory.AREA, memory.checks),
    (storage.AREA, storage.checks),
    (network.AREA, network.checks),
    (devices.AREA, devices.checks),
)
"""In the order in which people ask."""

RUNS, AFTER, CANNOT, UNSURE = "would run", "would run after", "cannot", "would run as far as is known"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a guest would run on a host; `checks` has at least one a area."""

    guest: str
    source: str
    target: str
    live: bool
    verdict: str
    checks: tuple[Check, ...]

    @property
    def blocked(self) -> bool:
        """Whether something is to be done first, or nothing helps."""
        return self.verdict in {AFTER, CANNOT}


def judge(move: Move) -> Verdict:
    """Return what stands in the way of a move."""
    found: list[Check] = []
    for area, checks in AREAS:
        found.extend(tuple(checks(move)) or (fine(area, "nothing is in the way"),))
    if move.guest.type is None:
        found = [unknown(identity.STATE, "the guest's configuration was not read", "omc inventory issues")]
    said = {check.status for check in found}
    return Verdict(
        guest=move.guest.name,
        source=move.source.name,
        target=move.target.name,
        live=move.live,
        verdict=_word(said),
        checks=tuple(found),
    )


def _word(said: set[str]) -> str:
    if NEVER in said:
        return CANNOT
    if FIRST in said:
        return AFTER
    return UNSURE if UNKNOWN in said or FINE not in said else RUNS
