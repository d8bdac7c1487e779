"""Asks Ansible itself, in a process of its own, what it makes of inventories and patterns.

Standard input is a JSON object: inventory path → list of patterns; standard output, the answers. Run as a program, it
uses the same classes as `ansible-inventory --list` and `ansible --list-hosts`, once for all cases: each of the two
programs takes most of a second to start, and a test compares their own output with this one's.
"""

import json
import sys

from ansible.constants import INTERNAL_STATIC_VARS
from ansible.inventory.manager import InventoryManager
from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager


def answers(source: str, patterns: list[str]) -> dict[str, object]:
    """Return all that Ansible knows of one inventory, and the hosts that it picks by each pattern."""
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[source])
    manager = VariableManager(loader, inventory)
    hosts = {host.name: _variables(manager, host) for host in inventory.get_hosts("all")}
    return {
        "parsed": bool(inventory._inventory.processed_sources),
        "hosts": hosts,
        "order": list(inventory.hosts),
        "group_names": {name: inventory.get_host(name).get_magic_vars()["group_names"] for name in hosts},
        "members": {name: [host.name for host in group.get_hosts()] for name, group in inventory.groups.items()},
        "children": {name: [child.name for child in group.child_groups] for name, group in inventory.groups.items()},
        "patterns": {pattern: _picked(inventory, pattern) for pattern in patterns},
    }


def _variables(manager: VariableManager, host: object) -> dict[str, object]:
    found = manager.get_vars(host=host, include_hostvars=False, stage="all")
    return {name: value for name, value in found.items() if name not in INTERNAL_STATIC_VARS}


def _picked(inventory: InventoryManager, pattern: str) -> object:
    try:
        return [host.name for host in inventory.list_hosts(pattern)]
    except Exception as error:
        return f"error: {error}"


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(
        {source: answers(source, patterns) for source, patterns in asked.items()}, sys.stdout, cls=AnsibleJSONEncoder
    )
