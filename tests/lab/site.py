"""The site of a lab: a folder that `omc --site FOLDER` and Ansible read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.lab.client import Client
from tests.lab.host import Host, uri

_RACK = 2
_ADDRESS = "{{ ansible_host }}"


def write(folder: Path, hosts: Sequence[Host], client: Client) -> None:
    """Write `inventory/hosts.yaml` with all hosts: two to a rack, and grouped by what they run."""
    (folder / "inventory").mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(_inventory(hosts, client), sort_keys=False, width=1000)
    (folder / "inventory" / "hosts.yaml").write_text(text)


def _inventory(hosts: Sequence[Host], client: Client) -> dict[str, Any]:
    variables = {
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(client.key),
        "ansible_ssh_common_args": f"-F {client.ssh_config}",
        "libvirt_uri": client.uri(_ADDRESS),
    }
    groups: dict[str, Any] = {}
    for index, host in enumerate(hosts):
        for group in (f"rack{index // _RACK + 1}", host.flavour.value):
            groups.setdefault(group, {"hosts": {}})["hosts"][host.name] = None
    return {"all": {"vars": variables, "hosts": {host.name: _host(host, client) for host in hosts}, "children": groups}}


def _host(host: Host, client: Client) -> dict[str, str]:
    own = {"ansible_host": host.address}
    if (special := uri(host, client, address=_ADDRESS)) != client.uri(_ADDRESS):
        own["libvirt_uri"] = special
    return own
