"""Names that Ansible accepts, made from names that anybody may have chosen."""

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence

from omc.model import Guest

Key = tuple[str, str]
"""A guest's identity: its host's name and its UUID."""

# A guest of such a name would take the place of Ansible's own: `hosts: all`, or the machine that Ansible runs on.
_RESERVED = frozenset({"all", "ungrouped", "localhost", "127.0.0.1", "::1", "_meta"})
_LONGEST = 200
_FORMS = ("{name}", "{name}.{host}", "{name}.{host}.{uuid}")


def host_names(guests: Sequence[Guest], taken: frozenset[str] = frozenset()) -> Mapping[Key, str]:
    """Return each guest's name in the inventory: its own where that is unlike all others, else NAME.HOST.

    Where even those are alike, the UUID follows, and underscores where that is another's name. What an Ansible pattern
    would act on becomes an underscore. `taken` are names that no guest may have (the groups').
    """
    candidates = {(guest.host, guest.uuid): [_valid(part) for part in _forms(guest)] for guest in guests}
    names: dict[Key, str] = {}
    blocked = set(taken | _RESERVED)
    for form in range(len(_FORMS)):
        counts = Counter(forms[form] for forms in candidates.values())
        free = {key: forms[form] for key, forms in candidates.items() if key not in names and counts[forms[form]] == 1}
        names |= {key: name for key, name in free.items() if name not in blocked}
        blocked |= set(names.values())
    for key, forms in candidates.items():
        if key not in names:
            names[key] = _unlike(forms[-1], blocked)
            blocked.add(names[key])
    return names


def _unlike(name: str, blocked: Container[str]) -> str:
    while name in blocked:
        name += "_"
    return name


def group_name(kind: str, value: str) -> str:
    """Return a group's name, as Ansible wants it: `os_debian_12`."""
    return f"{kind}_{re.sub(r'[^A-Za-z0-9_]', '_', value)[:_LONGEST]}"


def _forms(guest: Guest) -> tuple[str, ...]:
    facts = {"name": guest.name[:_LONGEST], "host": guest.host[:_LONGEST], "uuid": guest.uuid}
    return tuple(form.format(**facts) for form in _FORMS)


def _valid(name: str) -> str:
    kept = "".join(character if character.isalnum() or character in "_.-" else "_" for character in name)
    return re.sub(r"^[.\-]", "_", kept) or "_"
