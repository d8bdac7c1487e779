"""Holds guests and hosts to a profile, one at a time."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
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
    told = _guest_told(guest, sheet, profile)
    for found in told:
        if found.status == REQUIRED:
            areas[found.area] = _worse(areas[found.area], found.level)
    verdict = min(areas.values(), key=_WORST.index, default=PORTABLE)
    return Judged(kind="guest", host=guest.host, name=guest.name, verdict=verdict, areas=areas, told=tuple(told))


def _worse(one: str, other: str) -> str:
    return min(one, other, key=_WORST.index)


def _guest_told(guest: Guest, sheet: Sheet, profile: Profile) -> list[Told]:
    if guest.type is None:
        return [_unread(one, "the guest's configuration") for one in profile.guests]
    told: list[Told] = []
    for one in profile.guests:
        values = FACTS[one.fact](guest, sheet)
        if values is None:
            told.append(_unread(one, one.fact if sheet.whole else f"{one.fact}, of every host of its group,"))
        elif values:  # most guests lack most parts: no more is done for those
            told.extend(_departures(guest, one, values))
    return told


def _unread(requirement: GuestRequirement, what: str) -> Told:
    fix = "omc inventory --read-write"
    return _told(requirement, UNKNOWN, "", "", f"not checked: {what} was not read", fix=fix)


def _departures(guest: Guest, requirement: GuestRequirement, values: Sequence[tuple[str, str]]) -> Iterator[Told]:
    for subject, value in dict.fromkeys(values):
        level = level_of(value, requirement)
        if level != PORTABLE:
            named = value if subject in {"", value} else f"{subject}: {value}"
            fix = requirement.fix.replace("{guest}", quote(guest.name))
            yield _told(requirement, level, subject, value, f"{requirement.title}: {named}", fix=fix)


def level_of(value: str, requirement: GuestRequirement) -> str:
    """Return what a value means; the strictest list that has it decides."""
    lists = (requirement.tied, requirement.conversion, requirement.portable)
    return _level(value, lists, requirement.otherwise)


@lru_cache(8192)  # a fleet has few values, and each of them many times; but for addresses
def _level(value: str, lists: tuple[tuple[str, ...], ...], otherwise: str) -> str:
    for level, patterns in zip((TIED, CONVERSION, PORTABLE), lists, strict=True):
        if any(fnmatchcase(value, pattern) for pattern in patterns):
            return level
    return _WORDS[otherwise]


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
    if not sheet.whole:
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
