"""Runs Ansible's libvirt inventory plugin and as little else of Ansible as it takes; prints what it found as JSON.

For the Python of the environment that has Ansible: `python ansible_peer.py FILE.libvirt.yml`. The whole of
`ansible-inventory` takes longer; this is the harder side to stand beside.
"""

import json
import sys

from ansible.inventory.data import InventoryData  # type: ignore[import-untyped]
from ansible.parsing.dataloader import DataLoader  # type: ignore[import-untyped]
from ansible.plugins.loader import init_plugin_loader, inventory_loader  # type: ignore[import-untyped]

PLUGIN = "community.libvirt.libvirt"


def main(path: str) -> None:
    """Let the plugin read the hypervisor that the file names."""
    init_plugin_loader()
    inventory = InventoryData()
    plugin = inventory_loader.get(PLUGIN)
    plugin.parse(inventory, DataLoader(), path)
    found = {name: host.get_vars() for name, host in inventory.hosts.items()}
    json.dump(found, sys.stdout, default=str)


if __name__ == "__main__":
    main(sys.argv[1])
