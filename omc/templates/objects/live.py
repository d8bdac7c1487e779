"""How a network that runs becomes what its definition says: by updates that no guest notices, or not without a restart.

libvirt changes some sections of a network while it runs. Where all that differs is in these, the updates are the
difference; what else differs counts from the network's next start on. Pure.
"""

import copy
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from omc.ports import LiveUpdate
from omc.templates.objects import document
from omc.templates.objects.completed import completed


class _Section(NamedTuple):
    """`path` leads from the network to the parent of the elements; `modify` is by the attribute `key`, "" for none."""

    name: str
    path: tuple[str, ...]
    tag: str
    key: str = ""


_SECTIONS = (
    _Section("ip-dhcp-host", ("ip", "dhcp"), "host"),
    _Section("ip-dhcp-range", ("ip", "dhcp"), "range"),
    _Section("dns-host", ("dns",), "host"),
    _Section("dns-txt", ("dns",), "txt"),
    _Section("dns-srv", ("dns",), "srv"),
    _Section("forward-interface", ("forward",), "interface"),
    _Section("portgroup", (), "portgroup", "name"),
)
_EMPTY_IS_NONE = ("dhcp", "dns")
_VOLATILE = "connections"


def stands(kind: str, wanted: str, present: str) -> bool:
    """Tell whether a present definition is what libvirt made of a wanted one."""
    now = document.read(kind, present)
    made = completed(kind, document.read(kind, wanted), now)
    if kind == "network":
        made, now = _comparable(made), _comparable(now)
    return document.text_of(made) == document.text_of(now)


def updates(live: str, wanted: str) -> tuple[LiveUpdate, ...] | None:
    """Return the updates that make a network which runs what is wanted; None where only a restart does."""
    now = document.read("network", live)
    then = completed("network", document.read("network", wanted), now)
    found = [one for section in _SECTIONS for one in _of_section(section, now, then)]
    if _without_sections(now) != _without_sections(then) or None in found:
        return None
    made = [one for one in found if one is not None]
    # What goes, goes first: libvirt takes no second entry of one address or name.
    return tuple(sorted(made, key=lambda one: one.command != "delete"))


def _of_section(section: _Section, now: ET.Element, then: ET.Element) -> Iterator[LiveUpdate | None]:
    """Yield the updates of one section; None for one that a restart alone makes."""
    for number, (old, new) in enumerate(zip(_parents(section, now), _parents(section, then), strict=False)):
        parent = number if section.path[:1] == ("ip",) else -1
        before, after = ({_text(one): one for one in side} for side in (old, new))
        gone = [one for text, one in before.items() if text not in after]
        come = [one for text, one in after.items() if text not in before]
        same = {one.get(section.key) for one in gone} & {one.get(section.key) for one in come} if section.key else set()
        for one in gone:
            if int(one.get(_VOLATILE) or 0) > 0 and section.tag == "interface":
                yield None  # guests are on it, and libvirt lets nobody take it away
            if one.get(section.key) not in same:
                yield _update("delete", section, parent, one)
        for one in come:
            yield _update("modify" if one.get(section.key) in same else "add-last", section, parent, one)


def _parents(section: _Section, root: ET.Element) -> list[Sequence[ET.Element]]:
    """Return the elements of a section, a list for each parent that it can have."""
    if not section.path:
        return [root.findall(section.tag)]
    first, *rest = section.path
    tops = root.findall(first)
    if first != "ip":
        tops = tops[:1]
    found: list[Sequence[ET.Element]] = [top.findall("/".join([*rest, section.tag])) for top in tops]
    return found if found or first == "ip" else [[]]


def _update(command: str, section: _Section, parent: int, element: ET.Element) -> LiveUpdate:
    return LiveUpdate(command=command, section=section.name, parent=parent, xml=_text(element))


def _text(element: ET.Element) -> str:
    own = copy.deepcopy(element)
    own.attrib.pop(_VOLATILE, None)
    own.tail = None
    for inner in own.iter():
        inner.text = inner.text or None
    return ET.tostring(own, encoding="unicode")


def _comparable(root: ET.Element) -> ET.Element:
    """Return a network without what libvirt counts, and with what has no order in one order."""
    root = copy.deepcopy(root)
    for element in root.iter():
        element.attrib.pop(_VOLATILE, None)
    for section in _SECTIONS:
        for parent in root.findall("/".join(section.path) or "."):
            members = sorted(parent.findall(section.tag), key=_text)
            for one in members:
                parent.remove(one)
            parent.extend(members)
    _drop_empty(root)
    return root


def _without_sections(root: ET.Element) -> str:
    root = copy.deepcopy(root)
    root.attrib.pop(_VOLATILE, None)
    for section in _SECTIONS:
        for parent in root.findall("/".join(section.path) or "."):
            for one in parent.findall(section.tag):
                parent.remove(one)
    _drop_empty(root)
    # A section that came anew has made its parent at the end; libvirt writes it in its own place.
    root[:] = sorted(root, key=_text)
    return document.text_of(root)


def _drop_empty(root: ET.Element) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in _EMPTY_IS_NONE and not len(child) and not child.attrib:
                parent.remove(child)
