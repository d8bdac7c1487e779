"""Everything of a guest that is not in its XML: state, sizes, memory in use, addresses, snapshots, the agent's answers.

Each field of this part is overwritten, so what comes in may be freshly parsed or the complete Guest of the last run
whose XML has not changed; a Guest is built once, however much is added.
"""

import msgspec

from omc.inventory.domain.addresses import place_addresses
from omc.inventory.domain.agent import memory_usage, read_agent
from omc.inventory.domain.files import named_files
from omc.inventory.domain.pending import pending_changes
from omc.inventory.domain.sizes import complete_disks
from omc.inventory.domain.snapshots import created, read_checkpoint, read_snapshot
from omc.inventory.domain.states import state_words
from omc.inventory.domain.surroundings import Surroundings
from omc.model import Change, Channel, Checkpoint, Guest, Snapshot
from omc.model.states import is_active
from omc.names import AGENT_CHANNEL
from omc.ports import RawGuest


def complete_guest(parsed: Guest, raw: RawGuest, *, inactive: Guest | None, surroundings: Surroundings) -> Guest:
    """Add what was read beside the XML of a guest.

    `inactive` is its parsed persistent configuration where that differs from the live one; with None the pending
    changes stay as `parsed` has them. Raises OmcError where the XML of a snapshot or a checkpoint is none.
    """
    state, reason = state_words(raw.state)
    active = is_active(state, raw.id)
    changes = _pending(parsed, raw, inactive=inactive, active=active)
    where = f"{parsed.host}/{parsed.name}"
    return msgspec.structs.replace(
        parsed,
        uuid=parsed.uuid or raw.uuid,
        state=state,
        state_reason=reason,
        id=raw.id,
        autostart=raw.autostart,
        persistent=raw.persistent,
        managed_save=raw.managed_save,
        memory_usage=memory_usage(raw.stats) if active else None,
        disks=complete_disks(parsed.disks, raw.stats or {}, surroundings=surroundings, active=active),
        nics=place_addresses(parsed.nics, raw, surroundings=surroundings, active=active),
        snapshots=_snapshots(raw, where),
        checkpoints=_checkpoints(raw, where),
        agent_connected=_agent_connected(parsed.channels),
        agent=read_agent(raw.agent, parsed.disks),
        messages=raw.messages,
        pending_changes=None if changes is None else bool(changes),
        pending=changes or (),
        files=named_files(parsed, raw, active=active),
    )


def _pending(parsed: Guest, raw: RawGuest, *, inactive: Guest | None, active: bool) -> tuple[Change, ...] | None:
    """Compare what runs with what the next start brings; None where the latter should be there and is not."""
    if inactive is not None:
        return pending_changes(parsed, inactive)
    if raw.inactive_xml is None and active and raw.persistent is not False:
        return None
    return parsed.pending


def _agent_connected(channels: tuple[Channel, ...]) -> bool | None:
    return next((channel.connected for channel in channels if channel.name == AGENT_CHANNEL), None)


def _snapshots(raw: RawGuest, where: str) -> tuple[Snapshot, ...] | None:
    if not raw.snapshots:
        return None if raw.snapshots is None else ()
    read = (read_snapshot(xml, where=where, current=raw.current_snapshot) for xml in raw.snapshots)
    return tuple(sorted(read, key=created))


def _checkpoints(raw: RawGuest, where: str) -> tuple[Checkpoint, ...] | None:
    if not raw.checkpoints:
        return None if raw.checkpoints is None else ()
    return tuple(sorted((read_checkpoint(xml, where=where) for xml in raw.checkpoints), key=created))
