"""What the rest of the host knows of its guests: leases of its networks, volumes of its pools."""

from collections.abc import Iterable, Mapping

import msgspec

from omc.model import Address, Network, Pool, Volume


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What `complete_guest` looks up; empty where the host has or tells nothing."""

    leases: Mapping[str, tuple[Address, ...]] = {}  # by MAC, lower case
    volumes: Mapping[str, Volume] = {}  # by path, and by POOL/NAME


def surroundings_of(pools: Iterable[Pool], networks: Iterable[Network]) -> Surroundings:
    """Index the volumes and the leases of a host."""
    volumes: dict[str, Volume] = {}
    for pool in pools:
        for volume in pool.volumes or ():
            volumes[f"{pool.name}/{volume.name}"] = volume
            if volume.path:
                volumes.setdefault(volume.path, volume)
    leases: dict[str, tuple[Address, ...]] = {}
    for network in networks:
        for lease in network.leases or ():
            address = Address(address=lease.address, prefix=lease.prefix, source="lease")
            leases[lease.mac] = (*leases.get(lease.mac, ()), address)
    return Surroundings(leases=leases, volumes=volumes)
