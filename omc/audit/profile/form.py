"""What a profile is made of. The values of facts are text; patterns are the shell's: `*`, `?`, `[0-9]`."""

import msgspec

PORTABLE, CONVERSION, TIED, UNKNOWN = "portable", "with conversion", "tied", "not known"
"""How far a guest, or an area of it, is from running elsewhere."""

REQUIRED, ADVISORY, DEPRECATED = "required", "advisory", "deprecated"
STATUSES = (REQUIRED, ADVISORY, DEPRECATED)
"""Of a requirement: it decides; it is told, and decides in a later profile; it is told, and goes in a later one."""

AREAS = ("cpu", "machine", "firmware", "memory", "disks", "network", "devices", "state", "metadata")


class _Requirement(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    area: str
    fact: str
    title: str
    fix: str
    status: str = REQUIRED


class GuestRequirement(_Requirement, frozen=True, kw_only=True):
    """One thing about guests: a fact, and what its values mean. Tied is looked at first, then conversion."""

    portable: tuple[str, ...] = ()
    conversion: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    otherwise: str = "tied"


class HostRequirement(_Requirement, frozen=True, kw_only=True):
    """One thing about hosts: a fact of their sheet that has all of `needs`, and one of `any`."""

    needs: tuple[str, ...] = ()
    any: tuple[str, ...] = ()


class Addon(msgspec.Struct, frozen=True, kw_only=True):
    """Requirements that are added where somebody asks for them; one replaces the core's of the same id."""

    title: str
    guests: tuple[GuestRequirement, ...] = ()
    hosts: tuple[HostRequirement, ...] = ()


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile, as its file has it."""

    name: str
    title: str
    status: str  # next, current, deprecated
    guests: tuple[GuestRequirement, ...]
    hosts: tuple[HostRequirement, ...]
    addons: dict[str, Addon] = {}

    def having(self, addons: tuple[str, ...]) -> "Profile":
        """Return the profile with these add-ons in it."""
        guests = {one.id: one for one in self.guests}
        hosts = {one.id: one for one in self.hosts}
        for name in addons:
            guests.update((one.id, one) for one in self.addons[name].guests)
            hosts.update((one.id, one) for one in self.addons[name].hosts)
        name = "+".join((self.name, *addons))
        return msgspec.structs.replace(self, name=name, guests=tuple(guests.values()), hosts=tuple(hosts.values()))
