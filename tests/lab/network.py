"""The lab's network: one bridge in a namespace of its own, and one link by which this machine reaches it.

The addresses of a lab are one /24 of 10.77.0.0/16: the first that overlaps with no route of this machine, so several
labs can run at the same time. The machine's end of the link, omc-lab with the network's third byte, ends with the hub.
"""

import ipaddress
import json
from pathlib import Path

from tests.lab.process import LabError, run

ADDRESSES = ipaddress.IPv4Network("10.77.0.0/16")
_MACHINE = 1
_FIRST_HOST = 11
_HOSTS = 30


def connect(hub: int) -> ipaddress.IPv4Network:
    """Link this machine with the bridge in the network namespace of process `hub`; the network that the lab now has."""
    taken = _routes()
    for network in ADDRESSES.subnets(new_prefix=24):
        if not any(network.overlaps(route) for route in taken) and _add_link(network, hub):
            _configure(network, hub)
            return network
    raise LabError(
        f"every part of {ADDRESSES} is in use on this machine", hint="end other labs: python -m tests.lab status"
    )


def remove_link(name: str) -> None:
    """Remove the machine's end of a link at once; the kernel would do so too, some time after the hub's end."""
    try:
        run("ip", "link", "del", name)
    except LabError:
        if Path("/sys/class/net", name).exists():
            raise


def link_name(network: ipaddress.IPv4Network) -> str:
    """The machine's end of the lab's link, such as omc-lab0."""
    return f"omc-lab{network.network_address.packed[2]}"


def host_address(network: ipaddress.IPv4Network, index: int) -> str:
    """The address of host number `index`, counted from 0; LabError beyond the thirty that a lab has room for."""
    if index >= _HOSTS:
        raise LabError(f"a lab has room for {_HOSTS} hosts")
    return str(network.network_address + _FIRST_HOST + index)


def unroutable_address(network: ipaddress.IPv4Network) -> str:
    """An address of the lab's network at which nobody is: packets to it get no answer."""
    return str(network.network_address + 254)


def _routes() -> list[ipaddress.IPv4Network]:
    routes = json.loads(run("ip", "-4", "-json", "route", "show", "table", "main"))
    return [ipaddress.IPv4Network(route["dst"]) for route in routes if route["dst"] != "default"]


def _add_link(network: ipaddress.IPv4Network, hub: int) -> bool:
    """Whether the link could be made; false if another lab was faster (the kernel lets a name exist once)."""
    name = link_name(network)
    try:
        run("ip", "link", "add", name, "type", "veth", "peer", "name", "uplink", "netns", str(hub))
    except LabError as error:
        if "File exists" in error.message:
            return False
        raise
    return True


def _configure(network: ipaddress.IPv4Network, hub: int) -> None:
    name, address = link_name(network), network.network_address + _MACHINE
    run("ip", "-batch", "-", text=f"addr add {address}/24 dev {name}\nlink set {name} up\n")
    run(
        "nsenter",
        f"--net=/proc/{hub}/ns/net",
        "ip",
        "-batch",
        "-",
        text="link set uplink master lab\nlink set uplink up\n",
    )
