"""`omc audit --profile`: holds guests and hosts to a portability profile, host by host as the store gives them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from omc.cli.clusters import parts_of
from omc.cli.context import Run
from omc.errors import UsageError
from omc.inventory.formats import BUILT_IN, Column, Listing
from omc.text import plural

if TYPE_CHECKING:
    from omc.audit.profile.form import Profile
    from omc.audit.profile.judging import Judged, Told
    from omc.audit.profile.sheet import Sheet

COLUMNS = (
    Column("kind"),
    Column("host", "key"),
    Column("name", "key"),
    Column("verdict"),
    Column("what", "prose", below=True),
    Column("fix", "prose", wide=True),
    Column("advice", "prose", wide=True),
)
SEVERITIES = {"tied": "critical", "does not conform": "critical", "with conversion": "warning"}
"""What a verdict is for `--fail-on`; where something is only advised, it is info."""

Documents = Callable[[], Iterable[bytes]]


class Group(NamedTuple):
    """Hosts between which guests move, and what all of them offer."""

    name: str
    sheet: "Sheet"


def check_profile(run: Run, wanted: str, documents: Documents, format_name: str | None) -> set[str]:
    """Print how far each group, host and guest keeps to the profile; return the severities that were found.

    `documents` gives the hosts' documents, as often as it is called.
    """
    import msgspec

    if format_name is not None and format_name not in BUILT_IN:
        raise UsageError(f"-o {format_name} has no place for a profile", hint=f"one of {', '.join(BUILT_IN)}")
    profile = find(run, wanted)
    groups, of_host = _sheets(run, documents)
    tally = _Tally(_judged(documents, groups, of_host, profile))
    name = run.output.format_or_default(format_name)
    if _has_structure(name):
        encode = msgspec.json.Encoder().encode
        run.output.listing(Listing(COLUMNS, (), (encode(_whole(*one)) for one in tally)), name)
    else:
        run.output.listing(Listing(COLUMNS, (_row(*one) for one in tally)), name)
    run.output.info(f"{profile.name} ({profile.status}): {tally.summary()}")
    return tally.severities


class _Tally:
    """Counts what passes by."""

    def __init__(self, judged: "Iterable[tuple[Judged, Sheet | None]]") -> None:
        self._judged = judged
        self._verdicts: Counter[str] = Counter()
        self.severities: set[str] = set()

    def __iter__(self) -> "Iterator[tuple[Judged, Sheet | None]]":
        for one, sheet in self._judged:
            plain = "info" if one.told else ""
            self.severities.add(SEVERITIES.get(one.verdict, plain))
            self._verdicts.update([one.verdict] if one.kind == "guest" else [])
            yield one, sheet

    def summary(self) -> str:
        """Return how many guests there were of each verdict."""
        told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(self._verdicts.items()))
        return plural(self._verdicts.total(), "guest") + (f": {told}" if told else "")


def find(run: Run, wanted: str) -> "Profile":
    """Return the profile of that name, the site's before the shipped one."""
    from omc.audit.profile.reading import find_profile
    from omc.site import reference_root

    return find_profile(wanted, [run.site.root, reference_root()])


def _has_structure(name: str) -> bool:
    from omc.inventory.formats import structure

    return structure(name) is not None


def _sheets(run: Run, documents: Documents) -> "tuple[Mapping[str, Group], Mapping[str, Sheet]]":
    """Return the group of each host, and each host's own sheet."""
    import msgspec

    from omc.audit.profile.sheet import CoreHost, sheet_of, together
    from omc.site.clusters import cluster_name

    sheets: dict[str, Sheet] = {}
    members: dict[str, list[str]] = {}
    for host in map(msgspec.json.Decoder(CoreHost).decode, documents()):
        sheets[host.name] = sheet_of(host)
        members.setdefault(cluster_name(host.groups, run.audit_settings.clusters), []).append(host.name)
    groups: dict[str, Group] = {}
    parts = parts_of(run, list(sheets))
    for name, hosts in sorted(members.items()):
        groups |= dict.fromkeys(hosts, Group(name, together((sheets[host] for host in hosts), parts.get(name, ""))))
    return groups, sheets


def _judged(
    documents: Documents, groups: Mapping[str, Group], of_host: "Mapping[str, Sheet]", profile: "Profile"
) -> "Iterator[tuple[Judged, Sheet | None]]":
    """Judge the groups, then host by host, each with its guests: one host's facts are in memory at a time."""
    import msgspec

    from omc.audit.profile.judging import judge_guest, judge_sheet
    from omc.model import Host

    for name, sheet in dict(groups.values()).items():
        yield judge_sheet("group", name, sheet, profile), sheet
    for host in map(msgspec.json.Decoder(Host).decode, documents()):
        own = of_host[host.name]
        yield judge_sheet("host", host.name, own, profile), own
        for guest in host.guests:
            yield judge_guest(guest, groups[host.name].sheet, profile), None


def _row(one: "Judged", sheet: "Sheet | None") -> tuple[str, ...]:
    required = sorted((found for found in one.told if found.status == "required"), key=_weight)
    what = [] if sheet is None else [_offer(sheet)]
    what += [f"{found.area}: {found.message}" for found in required]
    fixes = dict.fromkeys(found.fix for found in required if found.fix)
    advice = [f"{found.status}: {found.message}" for found in one.told if found.status != "required"]
    return one.kind, one.host, one.name, one.verdict, "; ".join(what), "; ".join(fixes), "; ".join(advice)


def _weight(found: "Told") -> int:
    order = ("tied", "does not conform", "with conversion")
    return order.index(found.level) if found.level in order else len(order)


def _offer(sheet: "Sheet") -> str:
    """Say what hosts offer, in a few words: how many, the CPU of their main kind of guests."""
    from omc import x86

    main = sheet.main
    parts = [sheet.part or plural(len(sheet.hosts), "host")]
    parts += [f"never read: {', '.join(sheet.unread)}"] if sheet.unread else []
    if main is not None:
        level = x86.name(main.level)
        parts += [f"{main.type} {main.arch}", *([level] if level else []), *([main.model] if main.model else [])]
    return " ".join((parts[0] + ":", ", ".join(parts[1:]))) if len(parts) > 1 else parts[0]


def _whole(one: "Judged", sheet: "Sheet | None") -> dict[str, object]:
    from msgspec import structs, to_builtins

    document: dict[str, object] = structs.asdict(one)
    if sheet is not None:
        document["sheet"] = to_builtins(_sheet(sheet))
    return document


def _sheet(sheet: "Sheet") -> dict[str, object]:
    """Return a sheet as JSON has it: names sorted, the kinds as a list."""
    from omc import x86
    from omc.audit.profile.sheet import order_kinds

    return {
        "hosts": sheet.hosts,
        "never_read": sheet.unread,
        "whole": sheet.whole,
        "facts": _sorted(sheet.facts),
        "kinds": [
            {
                "arch": kind.arch,
                "type": kind.type,
                "level": x86.name(kind.level),
                "model": kind.model,
                "models": None
                if kind.models is None
                else {name: sorted(kind.models[name]) for name in sorted(kind.models)},
                "machines": sorted(kind.machines),
                "deprecated_machines": sorted(kind.deprecated_machines),
                "facts": None if kind.facts is None else _sorted(kind.facts),
                "firmware": None if kind.firmware is None else _sorted(kind.firmware),
            }
            for kind in order_kinds(sheet)
        ],
    }


def _sorted(facts: "Mapping[str, frozenset[str]]") -> dict[str, Sequence[str]]:
    return {name: sorted(facts[name]) for name in sorted(facts)}
