"""vHost: a row a host, with its hardware and how full it is."""

from omc.model import Bios, Guest, Host, System
from omc.report import hosts, words
from omc.report.hosts import hosts_tab
from omc.report.tab import Column, HostScene
from omc.report.tabs.adapters import adapters


def active(host: Host) -> list[Guest] | None:
    """Return the guests that take memory now; None where the host was never read."""
    return None if host.collected_at is None else [guest for guest in host.guests if guest.active]


def cores(host: Host) -> int | None:
    """Return the cores of the whole host."""
    cpu = host.cpu
    return cpu.sockets * cpu.cores_per_socket if cpu.sockets and cpu.cores_per_socket else None


def running(host: Host) -> int | None:
    """Return how many guests run."""
    guests = active(host)
    return None if guests is None else len(guests)


def vcpus(host: Host) -> int | None:
    """Return the vCPUs of the guests that run."""
    guests = active(host)
    return None if guests is None else sum(guest.vcpus or 0 for guest in guests)


def memory(host: Host) -> int | None:
    """Return the memory of the guests that run, bytes."""
    guests = active(host)
    return None if guests is None else sum(guest.memory_bytes or 0 for guest in guests)


def _all(host: Host) -> int | None:
    return None if host.collected_at is None else len(host.guests)


def _system(scene: HostScene) -> System:
    hardware = scene.host.hardware
    return (hardware and hardware.system) or System()


def _bios(scene: HostScene) -> Bios:
    hardware = scene.host.hardware
    return (hardware and hardware.bios) or Bios()


def _devices(scene: HostScene, kind: str) -> int | None:
    found = adapters(scene, kind)
    return None if found is None else len(found)


def _used(scene: HostScene) -> int | None:
    host = scene.host
    return (
        None
        if host.memory_bytes is None or host.memory_free_bytes is None
        else host.memory_bytes - host.memory_free_bytes
    )


def _product(scene: HostScene) -> str | None:
    host = scene.host
    return " ".join(part for part in (host.driver, host.hypervisor_version) if part) or None


def _threads(scene: HostScene) -> bool | None:
    threads = scene.host.cpu.threads_per_core
    return None if threads is None else threads > 1


def _huge_pages(scene: HostScene) -> str | None:
    found: dict[int, int] = {}
    for pages in (pages for cell in scene.host.cells for pages in cell.huge_pages if pages.total):
        found[pages.size_bytes] = found.get(pages.size_bytes, 0) + pages.total
    return words.joined(f"{count} of {size // 1024} KiB" for size, count in found.items())


COLUMNS = (
    *hosts.HEAD,
    Column("Config status", "text", lambda scene: scene.host.status, "ok, partial, unreachable"),
    Column("CPU Model", "text", lambda scene: scene.host.cpu.model, "libvirt's named model"),
    Column("Speed", "number", lambda scene: scene.host.cpu.mhz, "MHz"),
    Column("HT Active", "boolean", _threads, "more than one thread a core"),
    Column("# CPU", "number", lambda scene: scene.host.cpu.sockets, "sockets"),
    Column("Cores per CPU", "number", lambda scene: scene.host.cpu.cores_per_socket, ""),
    Column("# Cores", "number", lambda scene: cores(scene.host), ""),
    Column("# Memory", "mib", lambda scene: words.mib(scene.host.memory_bytes), "MiB"),
    Column("Memory usage %", "percent", lambda scene: words.share(_used(scene), scene.host.memory_bytes), "not free"),
    Column(
        "# NICs",
        "number",
        lambda scene: _devices(scene, "net"),
        "network interfaces, virtual ones included, without the loopback",
    ),
    Column("# HBAs", "number", lambda scene: _devices(scene, "scsi_host"), "storage adapters"),
    Column("# VMs total", "number", lambda scene: _all(scene.host), "guests"),
    Column("# VMs", "number", lambda scene: running(scene.host), "guests that run"),
    Column("VMs per Core", "decimal", lambda scene: words.ratio(running(scene.host), cores(scene.host)), ""),
    Column("# vCPUs", "number", lambda scene: vcpus(scene.host), "of guests that run"),
    Column("vCPUs per Core", "decimal", lambda scene: words.ratio(vcpus(scene.host), cores(scene.host)), ""),
    Column(
        "vRAM",
        "mib",
        lambda scene: words.mib(memory(scene.host)),
        "MiB of guests that run",
    ),
    Column("VMotion support", "boolean", lambda scene: scene.host.live_migration, "live migration"),
    Column("ESX Version", "text", _product, "hypervisor"),
    Column("Vendor", "text", lambda scene: _system(scene).manufacturer, "SMBIOS"),
    Column("Model", "text", lambda scene: _system(scene).product, "SMBIOS"),
    Column("Serial number", "text", lambda scene: _system(scene).serial, "SMBIOS"),
    Column("OEM specific string", "long", lambda scene: _oem(scene.host), "SMBIOS"),
    Column("BIOS Vendor", "text", lambda scene: _bios(scene).vendor, "SMBIOS"),
    Column("BIOS Version", "text", lambda scene: _bios(scene).version, "SMBIOS"),
    Column("BIOS Date", "text", lambda scene: _bios(scene).date, "SMBIOS, as the vendor writes it"),
    Column("UUID", "text", lambda scene: scene.host.uuid, "of the host"),
    *hosts.TAIL,
    Column("omc Status reason", "long", lambda scene: scene.host.status_reason, "why it is not ok"),
    Column("omc Collected at", "time", lambda scene: words.moment(scene.host.collected_at), "UTC"),
    Column("omc Hostname", "text", lambda scene: scene.host.hostname, "as the host calls itself"),
    Column("omc Groups", "text", lambda scene: words.joined(scene.host.groups), "of the site"),
    Column("omc libvirt", "text", lambda scene: scene.host.libvirt_version, "version of the daemon"),
    Column("omc Architecture", "text", lambda scene: scene.host.cpu.arch, ""),
    Column("omc Logical CPUs", "number", lambda scene: scene.host.cpu.count, "online"),
    Column("omc NUMA cells", "number", lambda scene: len(scene.host.cells) or None, ""),
    Column("omc Microcode", "text", lambda scene: scene.host.cpu.microcode, ""),
    Column("omc Memory free MiB", "mib", lambda scene: words.mib(scene.host.memory_free_bytes), "now"),
    Column("omc Huge pages", "text", _huge_pages, "reserved, by size"),
    Column("omc Security models", "text", lambda scene: _models(scene.host), "what keeps guests apart"),
    Column("omc IOMMU", "boolean", lambda scene: scene.host.iommu, "supported and on"),
    Column("omc Read-only", "boolean", lambda scene: scene.host.read_only, "the connection that read this"),
    Column("omc Issues", "number", lambda scene: len(scene.host.issues), "see the tab omcIssues"),
)


def _oem(host: Host) -> str | None:
    return words.joined(host.hardware.oem_strings) if host.hardware else None


def _models(host: Host) -> str | None:
    return words.joined(model.model for model in host.security_models)


TAB = hosts_tab("vHost", "host", COLUMNS)
