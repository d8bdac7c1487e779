"""The environment with Ansible that omc stands beside."""

from pathlib import Path

import libvirt

from tests.bench import peers
from tests.bench.measure import Side

_PEER = Path(__file__).with_name("ansible_peer.py")


def environment() -> Path:
    """Make the environment where there is none yet (two minutes, 600 MB); its folder of programs."""
    number = libvirt.getVersion()
    binding = f"libvirt-python=={number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
    return peers.environment("ansible", "ansible", binding)


def whole(programs: Path, source: Path) -> Side:
    """Run `ansible-inventory` as a user does."""
    return Side("ansible-inventory", (str(programs / "ansible-inventory"), "-i", str(source), "--list"))


def plugin(programs: Path, source: Path) -> Side:
    """Run the plugin with as little of Ansible around it as there can be."""
    return Side("libvirt plugin", (str(programs / "python"), str(_PEER), str(source)))
