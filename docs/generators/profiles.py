"""The pages of the shipped profiles: what each asks of guests and hosts, from its file."""

from collections.abc import Iterable, Mapping

from omc.audit.profile.form import Addon, GuestRequirement, HostRequirement, Profile
from omc.audit.profile.reading import find_profile, names
from omc.site import reference_root


def pages() -> Mapping[str, str]:
    """Return the page of each shipped profile by the name of its file."""
    roots = [reference_root()]
    return {f"{name}.md": _page(find_profile(name, roots)) for name in names(roots)}


def _page(profile: Profile) -> str:
    parts = [
        f"# Profile {profile.name}",
        f"{profile.title}. Status: {profile.status}. [How to read it](../profiles.md).",
        "## Guests",
        _guests(profile.guests),
        "## Hosts",
        _hosts(profile.hosts),
        *(_addon(profile.name, name, addon) for name, addon in profile.addons.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _addon(profile: str, name: str, addon: Addon) -> str:
    guests = [_guests(addon.guests)] if addon.guests else []
    hosts = [_hosts(addon.hosts)] if addon.hosts else []
    return "\n\n".join([f"## Add-on {name}", f"`--profile {profile}+{name}`: {addon.title}.", *guests, *hosts])


def _guests(requirements: Iterable[GuestRequirement]) -> str:
    head = "| id | area | status | fact | portable | with conversion | tied | to mend it |\n" + "|---" * 8 + "|"
    rows = [
        _row(one.id, one.area, one.status, f"`{one.fact}`", *(_values(one, level) for level in _LEVELS), _text(one.fix))
        for one in requirements
    ]
    return "\n".join([head, *rows])


_LEVELS = ("portable", "conversion", "tied")


def _values(requirement: GuestRequirement, level: str) -> str:
    named = [f"`{value}`" for value in getattr(requirement, level)]
    rest = (
        ["all else"] if requirement.otherwise == level and "*" not in requirement.conversion + requirement.tied else []
    )
    return ", ".join(named + rest)


def _hosts(requirements: Iterable[HostRequirement]) -> str:
    head = "| id | area | status | fact | all of | one of | to mend it |\n" + "|---" * 7 + "|"
    rows = [
        _row(one.id, one.area, one.status, f"`{one.fact}`", _list(one.needs), _list(one.any), _text(one.fix))
        for one in requirements
    ]
    return "\n".join([head, *rows])


def _list(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """Write plain text so that Markdown leaves it alone."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>|#" else character for character in text)
