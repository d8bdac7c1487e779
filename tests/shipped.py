"""The shipped templates, rendered for two hosts: for their golden files, and for the programs that read them.

`small` has one cell and says as little as it may; `large` has two cells and all kinds of guests, and says all there is.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from omc.model import Guest, Host, HostCell, Memory, Nic
from omc.site import Site, load_site
from omc.templates import catalogue
from omc.templates.desired import Desired
from omc.templates.render import Limits, World, render
from tests.facts import GIB, guest

ROOT = Path(__file__).parent / "data" / "templates" / "shipped"
HOSTS = ("small", "large")
NAMES = catalogue.names()


def of(name: str, host: str, **variables: Any) -> Desired:
    """Return what one shipped template makes for a host; raise what it makes instead."""
    site = load()
    world = World(site=site, facts=FACTS.get, extra=variables)
    [result] = render([template(name)], [site.hosts[host]], world, Limits())
    return result.get()


def content(name: str, host: str, path: str, **variables: Any) -> str:
    """Return the text of one file."""
    [file] = [file for file in of(name, host, **variables).files if file.path == path]
    return file.content.decode()


@cache
def load() -> Site:
    """Return the site of both hosts."""
    return load_site(ROOT)


@cache
def template(name: str) -> catalogue.Template:
    """Return one shipped template."""
    return catalogue.load().get(name)


def _guest(number: int, host: str, size: int, **changes: Any) -> Guest:
    nics = (Nic(mac=f"52:54:00:00:00:{number:02x}", source="br0"),)
    return guest(number, host=host, memory_bytes=size, **({"nics": nics} | changes))


def _huge(*sizes: int, nodes: str | None = None) -> Memory:
    return Memory(huge_pages=True, huge_page_bytes=sizes, numa_mode="strict" if nodes else None, numa_nodes=nodes)


FACTS: Mapping[str, Host] = {
    "small": Host(
        name="small",
        uri="qemu:///system",
        memory_bytes=16 * GIB,
        cells=(HostCell(id=0, memory_bytes=16 * GIB, cpus="0-7", cpu_count=8),),
        guests=(
            _guest(1, "small", 4 * GIB, memory=_huge()),
            _guest(2, "small", 2 * GIB),
        ),
    ),
    "large": Host(
        name="large",
        uri="qemu:///system",
        memory_bytes=512 * GIB,
        cells=(
            HostCell(id=0, memory_bytes=256 * GIB, cpus="0-31", cpu_count=32),
            HostCell(id=1, memory_bytes=256 * GIB, cpus="32-63", cpu_count=32),
        ),
        guests=(
            _guest(1, "large", 64 * GIB, memory=_huge(2 << 20, nodes="0")),
            _guest(2, "large", 48 * GIB, memory=_huge(nodes="0-1")),
            _guest(3, "large", 8 * GIB + 1, memory=_huge()),
            _guest(4, "large", 32 * GIB, memory=_huge(1 << 30, nodes="1"), id=None, autostart=False, state="shut off"),
            _guest(5, "large", 16 * GIB),
            _guest(
                6,
                "large",
                180 * GIB,
                memory=_huge(nodes="1"),
                nics=(Nic(mac="52:54:00:00:00:06", filter="clean-traffic"),),
            ),
        ),
    ),
}
"""What is known of each host."""
