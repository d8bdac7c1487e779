"""Libvirt's own schemas without a host: the library's test driver checks a definition in this process.

It knows guests, networks and pools. Filters and secrets are checked by the host alone, when they are defined.
"""

import tempfile
import threading
from functools import lru_cache

import libvirt

from omc.drivers.hypervisor.definitions.kinds import KINDS
from omc.drivers.hypervisor.faults import message, number

_CHECKED = ("guest", "network", "pool")
_LOCK = threading.Lock()


def schema_faults(kind: str, xml: str) -> str:
    """Return what the schema has against it; "" where nothing, and for a kind that cannot be checked here."""
    if kind not in _CHECKED:
        return ""
    with _LOCK:
        return _faults(kind, xml)


@lru_cache(maxsize=256)
def _faults(kind: str, xml: str) -> str:
    one = KINDS[kind]
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as node:  # a host of its own: test:///default is one for all
        node.write("<node/>")
        node.flush()
        connection = libvirt.open(f"test://{node.name}")
    try:
        one.define(connection, xml, one.validate)
    except libvirt.libvirtError as error:
        # Beyond the schema the test driver has limits of its own, which are none of the host's.
        return _words(message(error)) if number(error) == libvirt.VIR_ERR_XML_INVALID_SCHEMA else ""
    finally:
        connection.close()
    return ""


def _words(said: str) -> str:
    """Return what is wrong, without the file of the schema."""
    _, _, fault = said.partition(".rng ")
    return fault or said
