"""Prometheus's text format 0.0.4, written fast: all that does not change is text already, a scrape fills in numbers.

A `Plan` holds the lines of one guest: the text before each number, and how the number follows from libvirt's values. A
`Writer` joins the plans of a page into one template a metric and keeps it as long as the same plans come, so that a
page is three passes in C: pick the values, put them into the page's order, format. Nothing here knows what a guest is.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/, and OpenMetrics 1.0 for `openmetrics`.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import chain
from operator import itemgetter, mul, truediv
from typing import NamedTuple
from zlib import compress, decompress

Number = int | float
Values = Mapping[str, int | float | str | bool]

_AT_A_TIME = 64  # plans of which each line is a text of its own while a page is put together
_BETWEEN = "\0"  # in no label: XML cannot hold it
_ESCAPES = {ord("\\"): r"\\", ord('"'): r"\"", ord("\n"): r"\n", ord(_BETWEEN): "\N{REPLACEMENT CHARACTER}"}
_HELP_ESCAPES = {ord("\\"): r"\\", ord("\n"): r"\n"}


class Family(NamedTuple):
    """A metric: its name, type and help."""

    name: str
    type: str
    help: str

    @property
    def header(self) -> str:
        """The two lines before its series."""
        return f"# HELP {self.name} {self.help.translate(_HELP_ESCAPES)}\n# TYPE {self.name} {self.type}\n"


class Line(NamedTuple):
    """One series, or with `states` one a state: labels as `labels` writes them, and where the value comes from.

    `value` counts where there is no `key`. With `states` the value of `key` is a place in that list; `only_current`
    makes it one series, whose label says the state and whose value is its number. `suffix` ends the series' name where
    that is not the family's.
    """

    family: str
    labels: str
    key: str = ""
    value: Number = 0
    divisor: int = 1
    multiplier: int = 1
    states: tuple[str, ...] = ()
    state_label: str = "state"
    only_current: bool = False
    suffix: str = ""

    @property
    def series(self) -> int:
        """How many series it is."""
        return 1 if self.only_current else len(self.states) or 1


def labels(pairs: Iterable[tuple[str, str]]) -> str:
    r"""Write labels with their values escaped: `domain="a \"quoted\" name"`."""
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in pairs)


def joined(first: str, second: str) -> str:
    """Join two texts of labels, either of which may be empty."""
    return f"{first},{second}" if first and second else first or second


class Plan:
    """The lines of one guest, ready to be filled. Made for values of one layout: the same keys, the same types.

    Lines whose key is not there, or is no number, are left out; so are those past `budget` series, counted in
    `dropped`.
    """

    def __init__(self, lines: Iterable[Line], sample: Values, *, budget: int) -> None:
        self.dropped = 0
        self.series = 0
        self.families: list[str] = []
        texts: list[str] = []
        slots: dict[str, list[tuple[Line, int]]] = {"plain": [], "divided": [], "multiplied": [], "states": []}
        for line in lines:
            kind = _kind(line, sample)
            if kind == "none":
                continue
            if self.series + line.series > budget:
                self.dropped += line.series
                continue
            self.series += line.series
            name = line.family + line.suffix
            head = f"{name}{{{line.labels}}} " if line.labels else f"{name} "
            if kind == "constant":
                texts.append(f"{head}{line.value}\n".replace("%", "%%"))
            else:
                slots[kind].append((line, len(texts)))
                texts.append("%s" if line.states else head.replace("%", "%%") + "%s\n")
            self.families.append(line.family)
        # One text and not many, and small: a page of 1,000 guests has 100,000 lines, which the Writer has once more.
        self._text = compress(_BETWEEN.join(texts).encode("utf-8", "surrogatepass"), level=1)
        self._number(slots)

    def _number(self, slots: Mapping[str, list[tuple[Line, int]]]) -> None:
        """Give every line its place among the values, and keep how each kind of value is made."""
        self._places = array("i", [-1]) * len(self.families)
        for place, (_, index) in enumerate(chain.from_iterable(slots.values())):
            self._places[index] = place
        plain, divided, multiplied, states = ([line for line, _ in found] for found in slots.values())
        self._plain = _getter([line.key for line in plain])
        self._divided = _getter([line.key for line in divided])
        self._divisors = [line.divisor for line in divided]
        self._multiplied = _getter([line.key for line in multiplied])
        self._multipliers = [line.multiplier for line in multiplied]
        self._states = [(line.key, _Chunks(line)) for line in states]
        self.width = len(plain) + len(divided) + len(multiplied) + len(states)

    def texts(self) -> Iterator[tuple[str, str, int]]:
        """Give each line's family, its text with %s for what is filled in, and the place of that; -1: nothing is."""
        text = decompress(self._text).decode("utf-8", "surrogatepass")
        return zip(self.families, text.split(_BETWEEN), self._places, strict=True) if self.families else iter(())

    def fill(self, values: Values) -> list[object]:
        """Pick and convert the values, in the order of the slots."""
        picked: list[object] = [*self._plain(values)]
        picked += map(truediv, self._divided(values), self._divisors)
        picked += map(mul, self._multiplied(values), self._multipliers)
        picked += [chunks[values[key]] for key, chunks in self._states]
        return picked


