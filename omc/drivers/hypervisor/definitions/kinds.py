"""What libvirt calls the definitions of each kind of object."""

from collections.abc import Callable
from typing import Any, NamedTuple

import libvirt

from omc.drivers.hypervisor.faults import number

_INACTIVE_GUEST = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
_KEPT = libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM

MISSING = {
    libvirt.VIR_ERR_NO_DOMAIN,
    libvirt.VIR_ERR_NO_NETWORK,
    libvirt.VIR_ERR_NO_STORAGE_POOL,
    libvirt.VIR_ERR_NO_SECRET,
    libvirt.VIR_ERR_NO_NWFILTER,
}

NO_SUCH_FLAG = {libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED}
"""What an old daemon says to the flag of a check, or to the call that takes it."""


class Kind(NamedTuple):
    """One kind; `find` gives None or raises one of MISSING where there is none, `define` takes XML and flags.

    `live` gives what runs, of an object that does: see `omc.ports.Definition`.
    """

    find: Callable[[libvirt.virConnect, str], Any]
    read: Callable[[Any], str]
    define: Callable[[libvirt.virConnect, str, int], Any]
    validate: int
    undefine: Callable[[Any], object]
    runs: Callable[[Any], bool]
    persists: Callable[[Any], bool]
    live: Callable[[Any], str] = lambda _: ""


def _secret(connection: libvirt.virConnect, name: str) -> libvirt.virSecret | None:
    """Find a secret by its usage, else by its UUID."""
    secrets = connection.listAllSecrets(0)
    return next((secret for secret in secrets if name in (secret.usageID(), secret.UUIDString())), None)


KINDS = {
    "network": Kind(
        find=lambda connection, name: connection.networkLookupByName(name),
        read=lambda network: network.XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE),
        define=lambda connection, xml, flags: connection.networkDefineXMLFlags(xml, flags),
        validate=getattr(libvirt, "VIR_NETWORK_DEFINE_VALIDATE", 1),
        undefine=lambda network: network.undefine(),
        runs=lambda network: bool(network.isActive()),
        persists=lambda network: bool(network.isPersistent()),
        live=lambda network: str(network.XMLDesc(0)),
    ),
    "pool": Kind(
        find=lambda connection, name: connection.storagePoolLookupByName(name),
        read=lambda pool: pool.XMLDesc(libvirt.VIR_STORAGE_XML_INACTIVE),
        define=lambda connection, xml, flags: connection.storagePoolDefineXML(xml, flags),
        validate=getattr(libvirt, "VIR_STORAGE_POOL_DEFINE_VALIDATE", 1),
        undefine=lambda pool: pool.undefine(),
        runs=lambda pool: bool(pool.isActive()),
        persists=lambda pool: bool(pool.isPersistent()),
        live=lambda pool: str(pool.XMLDesc(0)),
    ),
    "secret": Kind(
        find=_secret,
        read=lambda secret: secret.XMLDesc(0),
        define=lambda connection, xml, flags: connection.secretDefineXML(xml, flags),
        validate=getattr(libvirt, "VIR_SECRET_DEFINE_VALIDATE", 1),
        undefine=lambda secret: secret.undefine(),
        runs=lambda _: False,
        persists=lambda _: True,
    ),
    "nwfilter": Kind(
        find=lambda connection, name: connection.nwfilterLookupByName(name),
        read=lambda network_filter: network_filter.XMLDesc(0),
        define=lambda connection, xml, flags: connection.nwfilterDefineXMLFlags(xml, flags),
        validate=getattr(libvirt, "VIR_NWFILTER_DEFINE_VALIDATE", 1),
        undefine=lambda network_filter: network_filter.undefine(),
        runs=lambda _: False,
        persists=lambda _: True,
    ),
    "guest": Kind(
        find=lambda connection, name: connection.lookupByName(name),
        read=lambda guest: guest.XMLDesc(_INACTIVE_GUEST),
        define=lambda connection, xml, flags: connection.defineXMLFlags(xml, flags),
        validate=libvirt.VIR_DOMAIN_DEFINE_VALIDATE,
        undefine=lambda guest: guest.undefineFlags(_KEPT),
        runs=lambda guest: bool(guest.isActive()),
        persists=lambda guest: bool(guest.isPersistent()),
        live=lambda guest: str(guest.ID()),
    ),
}


def is_missing(error: libvirt.libvirtError) -> bool:
    """Tell whether libvirt said that there is no such object."""
    return number(error) in MISSING
