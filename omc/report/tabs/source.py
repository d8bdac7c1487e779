"""vSource: a row a host, with the libvirt that was asked."""

from omc.report import hosts
from omc.report.hosts import hosts_tab
from omc.report.tab import Column

TAB = hosts_tab(
    "vSource",
    "libvirt that was asked",
    (
        Column("Name", "text", lambda scene: scene.host.name, "name of the host in the site"),
        Column("API type", "text", lambda _: "libvirt", "always libvirt"),
        Column("API version", "text", lambda scene: scene.host.libvirt_version, "of the daemon"),
        Column("Product name", "text", lambda scene: scene.host.driver, "QEMU, LXC, TEST …"),
        Column("Product version", "text", lambda scene: scene.host.hypervisor_version, "of the hypervisor"),
        *hosts.TAIL,
    ),
)