def _kind(line: Line, sample: Values) -> str:
    if not line.key:
        return "constant"
    value = sample.get(line.key)
    if not isinstance(value, int | float):
        return "none"
    if line.states:
        return "states"
    if line.divisor != 1:
        return "divided"
    return "multiplied" if line.multiplier != 1 or isinstance(value, bool) else "plain"


def _getter(keys: list[str]) -> Callable[[Values], Sequence[Number]]:
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda values: [values[key] for key in keys]  # type: ignore[misc]  # `_kind` looked: they are numbers


class _Chunks(dict[object, str]):
    """Each state's whole block of lines, made when the guest is first in it: most guests are in one for ever."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def __missing__(self, current: object) -> str:
        line = self._line
        known = isinstance(current, int) and 0 <= current < len(line.states)
        if line.only_current:
            word = line.states[int(str(current))] if known else "unknown"
            head = joined(line.labels, labels([(line.state_label, word)]))
            text = f"{line.family}{{{head}}} {current}\n"
        else:
            heads = (joined(line.labels, labels([(line.state_label, word)])) for word in line.states)
            text = "".join(f"{line.family}{{{head}}} {int(place == current)}\n" for place, head in enumerate(heads))
        if known:
            self[current] = text
        return text


class Writer:
    """Writes pages of the same families, in their order. Not thread-safe."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families
        self._plans: list[Plan] = []
        self._sections: list[tuple[str, Callable[[list[object]], Sequence[object]]]] = []

    def render(self, parts: Sequence[tuple[Plan, Sequence[object]]], *, head: bytes = b"") -> bytes:
        """Write a page of plans, each with what it filled, behind `head`; families without a series are left out."""
        plans = [plan for plan, _ in parts]
        if len(plans) != len(self._plans) or any(new is not old for new, old in zip(plans, self._plans, strict=True)):
            self._join(plans)
        flat = list(chain.from_iterable(filled for _, filled in parts))
        page = BytesIO()  # of which getvalue() is no copy
        page.write(head)
        for text, order in self._sections:
            page.write((text % tuple(order(flat))).encode("utf-8", "backslashreplace"))
        return page.getvalue()

    def _join(self, plans: list[Plan]) -> None:
        self._plans, self._sections = [], []  # before the new ones: a big page is not to be there twice
        pieces: dict[str, list[str]] = {family.name: [] for family in self._families}
        places: dict[str, array[int]] = {family.name: array("i") for family in self._families}
        start = 0
        for first in range(0, len(plans), _AT_A_TIME):
            lines: dict[str, list[str]] = {family.name: [] for family in self._families}
            for plan in plans[first : first + _AT_A_TIME]:
                for family, text, place in plan.texts():
                    lines[family].append(text)
                    if place >= 0:
                        places[family].append(start + place)
                start += plan.width
            for family, found in lines.items():
                pieces[family].append("".join(found))
        for each in self._families:
            text = "".join(pieces.pop(each.name))
            if text:
                self._sections.append((each.header.replace("%", "%%") + text, _picker(places.pop(each.name))))
        self._plans = plans


def _picker(places: Sequence[int]) -> Callable[[list[object]], Sequence[object]]:
    return itemgetter(*places) if len(places) > 1 else lambda flat: [flat[place] for place in places]


def written(families: Sequence[Family], lines: Sequence[Line]) -> bytes:
    """Write a page of constant lines once."""
    return Writer(families).render([(Plan(lines, {}, budget=len(lines)), [])])


_COMMENTS = re.compile(rb"\A(?:# (?!HELP |TYPE ).*\n)+")
_HEADER = re.compile(rb"^# (HELP|TYPE) (\S+) (.*)$", re.MULTILINE)


def openmetrics(pages: Sequence[bytes]) -> Iterator[bytes | memoryview]:
    """Give pages of ours as one in OpenMetrics 1.0: a counter is named without `_total`, a help escapes quotes too.

    A counter whose name would then be another metric's keeps its own, and is of no known type. Comments at the top
    are left out: this format has none. What does not change comes in pieces of the page itself, uncopied.
    """
    for page in pages:
        names = {match[2] for match in _HEADER.finditer(page)}
        comments = _COMMENTS.match(page)
        view, done = memoryview(page), comments.end() if comments else 0
        for match in _HEADER.finditer(page):
            yield view[done : match.start()]
            yield _openmetrics_header(match, names)
            done = match.end()
        yield view[done:]
    yield b"# EOF\n"


def _openmetrics_header(match: re.Match[bytes], names: set[bytes]) -> bytes:
    word, name, rest = match.groups()
    short = name.removesuffix(b"_total")
    if word == b"HELP":
        rest = rest.replace(b'"', b'\\"')
    if short != name and short in names:
        return b"# %s %s %s" % (word, name, rest if word == b"HELP" else b"unknown")
    return b"# %s %s %s" % (word, short, rest)
