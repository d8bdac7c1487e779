"""A site whose templates make libvirt objects on the lab's host kvm1, for the tests of such."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import libvirt
import pytest
import yaml

from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Answer, Omc

NAME = "omc-object"
NETWORK = f"""<network><name>{NAME}</name><bridge name="omc-test" delay="0"/>
<ip address="10.201.0.1" netmask="255.255.255.0">
<dhcp><range start="10.201.0.2" end="10.201.0.{{{{ n | default(9) }}}}"/></dhcp></ip></network>"""
POOL = f"<pool type='dir'><name>{NAME}</name><target><path>/var/lib/libvirt/{NAME}{{{{ n }}}}</path></target></pool>"
SECRET = f"<secret><description>{{{{ n }}}}</description><usage type='ceph'><name>{NAME}</name></usage></secret>"
FILTER = f"""<filter name="{NAME}"><filterref filter="no-mac-spoofing"/>
<rule action="drop" direction="out" priority="50{{{{ n | default(0) }}}}"><all/></rule></filter>"""
GUEST = f"""<domain type="qemu"><name>{NAME}</name><memory unit="MiB">{{{{ 64 + (n | default(0) | int) }}}}</memory>
<vcpu>1</vcpu><os><type machine="{{{{ machine | default('pc') }}}}">hvm</type></os><features><acpi/></features>
<devices><disk type="file"><source file="/var/lib/libvirt/images/none.img"/><target dev="vda"/></disk>
<disk type="file" device="cdrom"><target dev="sda" bus="sata"/></disk>
<interface type="network"><source network="default"/><model type="virtio"/></interface>
<interface type="bridge"><source bridge="omc-test"/></interface>
<console type="pty"/><channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
<graphics type="vnc" passwd="{{{{ secret('environment:OMC_OBJECT') }}}}"/>
<rng model="virtio"><backend model="random">/dev/urandom</backend></rng></devices></domain>"""
PLAIN_GUEST = GUEST.replace("{{ secret('environment:OMC_OBJECT') }}", "{{ password | default('first-pw') | e }}")
KINDS = {"network": NETWORK, "pool": POOL, "secret": SECRET, "nwfilter": FILTER, "guest": PLAIN_GUEST}
STOP_ONCE = "sh -c 'test -e /run/once || { touch /run/once; kill -STOP $(cat /run/libvirtd.pid); }'"
FILE = "/etc/libvirt/omc-object.conf"


class Site:
    """A site over the lab's host kvm1, whose templates a test writes."""

    def __init__(self, folder: Path, lab: Lab, host: Host) -> None:
        inventory = folder / "site" / "inventory" / "hosts.yaml"
        inventory.parent.mkdir(parents=True)
        inventory.write_text((lab.site / "inventory" / "hosts.yaml").read_text())
        self.omc, self.host = Omc(folder / "site", folder / "state"), host

    def template(
        self, objects: Mapping[str, str], name: str = "objects", *, file: bool = True, **manifest: object
    ) -> None:
        """Write a template with an object of each kind, and with `file` the file."""
        folder = self.omc.site / "templates" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "file.j2").write_text("n = {{ n | default(0) }}\n")
        files: list[dict[str, str]] = [{"template": "file.j2", "path": FILE}] if file else []
        for kind, text in objects.items():
            (folder / f"{kind}.j2").write_text(text.replace("{{ n }}", "{{ n | default(0) }}"))
            files.append({"template": f"{kind}.j2", "target": f"libvirt:{kind}/{NAME}"})
        (folder / "manifest.yaml").write_text(yaml.safe_dump({"files": files} | manifest))

    def __call__(self, command: str, *words: str) -> Answer:
        return self.omc("template", command, *words)

    def apply(self, *words: str) -> Answer:
        return self("apply", "kvm1", "objects", "--yes", *words)

    def plan(self, *words: str) -> Answer:
        return self("plan", "kvm1", "objects", *words)

    def run(self) -> str:
        """The newest run."""
        return str(self("history", "-o", "json").json[0]["run"])

    def file(self) -> str:
        return self.host.run("sh", "-c", f"cat {FILE} 2>/dev/null || echo none").strip()


@pytest.fixture
def site(tmp_path: Path, lab: Lab, host: Host) -> Iterator[Site]:
    """Nothing of these tests is on the host, before and after."""
    yield Site(tmp_path, lab, host)
    with host.connect() as connection:
        for kind in KINDS:
            if (found := find(connection, kind)) is not None:
                if kind in ("network", "pool", "guest") and found.isActive():
                    found.destroy()
                found.undefine()
    host.run("sh", "-c", f"rm -rf /var/lib/omc/* {FILE}")


def find(connection: libvirt.virConnect, kind: str, name: str = NAME) -> "libvirt.virNetwork | None":
    """The object of that kind, or None."""
    lists = {
        "network": connection.listAllNetworks,
        "pool": connection.listAllStoragePools,
        "nwfilter": connection.listAllNWFilters,
        "guest": connection.listAllDomains,
    }
    if kind == "secret":
        return next((secret for secret in connection.listAllSecrets() if secret.usageID() == name), None)
    return next((one for one in lists[kind]() if one.name() == name), None)


def xml(connection: libvirt.virConnect, kind: str) -> str | None:
    """What libvirt keeps of it, passwords included; None where there is none."""
    flags = {"network": 1, "guest": libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE, "pool": 1}
    found = find(connection, kind)
    return None if found is None else found.XMLDesc(flags.get(kind, 0))
