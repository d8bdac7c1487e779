"""Rules on a host's kernel, asked by --ssh: devices, cgroups, versions, mitigations, nested guests."""

import re

from omc.audit.machine import Machine
from omc.audit.rule import Found, Missing, Seen, Verdicts, shell_rule

_READS = ("shell",)


def _device(path: str, machine: Machine) -> Verdicts:
    """Found where the device is absent; one that this user may not open says nothing."""
    state = machine.pairs("device").get(path)
    if state is None:
        yield Missing(why=f"{path} was not looked for")
    elif state == "absent":
        yield Found(message=f"there is no {path}")
    elif state == "unusable" and machine.one("user") == "0":
        yield Found(message=f"{path} cannot be read and written")


@shell_rule(
    "H02",
    severity="critical",
    title="/dev/kvm is missing",
    reason="Without it QEMU emulates every instruction.",
    source="libvirt, virt-host-validate: QEMU, /dev/kvm",
    fix="on {host}: modprobe kvm_intel (or kvm_amd); turn on VT-x or AMD-V in the firmware",
    reads=_READS,
)
def no_kvm(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where the device is absent."""
    return _device("/dev/kvm", machine)


@shell_rule(
    "H03",
    severity="warning",
    title="/dev/vhost-net is missing",
    reason="Network packets of guests then go through QEMU instead of the kernel: less throughput, more CPU.",
    source="libvirt, virt-host-validate: QEMU, /dev/vhost-net",
    fix="on {host}: modprobe vhost_net; echo vhost_net >/etc/modules-load.d/vhost_net.conf",
    reads=_READS,
)
def no_vhost(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where the device is absent."""
    return _device("/dev/vhost-net", machine)


@shell_rule(
    "H04",
    severity="critical",
    title="/dev/net/tun is missing",
    reason="Guests get no network interface on a bridge.",
    source="libvirt, virt-host-validate: QEMU, /dev/net/tun",
    fix="on {host}: modprobe tun",
    reads=_READS,
)
def no_tun(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where the device is absent."""
    return _device("/dev/net/tun", machine)


@shell_rule(
    "H05",
    severity="warning",
    title="Control groups are missing",
    reason="Limits and statistics of guests do not work without their controllers.",
    source="libvirt, virt-host-validate: QEMU, cgroup controllers",
    fix="on {host}: boot with the controller on (cgroup_enable=memory), and let systemd delegate it",
    reads=_READS,
)
def no_cgroups(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found for controllers that the host's version of control groups should have."""
    unified, old = machine.all("cgroup2"), machine.all("cgroup1")
    if not unified and not old:
        yield Missing(why="its control groups could not be read")
        return
    # The second version has no controllers for accounting and devices: both are always there.
    needed = (
        ("cpu", "cpuset", "memory", "io") if unified else ("cpu", "cpuacct", "cpuset", "memory", "devices", "blkio")
    )
    lacking = [name for name in needed if name not in (unified or old)]
    if lacking:
        yield Found(message=f"no controller {', '.join(lacking)}")


@shell_rule(
    "H09",
    severity="warning",
    title="Host runs an older kernel than it has installed",
    reason="Fixes that are installed are not in force until it boots.",
    source="cv4pve-diag WN0013",
    fix="move its guests away, then boot {host}",
    reads=_READS,
)
def old_kernel(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where a newer kernel of the same flavour is in /boot, or the distribution says that a boot is due."""
    runs = machine.one("kernel") or ""
    same = [one for one in machine.all("installed") if _flavour(one) == _flavour(runs) and "rescue" not in one]
    newest = max(same, key=_version, default="")
    if newest and _version(newest) > _version(runs):
        yield Found(message=f"it runs {runs}, and {newest} is installed")
    elif machine.one("reboot"):
        yield Found(message="its distribution says that a boot is due")
    elif not runs or not same:
        yield Missing(why="no kernel of the running one's flavour is in /boot")


def _flavour(kernel: str) -> str:
    """Return what is left of a release without its numbers: "amd64", "el_x86_64"."""
    return re.sub(r"[\d.\-+~]", "", kernel)


def _version(kernel: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", kernel)))


@shell_rule(
    "H10",
    severity="warning",
    title="CPU is vulnerable, and nothing mitigates it",
    reason="A guest may read the memory of the host and of other guests.",
    source="Linux, Documentation/admin-guide/hw-vuln; Proxmox VE, firmware updates",
    fix="on {host}: newer microcode and kernel, no mitigations=off; then boot",
    reads=_READS,
)
def vulnerable(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found once a host, with the names that the kernel gives."""
    told = machine.pairs("vulnerability")
    names = [name for name, state in sorted(told.items()) if state.startswith("Vulnerable")]
    if names:
        yield Found(message=f"the kernel calls it vulnerable to {', '.join(names)}")
    elif not told:
        yield Missing(why="its kernel tells nothing of vulnerabilities")


@shell_rule(
    "H34",
    severity="info",
    title="Nested virtualization is not as the site intends",
    reason="Guests that are hosts themselves widen what can be attacked, and cannot always be moved.",
    source="Linux, Documentation/virt/kvm: nested guests",
    fix="on {host}: options kvm_intel nested=0 (or kvm_amd) in /etc/modprobe.d/; or set its limit `nested` to 1",
    reads=_READS,
    limits={"nested": 0},
)
def nested(machine: Machine, seen: Seen) -> Verdicts:
    """Found where the module's parameter is not what the limit `nested` says: 0 off, 1 on."""
    state = machine.one("nested")
    if state is None:
        yield Missing(why="no module of KVM tells")
    elif (state in ("Y", "1")) != bool(seen.limits["nested"]):
        yield Found(message=f"it is {'on' if state in ('Y', '1') else 'off'}")
