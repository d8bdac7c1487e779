"""A guest, from libvirt's domain XML and what is read beside it: text in, `omc.model.Guest` out, nothing is asked.

`parse` walks the XML (`disks`, `nics`, `devices`, `platform`, `tuning`, `metadata` read its parts), `complete` adds
what the XML does not hold (`sizes`, `addresses`, `agent`, `snapshots`), `pending` compares live and persistent
configuration.
"""

from omc.inventory.domain.complete import complete_guest
from omc.inventory.domain.parse import GuestParser, parse_guest
from omc.inventory.domain.surroundings import Surroundings, surroundings_of

__all__ = ["GuestParser", "Surroundings", "complete_guest", "parse_guest", "surroundings_of"]
