"""Rules on what a host is able to run: acceleration, IOMMU, memory encryption, guests that are larger than it."""

from omc.audit.rule import Found, Missing, Seen, Verdicts, host_rule
from omc.model import Host

_ENCRYPTION = ("sev", "sev-es", "sev-snp", "tdx", "s390-pv")


def is_qemu(host: Host) -> bool:
    """Tell whether the host runs guests by QEMU; an unknown driver counts as QEMU."""
    return host.driver in (None, "QEMU")


@host_rule(
    "H01",
    severity="critical",
    title="Host offers no hardware acceleration",
    reason="Without KVM every guest is emulated and runs many times slower.",
    source="libvirt, virt-host-validate: QEMU, hardware virtualization",
    fix="turn on VT-x or AMD-V in the firmware of {host}, and load kvm_intel or kvm_amd",
    reads=("Host.architectures", "Host.driver"),
)
def no_acceleration(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where no architecture of a QEMU host offers the type kvm."""
    if not is_qemu(host):
        return
    if not host.architectures:
        yield Missing(why="the host's capabilities were not read")
    elif not any("kvm" in found.types for found in host.architectures):
        yield Found(message="its libvirt offers emulated guests only, none of the type kvm")


@host_rule(
    "H06",
    severity="info",
    title="IOMMU is off or missing",
    reason="Devices can be given to guests safely only behind an IOMMU.",
    source="libvirt, virt-host-validate: QEMU, IOMMU",
    fix="turn on VT-d or AMD-Vi in the firmware of {host}; on Intel also boot with intel_iommu=on",
    reads=("Host.iommu", "Guest.host_devices"),
)
def no_iommu(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where capabilities say so; a warning where a guest has a PCI device of the host."""
    if not is_qemu(host):
        return
    if host.iommu is None:
        yield Missing(why="the host's capabilities say nothing of an IOMMU")
    elif not host.iommu:
        users = [guest.name for guest in host.guests if any(one.type == "pci" for one in guest.host_devices)]
        what = f", and {', '.join(users[:3])} has a PCI device of the host" if users else ""
        yield Found(message=f"the IOMMU is not on{what}", severity="warning" if users else "")


@host_rule(
    "H07",
    severity="info",
    title="Host cannot encrypt the memory of guests",
    reason="Confidential guests (SEV, SEV-SNP, TDX, s390 protected virtualization) need a host that can do it.",
    source="libvirt, virt-host-validate: QEMU, secure guest support",
    fix="nothing, unless confidential guests are wanted: then turn it on in firmware and kernel of {host}",
    reads=("Host.domain_capabilities",),
)
def no_encryption(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where no domain capabilities of KVM name one of the ways."""
    if not is_qemu(host):
        return
    if host.domain_capabilities is None:
        yield Missing(why="domain capabilities were not read: omc inventory --read-write")
    elif not any(found.features.get(way) for found in host.domain_capabilities for way in _ENCRYPTION):
        yield Found(message="neither SEV, TDX nor s390 protected virtualization is there")


@host_rule(
    "H15",
    severity="critical",
    title="Guest has more vCPUs than its host has CPUs",
    reason="Its vCPUs wait for each other on the same CPUs: it gets slower with each one more.",
    source="Proxmox VE, qm: CPU",
    fix="virsh setvcpus {guest} --config --maximum COUNT with at most the host's CPUs",
    reads=("Guest.vcpus", "Host.cpu.count"),
)
def too_many_vcpus(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found for each such guest, running or not."""
    if host.cpu.count is None:
        yield Missing(why="how many CPUs the host has was not read")
        return
    for guest in host.guests:
        if guest.vcpus is None:
            yield Missing(why="its vCPUs were not read", subject=f"guest/{guest.name}")
        elif guest.vcpus > host.cpu.count:
            message = f"{guest.vcpus} vCPUs on a host with {host.cpu.count} CPUs"
            yield Found(message=message, subject=f"guest/{guest.name}")


@host_rule(
    "H19",
    severity="warning",
    title="Guests are not confined by SELinux or AppArmor",
    reason="A guest that breaks out of QEMU reaches the disks of all others, where nothing but file owners is between.",
    source="libvirt, docs/kbase/secureusage.rst: security drivers",
    fix="on {host}: security_driver in /etc/libvirt/qemu.conf to selinux or apparmor, and the kernel booted with it",
    reads=("Host.security_models", "Host.architectures"),
)
def unconfined(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where neither is among the security models."""
    models = [found.model for found in host.security_models]
    if not is_qemu(host):
        return
    if not models and not host.architectures:
        yield Missing(why="the host's capabilities were not read")
    elif not {"selinux", "apparmor"} & set(models):
        yield Found(message=f"its security models are {', '.join(models) or 'none'}")
