"""One domain XML in, one Guest out: a single walk over the top elements, each handed to the reader of its area.

What is not in the XML (state, addresses, sizes …) is `complete`'s part.
"""

from collections.abc import Callable
from typing import Any

from omc.errors import OmcError
from omc.inventory.domain import platform, tuning
from omc.inventory.domain.devices import read_devices
from omc.inventory.domain.metadata import read_metadata
from omc.inventory.markup import Element, document, integer, size
from omc.model import CpuTuning, Guest, Memory

UNKNOWN_STATE = "unknown"
"""The state of a guest of which only the XML was read."""

Fields = dict[str, Any]


def parse_guest(xml: str, *, host: str) -> Guest:
    """Read the configuration of one domain XML, live or inactive.

    Raises OmcError, with the host as `where`, on what is no domain. Elements and devices that omc does not know do no
    harm. The state is "unknown", and all that the XML does not tell stands at its default until `complete_guest`.
    """
    root = document(xml, tag="domain", where=host)
    fields: Fields = {"host": host, "state": UNKNOWN_STATE, "name": "", "uuid": "", "type": root.get("type")}
    for child in root:
        tag = child.tag
        if tag in _TEXTS:
            fields[_TEXTS[tag]] = child.text or ""
        elif tag in _READERS:
            _READERS[tag](child, fields)
    if not fields["name"]:
        raise OmcError("domain XML without a name", where=host)
    if "memory" in fields:
        fields["memory"] = Memory(**fields["memory"])
    if "cpu_tuning" in fields:
        fields["cpu_tuning"] = CpuTuning(**fields["cpu_tuning"])
    return Guest(**fields)


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


def _memory(element: Element, fields: Fields) -> None:
    fields["memory_bytes"] = size(element)


def _current_memory(element: Element, fields: Fields) -> None:
    fields["memory_current_bytes"] = size(element)


def _maximum_memory(element: Element, fields: Fields) -> None:
    fields["memory_maximum_bytes"] = size(element)
    fields["memory_slots"] = integer(element.get("slots"))


def _iothreads(element: Element, fields: Fields) -> None:
    fields["iothreads"] = integer(element.text) or 0


def _custom_arguments(element: Element, fields: Fields) -> None:
    """Read the arguments of `<qemu:commandline>`; environment variables may hold secrets and are left out."""
    arguments = (child.get("value", "") for child in element if type(child.tag) is str and child.tag.endswith("}arg"))
    fields["custom_arguments"] = tuple(arguments)


_READERS: dict[str, Callable[[Element, Fields], None]] = {
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
    "devices": read_devices,
    "metadata": read_metadata,
    "{http://libvirt.org/schemas/domain/qemu/1.0}commandline": _custom_arguments,
}
