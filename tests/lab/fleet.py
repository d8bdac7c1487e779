"""Hosts by the hundred: libvirt's test driver behind the real remote protocol, through the libvirtd of one lab host.

`test+unix:///FILE?socket=SOCKET` opens a host of its own for each connection, as FILE describes it. Its guests are only
descriptions, so a thousand hosts with fifty guests each cost little more than their files. The test driver has states,
XML, pools and networks; it has no stats but `state.*`, no leases and no guest agent.
"""

import uuid
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.lab.host import Host

_NAMESPACE = uuid.UUID("6f6d6300-0077-4000-8000-000000000001")
_SHUT_OFF = "<test:runstate>5</test:runstate>"
_CPU = """<cpu><mhz>2400</mhz><model>x86_64</model><active>16</active><nodes>1</nodes><sockets>1</sockets>
<cores>16</cores><threads>1</threads></cpu><memory>134217728</memory>"""
_POOL = """<pool type='dir'><name>images</name><target><path>/srv/images</path></target></pool>"""
_NETWORK = """<network><name>default</name><bridge name='virbr0'/>
<ip address='192.168.122.1' netmask='255.255.255.0'/></network>"""
_GUEST = """<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>{name}</name><uuid>{uuid}</uuid><title>{name} of {host}</title><memory unit='MiB'>4096</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/></os><features><acpi/></features>
<cpu mode='host-passthrough'/><clock offset='utc'/><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none' discard='unmap'/>
<source file='/srv/images/{name}-0.qcow2'/><target dev='vda' bus='virtio'/></disk>
<disk type='block' device='disk'><driver name='qemu' type='raw'/>
<source dev='/dev/vg0/{name}'/><target dev='vdb' bus='virtio'/></disk>
<interface type='network'><mac address='{mac}'/><source network='default'/><model type='virtio'/></interface>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
<memballoon model='virtio'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
</devices>{runstate}</domain>"""


def write(folder: Path, *, hosts: int, guests: int) -> list[Path]:
    """Describe `hosts` hosts, each with `guests` guests of which every fifth is shut off; one file each in `folder`.

    The same call gives the same names, UUIDs and MAC addresses, and none of them twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(hosts):
        file = folder / f"fleet{number:04}.xml"
        file.write_text(_node(file.stem, number, guests))
        files.append(file)
    return files


def uri(host: Host, file: Path) -> str:
    """The URI of the host that `file` describes, through the libvirtd of a lab host."""
    return f"test+unix://{file}?socket={host.socket}"


def write_site(folder: Path, host: Host, files: Sequence[Path]) -> None:
    """Write a site with a host for each file, for `omc --site`."""
    hosts = {file.stem: {"libvirt_uri": uri(host, file)} for file in files}
    (folder / "inventory").mkdir(parents=True, exist_ok=True)
    (folder / "inventory" / "hosts.yaml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}, width=1000))


def _node(host: str, number: int, guests: int) -> str:
    return f"<node>{_CPU}{''.join(_guest(host, number, index) for index in range(guests))}{_POOL}{_NETWORK}</node>"


def _guest(host: str, number: int, index: int) -> str:
    low = f"{number:04x}{index:04x}"
    return _GUEST.format(
        name=f"{host}-guest{index:03}",
        host=host,
        uuid=uuid.uuid5(_NAMESPACE, low),
        mac=f"52:54:{low[0:2]}:{low[2:4]}:{low[4:6]}:{low[6:8]}",
        runstate=_SHUT_OFF if index % 5 == 4 else "",
    )
