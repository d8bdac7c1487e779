"""Names that Ansible accepts, made from names that anybody may have chosen."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from omc.model import Guest

Key = tuple[str, str]
"""A guest's identity: its host's name and its UUID."""

# A guest of such a name would take the place of Ansible's own: `hosts: all`, or the machine that Ansible runs on.
_RESERVED = frozenset({"all", "ungrouped", "localhost", "127.0.0.1", "::1", "_meta"})
_LONGEST = 200


def host_names(guests: Sequence[Guest], taken: frozenset[str] = frozenset()) -> Mapping[Key, str]:
    """Return each guest's name in the inventory: its own where that is unlike all others, else NAME.HOST.

    Where even those are alike, the UUID follows. What an Ansible pattern would act on becomes an underscore. `taken`
    are names that no guest may have (the groups').
    """
    candidates = [[_valid(part) for part in _forms(guest)] for guest in guests]
    names: dict[Key, str] = {}
    for form in range(3):
        counts = Counter(forms[form] for forms in candidates)
        blocked = taken | _RESERVED | set(names.values())
        for guest, forms in zip(guests, candidates, strict=True):
            key = (guest.host, guest.uuid)
            last = form == 2
            if key not in names and (last or (counts[forms[form]] == 1 and forms[form] not in blocked)):
                names[key] = forms[form]
    return names


def group_name(kind: str, value: str) -> str:
    """Return a group's name, as Ansible wants it: `os_debian_12`."""
    return f"{kind}_{re.sub(r'[^A-Za-z0-9_]', '_', value)[:_LONGEST]}"


def _forms(guest: Guest) -> tuple[str, str, str]:
    name, host = guest.name[:_LONGEST], guest.host[:_LONGEST]
    return name, f"{name}.{host}", f"{name}.{host}.{guest.uuid}"


def _valid(name: str) -> str:
    kept = "".join(character if character.isalnum() or character in "_.-" else "_" for character in name)
    return re.sub(r"^[.\-]", "_", kept) or "_"
