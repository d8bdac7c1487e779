"""Holds guests and hosts to a profile, one at a time."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from shlex import quote

import msgspec

from omc.audit.profile.facts import FACTS
from omc.audit.profile.form import (
    CONVERSION,
    PORTABLE,
    REQUIRED,
    TIED,
    UNKNOWN,
    GuestRequirement,
    HostRequirement,
    Profile,
)
from omc.audit.profile.sheet import Sheet, facts_of
from omc.model import Guest

CONFORMS, LACKS = "conforms", "does not conform"
_WORDS = {"portable": PORTABLE, "conversion": CONVERSION, "tied": TIED}
_WORST = (TIED, CONVERSION, UNKNOWN, PORTABLE)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that keeps from the profile, or what of it could not be checked; `level` is how far it keeps."""

    requirement: str
    area: str
    status: str
    level: str
    subject: str
    value: str
    message: str
    fix: str = ""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A guest, host or group, held to a profile."""

    kind: str  # guest, host, group
    host: str
    name: str
    verdict: str
    areas: dict[str, str]
    told: tuple[Told, ...]


def judge_guest(guest: Guest, sheet: Sheet, profile: Profile) -> Judged:
    """Return how far a guest is from running on any host of the group whose sheet this is."""
    areas = {one.area: PORTABLE for one in profile.guests if one.status == REQUIRED}
    told = [found for one in profile.guests for found in _guest_told(guest, sheet, one)]
    if guest.type is None:
        told = [_unread(one) for one in profile.guests]
    for found in told:
        if found.status == REQUIRED:
            areas[found.area] = _worse(areas[found.area], found.level)
    verdict = min(areas.values(), key=_WORST.index, default=PORTABLE)
    return Judged(kind="guest", host=guest.host, name=guest.name, verdict=verdict, areas=areas, told=tuple(told))


def _worse(one: str, other: str) -> str:
    return min(one, other, key=_WORST.index)


def _unread(requirement: GuestRequirement) -> Told:
    return _told(requirement, UNKNOWN, "", "", "not checked: the guest's configuration was not read")


def _guest_told(guest: Guest, sheet: Sheet, requirement: GuestRequirement) -> Iterator[Told]:
    values = FACTS[requirement.fact](guest, sheet)
    if values is None:
        why = f"not checked: {requirement.fact} was not read"
        yield _told(requirement, UNKNOWN, "", "", why, fix="omc inventory --read-write")
        return
    for subject, value in dict.fromkeys(values):
        level = level_of(value, requirement)
        if level != PORTABLE:
            what = (
                f"{requirement.title}: {value}"
                if subject in {"", value}
                else f"{requirement.title}: {subject}: {value}"
            )
            fix = requirement.fix.replace("{guest}", quote(guest.name))
            yield _told(requirement, level, subject, value, what, fix=fix)


def level_of(value: str, requirement: GuestRequirement) -> str:
    """Return what a value means; the strictest list that has it decides."""
    for word in ("tied", "conversion", "portable"):
        if any(fnmatchcase(value, pattern) for pattern in getattr(requirement, word)):
            return _WORDS[word]
    return _WORDS[requirement.otherwise]


def _told(  # noqa: PLR0913 - the fields of a Told
    requirement: GuestRequirement | HostRequirement,
    level: str,
    subject: str,
    value: str,
    message: str,
    *,
    fix: str = "",
) -> Told:
    return Told(
        requirement=requirement.id,
        area=requirement.area,
        status=requirement.status,
        level=level,
        subject=subject,
        value=value,
        message=message,
        fix=fix,
    )


def judge_sheet(kind: str, name: str, sheet: Sheet, profile: Profile) -> Judged:
    """Return whether a host offers what the profile asks for, or each host of a group does."""
    facts = facts_of(sheet)
    told = [found for one in profile.hosts if (found := _host_told(facts, one)) is not None]
    areas = {one.area: CONFORMS for one in profile.hosts if one.status == REQUIRED}
    for found in told:
        if found.status == REQUIRED:
            areas[found.area] = LACKS if LACKS in {found.level, areas[found.area]} else UNKNOWN
    words = set(areas.values())
    if sheet.unread:
        words.add(UNKNOWN)
    verdict = LACKS if LACKS in words else UNKNOWN if UNKNOWN in words else CONFORMS
    host = name if kind == "host" else ""
    return Judged(kind=kind, host=host, name=name, verdict=verdict, areas=areas, told=tuple(told))


def _host_told(facts: Mapping[str, frozenset[str] | None], requirement: HostRequirement) -> Told | None:
    offered = facts.get(requirement.fact)
    if offered is None:
        why = f"not checked: {requirement.fact} was not read, or its libvirt does not tell"
        return _told(requirement, UNKNOWN, "", "", why, fix="omc inventory --read-write")
    lacking = [value for value in requirement.needs if not _offers(offered, value)]
    if requirement.any and not any(_offers(offered, value) for value in requirement.any):
        lacking.append(" or ".join(requirement.any))
    if not lacking:
        return None
    value = ", ".join(lacking)
    return _told(requirement, LACKS, "", value, f"{requirement.title}: no {value}", fix=requirement.fix)


def _offers(offered: frozenset[str], pattern: str) -> bool:
    return any(fnmatchcase(value, pattern) for value in offered)
