"""One domain XML in, one Guest out: each element goes to the reader of its area, and their answers are put together.

What is not in the XML (state, addresses, sizes …) is `complete`'s part.
"""

from collections.abc import Callable

from omc.errors import OmcError
from omc.inventory.domain import platform, tuning
from omc.inventory.domain.devices import REDIRECTIONS, read_device
from omc.inventory.domain.facts import Facts, Found, gather
from omc.inventory.domain.metadata import read_metadata
from omc.inventory.domain.pieces import Pieces
from omc.inventory.markup import Element, document, integer, size
from omc.model import CpuTuning, Guest, Memory

UNKNOWN_STATE = "unknown"
"""The state of a guest of which only the XML was read."""


def parse_guest(xml: str, *, host: str) -> Guest:
    """Read the configuration of one domain XML, live or inactive.

    Raises OmcError, with the host as `where`, on what is no domain. Elements and devices that omc does not know do no
    harm. The state is "unknown", and all that the XML does not tell stands at its default until `complete_guest`.
    """
    return GuestParser(host).parse_whole(xml)


class GuestParser:
    """Reads the domain XMLs of one host; what several of them have in common is read once."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.pieces = Pieces(read_top, read_device)

    def parse(self, xml: str) -> Guest:
        """Read one domain XML; the same answer as `parse_guest`, sooner where the XML has libvirt's own layout."""
        found = self.pieces.read(xml)
        if found is None:
            return self.parse_whole(xml)
        kind, answers = found
        return self._guest(kind, answers)

    def parse_whole(self, xml: str) -> Guest:
        """Read one domain XML of whatever layout."""
        root = document(xml, tag="domain", where=self.host)
        answers: list[Found] = []
        for child in root:
            if child.tag == "devices":
                answers.extend(read_device(device) for device in child)
            else:
                answers.append(read_top(child))
        return self._guest(root.get("type"), answers)

    def _guest(self, kind: str | None, answers: list[Found]) -> Guest:
        """Put the answers together; they may belong to other guests too and are not changed."""
        facts: Facts = {"host": self.host, "state": UNKNOWN_STATE, "name": "", "uuid": "", "type": kind}
        for name, items in gather(facts, answers).items():
            facts[name] = len(items) if name == REDIRECTIONS else tuple(items)
        if not facts["name"]:
            raise OmcError("domain XML without a name", where=self.host)
        label = facts.pop(platform.DAC_LABEL, None)
        facts.setdefault("security_label", label)
        facts["memory"] = Memory(**facts.get("memory", {}))
        facts["cpu_tuning"] = CpuTuning(**facts.get("cpu_tuning", {}))
        return Guest(**facts)


def read_top(element: Element) -> Facts:
    """Read one element of `<domain>` other than `<devices>`."""
    tag = element.tag
    if tag in _TEXTS:
        return {_TEXTS[tag]: element.text or ""}
    return _READERS[tag](element) if tag in _READERS else {}


_TEXTS = {
    "name": "name",
    "uuid": "uuid",
    "title": "title",
    "description": "description",
    "genid": "generation_id",
    "on_poweroff": "on_poweroff",
    "on_reboot": "on_reboot",
    "on_crash": "on_crash",
}


def _memory(element: Element) -> Facts:
    return {"memory_bytes": size(element)}


def _current_memory(element: Element) -> Facts:
    return {"memory_current_bytes": size(element)}


def _maximum_memory(element: Element) -> Facts:
    return {"memory_maximum_bytes": size(element), "memory_slots": integer(element.get("slots"))}


def _iothreads(element: Element) -> Facts:
    return {"iothreads": integer(element.text) or 0}


def _custom_arguments(element: Element) -> Facts:
    """Read the arguments of `<qemu:commandline>`; environment variables may hold secrets and are left out."""
    arguments = (child.get("value", "") for child in element if child.tag.endswith("}arg"))
    return {"custom_arguments": tuple(arguments)}


_READERS: dict[str, Callable[[Element], Facts]] = {
    **platform.READERS,
    "memory": _memory,
    "currentMemory": _current_memory,
    "maxMemory": _maximum_memory,
    "vcpu": tuning.read_vcpu,
    "iothreads": _iothreads,
    "cputune": tuning.read_cputune,
    "cpu": tuning.read_cpu,
    "memoryBacking": tuning.read_memory_backing,
    "memtune": tuning.read_memtune,
    "numatune": tuning.read_numatune,
    "blkiotune": tuning.read_blkiotune,
    "metadata": read_metadata,
    "{http://libvirt.org/schemas/domain/qemu/1.0}commandline": _custom_arguments,
}
