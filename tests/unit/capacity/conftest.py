"""Fleets to count: documents as the store gives them."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from omc.capacity.terms import Terms
from omc.capacity.whole import Capacity, count
from omc.model import Architecture, Host, HostCpu
from tests.facts import host

KVM = Architecture(arch="x86_64", os_type="hvm", types=("kvm", "qemu"))
Counted = Callable[..., Capacity]


def kvm(name: str, **changes: Any) -> Host:
    """Return a host of 64 GiB and 8 CPUs that runs KVM guests."""
    facts: dict[str, Any] = {"cpu": HostCpu(count=8, sockets=1, cores_per_socket=4), "architectures": (KVM,)}
    return host(name, **({"guests": (), "pools": ()} | facts | changes))


@pytest.fixture
def counted() -> Counted:
    """Count hosts."""

    def run(*hosts: Host, size: Any = None, clusters: Any = None, **terms: Any) -> Capacity:
        return count([msgspec.json.encode(one) for one in hosts], Terms(**terms), size, clusters)

    return run
