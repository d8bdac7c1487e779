"""Reads domain XML in pieces, so that what the guests of a host have in common is read once.

libvirt writes every element of `<domain>` and of `<devices>` on lines of its own, indented by two and by four blanks,
and most of them (controllers, inputs, the CPU, the clock …) are the same, letter for letter, in many guests and in the
live and the inactive XML of one. Such a piece of text is looked up; only the unknown pieces go to the parser, all in
one document: half the time of parsing everything. Text that is not laid out so is not for this module: `read` says
None, and the caller reads the document as a whole.
"""

import re
from collections.abc import Callable, Mapping
from xml.etree import ElementTree as ET

from omc.inventory.domain.facts import Facts, Found
from omc.inventory.markup import Element

UNIQUE = frozenset({"name", "uuid", "title", "description", "genid", "metadata", "interface"})
"""Elements that no two guests share: not worth remembering."""

_TOP = re.compile(r"\n  <(?!/)")
_DEVICE = re.compile(r"\n    <(?!/)")
_OPEN, _CLOSE, _END = "\n  <devices>\n", "\n  </devices>\n", "\n</domain>"


class Pieces:
    """The pieces that were seen so far, with what they say; for the guests of one host, in one thread."""

    def __init__(self, read_top: Callable[[Element], Facts], read_device: Callable[[Element], Found]) -> None:
        self.read_top = read_top
        self.read_device = read_device
        self.top: dict[str, Found] = {}
        self.device: dict[str, Found] = {}

    def read(self, xml: str) -> tuple[str | None, list[Found]] | None:
        """Give the type of the domain and what each element says, in their order; None where the layout is another."""
        cut = _cut(xml)
        if cut is None:
            return None
        opening, tops, devices = cut
        new_tops = [piece for piece in tops if piece not in self.top]
        new_devices = [piece for piece in devices if piece not in self.device]
        root = _parse(opening, new_tops, new_devices)
        if root is None:
            return None
        seen_tops = {piece: self.read_top(element) for piece, element in zip(new_tops, root, strict=False)}
        seen_devices = {piece: self.read_device(element) for piece, element in zip(new_devices, root[-1], strict=True)}
        answers = [self.top[piece] if piece in self.top else seen_tops[piece] for piece in tops]
        answers += [self.device[piece] if piece in self.device else seen_devices[piece] for piece in devices]
        self.top.update(_shared(seen_tops))
        self.device.update(_shared(seen_devices))
        return root.get("type"), answers


def _cut(xml: str) -> tuple[str, list[str], list[str]] | None:
    """Cut a document into its opening tag, the pieces at the top and those of the devices, without their first "<"."""
    start = xml.find(_OPEN)
    end = xml.find(_CLOSE, start)
    last = xml.rfind(_END)
    if start < 0 or end < 0 or last < end or "<!" in xml:  # comments and CDATA could look like markup
        return None
    opening, *tops = _TOP.split(xml[:start])
    tops += _TOP.split(xml[end + len(_CLOSE) - 1 : last])[1:]
    return opening, tops, _DEVICE.split(xml[start + len(_OPEN) - 1 : end])[1:]


def _parse(opening: str, tops: list[str], devices: list[str]) -> Element | None:
    """Parse the pieces as one domain; None unless each piece is exactly one element of the tag that it begins with."""
    body = "".join(f"<{piece}" for piece in tops)
    inner = "".join(f"<{piece}" for piece in devices)
    try:
        root = ET.fromstring(f"{opening}{body}<devices>{inner}</devices></domain>")  # noqa: S314 - no "<!" in it
    except (ET.ParseError, ValueError):
        return None
    if root.tag != "domain" or len(root) != len(tops) + 1 or len(root[-1]) != len(devices):
        return None
    fits = all(map(_begins, tops, root)) and all(map(_begins, devices, root[-1]))
    return root if fits else None


def _begins(piece: str, element: Element) -> bool:
    return piece.startswith(element.tag) or element.tag[0] == "{"


def _shared(seen: Mapping[str, Found]) -> dict[str, Found]:
    """Leave out what only one guest has."""
    return {piece: found for piece, found in seen.items() if piece.partition(">")[0].partition(" ")[0] not in UNIQUE}
