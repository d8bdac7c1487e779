"""Reads domain XML in pieces, so that what the guests of a host have in common is read once.

libvirt writes every element of `<domain>` and of `<devices>` on lines of its own, indented by two and by four blanks,
and most of them (controllers, inputs, the CPU, the clock …) are the same, letter for letter, in many guests and in the
live and the inactive XML of one. Such a piece of text is looked up; only the unknown pieces go to the parser, all in
one document: half the time of parsing everything. Text that is not laid out so is not for this module: `read` says
None, and the caller reads the document as a whole.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple
from xml.etree import ElementTree as ET

from omc.inventory.domain.facts import Facts, Found
from omc.inventory.markup import Element

UNIQUE = frozenset({"name", "uuid", "title", "description", "genid", "metadata", "interface"})
"""Elements that no two guests share: not worth remembering."""

_TOP = re.compile(r"\n  <(?!/)")
_DEVICE = re.compile(r"\n    <(?!/)")
_NAME_END = re.compile(r"[\s/>]")
_OPEN, _CLOSE, _END = "\n  <devices>\n", "\n  </devices>\n", "\n</domain>"


class Pieces:
    """The pieces that were seen so far, with what they say; for the guests of one host, in one thread."""

    def __init__(self, read_top: Callable[[Element], Facts], read_device: Callable[[Element], Found]) -> None:
        self.top = _Seen(read_top)
        self.device = _Seen(read_device)

    def read(self, xml: str) -> tuple[str | None, list[Found]] | None:
        """Give the type of the domain and what each element says, in their order; None where the layout is another."""
        cut = _cut(xml)
        if cut is None:
            return None
        unknown = _Cut(
            cut.opening,
            self.top.unknown(cut.before),
            self.device.unknown(cut.devices),
            self.top.unknown(cut.after),
        )
        root = _parse(unknown)
        if root is None:
            return None
        place = len(unknown.before)
        self.top.learn(unknown.before, root)
        self.device.learn(unknown.devices, root[place])
        self.top.learn(unknown.after, root[place + 1 :])
        answers = [*self.top.say(cut.before), *self.device.say(cut.devices), *self.top.say(cut.after)]
        self.top.turn()
        self.device.turn()
        return root.get("type"), answers


class _Seen:
    """Pieces of one level. Those that only one guest has stay for one more document: the inactive XML of that guest."""

    def __init__(self, read: Callable[[Element], Found]) -> None:
        self.read = read
        self.shared: dict[str, Found] = {}
        self.last: dict[str, Found] = {}
        self.unique: dict[str, Found] = {}

    def unknown(self, pieces: list[str]) -> list[str]:
        """Give the pieces that were not seen yet."""
        return [piece for piece in pieces if piece not in self.shared and piece not in self.last]

    def learn(self, pieces: list[str], elements: Iterable[Element]) -> None:
        """Read the new pieces; `elements` may go on behind them."""
        for piece, element in zip(pieces, elements, strict=False):
            (self.unique if element.tag in UNIQUE else self.shared)[piece] = self.read(element)

    def say(self, pieces: list[str]) -> list[Found]:
        """Give what each piece says."""
        shared, own = self.shared, {**self.last, **self.unique}
        return [shared[piece] if piece in shared else own[piece] for piece in pieces]

    def turn(self) -> None:
        """Get ready for the next document."""
        self.last, self.unique = self.unique, {}


class _Cut(NamedTuple):
    """A document in pieces, each without its first "<"; `before` and `after` are those around `<devices>`."""

    opening: str
    before: list[str]
    devices: list[str]
    after: list[str]


def _cut(xml: str) -> _Cut | None:
    """Cut a document; None where anything stands between the pieces."""
    start = xml.find(_OPEN)
    end = xml.find(_CLOSE, start)
    last = xml.rfind(_END)
    if start < 0 or end < 0 or last < end or "<!" in xml:  # comments and CDATA could look like markup
        return None
    opening, *before = _TOP.split(xml[:start])
    gap, *devices = _DEVICE.split(xml[start + len(_OPEN) - 1 : end])
    rest, *after = _TOP.split(xml[end + len(_CLOSE) - 1 : last])
    if gap or rest or xml[last + len(_END) :].strip():
        return None
    return _Cut(opening, before, devices, after)


def _parse(cut: _Cut) -> Element | None:
    """Parse the pieces as one domain; None unless each piece is exactly one element."""
    before, inner, after = ("".join(f"<{piece}" for piece in pieces) for pieces in cut[1:])
    try:
        root = ET.fromstring(f"{cut.opening}{before}<devices>{inner}</devices>{after}</domain>")  # noqa: S314 - no "<!"
    except (ET.ParseError, ValueError):
        return None
    place = len(cut.before)
    if root.tag != "domain" or len(root) != place + 1 + len(cut.after) or len(root[place]) != len(cut.devices):
        return None
    pieces = (*cut.before, *cut.devices, *cut.after)
    elements = (*root[:place], *root[place], *root[place + 1 :])
    return root if all(map(_is_whole, pieces, elements)) else None


def _is_whole(piece: str, element: Element) -> bool:
    """Tell whether the text begins and ends with the element's own tag."""
    name = piece[: len(piece) if (end := _NAME_END.search(piece)) is None else end.start()]
    if name.rpartition(":")[2] != element.tag.rpartition("}")[2]:
        return False
    return piece.endswith(f"</{name}>") or piece.find(">") == len(piece) - 1
