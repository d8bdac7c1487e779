"""A rendered definition, completed with what libvirt adds to one by itself: then the two can be compared. Pure.

What libvirt is known to add (`omc.templates.objects.generated`) is taken over from the present definition where the
template says nothing about it; all else that the template does not say is to go. The order of elements is the present
definition's, so a difference shows what differs and nothing else.
"""

from xml.etree import ElementTree as ET

from omc.templates.objects.generated import IDENTITIES, is_added_attribute, is_added_child, same_machine

_MOST_PAIRED = 300
"""More children of one name are paired in their order alone."""


def completed(kind: str, rendered: ET.Element, present: ET.Element) -> ET.Element:
    """Return the rendered definition with what libvirt added to the present one."""
    return _merged(rendered, present, (kind,))


def _merged(rendered: ET.Element, present: ET.Element, path: tuple[str, ...]) -> ET.Element:
    path = (*path, rendered.tag)
    made = ET.Element(rendered.tag)
    for name, value in rendered.items():
        made.set(name, _value(path, name, value, present.get(name)))
    for name, value in present.items():
        if name not in rendered.attrib and is_added_attribute(path, name, value, rendered):
            made.set(name, value)
    made.attrib = {name: made.attrib[name] for name in [*present.keys(), *rendered.keys()] if name in made.attrib}
    made.text = _value(path, "", rendered.text or "", present.text or "")
    made.tail = rendered.tail
    made.extend(_children(rendered, present, path))
    return made


def _children(rendered: ET.Element, present: ET.Element, path: tuple[str, ...]) -> list[ET.Element]:
    """Return the children in the present order; a new one stands behind the one that it follows in the template."""
    partner = _pairs(rendered, present)
    taken = {id(old): new for new, old in partner}
    made: dict[int, ET.Element] = {id(new): _merged(new, old, path) for new, old in partner}
    found: list[tuple[int, ET.Element]] = []
    for old in present:
        if id(old) in taken:
            found.append((id(taken[id(old)]), made[id(taken[id(old)])]))
        elif is_added_child(path, old, rendered):
            found.append((0, old))
    place = 0
    for new in rendered:
        if id(new) in made:
            place = next(i for i, (key, _) in enumerate(found) if key == id(new)) + 1
        else:
            found.insert(place, (id(new), new))
            place += 1
    return [element for _, element in found]


def _pairs(rendered: ET.Element, present: ET.Element) -> list[tuple[ET.Element, ET.Element]]:
    """Return which rendered child is which present one: the ones that agree most, then in their order."""
    found = []
    for tag in dict.fromkeys(child.tag for child in rendered):
        new, old = rendered.findall(tag), present.findall(tag)
        if len(new) == len(old) == 1 or max(len(new), len(old)) > _MOST_PAIRED:
            found += [(a, b) for a, b in zip(new, old, strict=False) if _may_pair(a, b)]
            continue
        facts = [(_facts(element), element) for element in old]
        scores = [
            (-len(mine & theirs), i, j, a, b)
            for i, (mine, a) in enumerate((_facts(element), element) for element in new)
            for j, (theirs, b) in enumerate(facts)
            if _may_pair(a, b)
        ]
        used: set[int] = set()
        for _, _, _, a, b in sorted(scores, key=lambda score: score[:3]):
            if id(a) not in used and id(b) not in used:
                used |= {id(a), id(b)}
                found.append((a, b))
    return found


def _may_pair(new: ET.Element, old: ET.Element) -> bool:
    """Tell whether the two can be one thing: nothing that makes it what it is differs."""
    for place, name in IDENTITIES.get(new.tag, ()):
        mine, theirs = (element.find(place) if place else element for element in (new, old))
        if mine is None or theirs is None:
            continue
        one, other = (mine.get(name), theirs.get(name)) if name else (mine.text, theirs.text)
        if one is not None and other is not None and one.lower() != other.lower():
            return False
    return True


def _facts(element: ET.Element) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (inner.tag, name, value)
        for inner in element.iter()
        for name, value in [("", inner.text or ""), *inner.items()]
        if value
    )


def _value(path: tuple[str, ...], name: str, rendered: str, present: str | None) -> str:
    """Return the present way to write a value where the rendered one means the same."""
    if present is None or rendered == present:
        return rendered
    if _number(rendered) is not None and _number(rendered) == _number(present):
        return present
    if name in ("address", "machine") or path[-1] == "uuid":
        same = rendered.lower() == present.lower() or (name == "machine" and same_machine(rendered, present))
        return present if same else rendered
    return rendered


def _number(text: str) -> int | None:
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        return None
