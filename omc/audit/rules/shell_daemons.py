"""Rules on the configuration of libvirt's daemons, asked by --ssh: who may connect, certificates, locks, limits."""

from omc.audit.machine import Machine
from omc.audit.rule import Found, Missing, Seen, Verdicts, host_rule, shell_rule
from omc.model import Host
from omc.model.pools import SHARED_POOLS

_READS = ("shell",)
_DAY = 86_400
_SHARED = SHARED_POOLS - {"rbd"} | {"scsi", "mpath"}
"""Kinds of pools whose storage several hosts can write; RBD has locks of its own."""


@shell_rule(
    "H20",
    severity="critical",
    title="libvirt listens on TCP without asking who connects",
    reason="Whoever reaches the port is root on the host.",
    source="libvirt, remote access; libvirtd.conf: auth_tcp",
    fix='on {host}: systemctl disable --now libvirtd-tcp.socket, or auth_tcp = "sasl"; use qemu+ssh or qemu+tls',
    reads=_READS,
)
def open_port(machine: Machine, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found where port 16509 listens and the configuration asks for no authentication."""
    listens = machine.number("tcp")
    if listens is None:
        yield Missing(why="its listening ports were not read")
    elif listens and not _files(machine, "libvirtd.conf", "virtproxyd.conf"):
        yield Missing(why="port 16509 listens, and libvirt's configuration could not be read")
    elif listens and "none" in (_setting(machine, "libvirtd", "auth_tcp"), _setting(machine, "virtproxyd", "auth_tcp")):
        yield Found(message='port 16509 listens, and auth_tcp is "none"')


def _files(machine: Machine, *names: str) -> bool:
    return any(name in machine.all("file") for name in names)


def _setting(machine: Machine, daemon: str, name: str) -> str | None:
    return machine.pairs(daemon).get(name)


@shell_rule(
    "H21",
    severity="warning",
    title="TLS certificate of libvirt ends soon, or has ended",
    reason="From that second nothing connects by TLS: no management, no migration.",
    source="libvirt, TLS certificates; RVTools, vHealth",
    fix="make a new certificate for {host}, then systemctl reload virtproxyd or libvirtd",
    reads=_READS,
    limits={"days": 30},
)
def certificate_ends(machine: Machine, seen: Seen) -> Verdicts:
    """Found for each certificate; critical once it has ended."""
    from ssl import cert_time_to_seconds  # not before it is needed: it brings OpenSSL

    ends = machine.pairs("expires")
    for path in machine.all("certificate"):
        try:
            left = (cert_time_to_seconds(ends.get(path, "")) - _seconds(seen.now)) / _DAY
        except ValueError:
            yield Missing(
                why=f"the last day of {path} was not read: it needs openssl there, and a user who may read it"
            )
            continue
        if left < 0:
            yield Found(message=f"{path} ended on {ends[path]}", severity="critical")
        elif left < seen.limits["days"]:
            yield Found(message=f"{path} ends in {left:.0f} days, on {ends[path]}")


def _seconds(now: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(now).timestamp()


@host_rule(
    "H22",
    severity="warning",
    title="Guests migrate unencrypted over the network that everything uses",
    reason="The memory of a guest, keys and passwords in it, crosses the network as it is.",
    source="libvirt, migration: security; OpenStack Nova, QEMU-native TLS",
    fix="on {host}: migration_address in /etc/libvirt/qemu.conf on an own network, or certificates in /etc/pki/qemu",
    reads=("Host.live_migration", "cluster", *_READS),
)
def open_migration(host: Host, seen: Seen) -> Verdicts:
    """Found in clusters of several hosts, where neither an own address nor a certificate is set up."""
    if host.live_migration is False or len(seen.cluster.hosts) < 2:
        return
    machine = seen.machine(host.name)
    if isinstance(machine, Missing):
        yield machine
    elif not _files(machine, "qemu.conf"):
        yield Missing(why="/etc/libvirt/qemu.conf could not be read")
    else:
        names = ("migration_address", "migration_host", "migrate_tls_force", "migrate_tls_x509_cert_dir")
        own = any(_setting(machine, "qemu", name) not in (None, "", "0", "0.0.0.0", "::") for name in names)  # noqa: S104
        if not own and "/etc/pki/qemu/server-cert.pem" not in machine.all("certificate"):
            yield Found(message="neither migration_address nor a certificate of QEMU is set up")


@host_rule(
    "H23",
    severity="warning",
    title="Storage is shared, and no lock manager guards it",
    reason="The same guest started on two hosts writes the same disk twice and destroys it.",
    source="libvirt, docs/kbase/locking.rst",
    fix='on {host}: lock_manager = "lockd" in /etc/libvirt/qemu.conf, systemctl enable --now virtlockd.socket',
    reads=("Host.pools", *_READS),
)
def no_locks(host: Host, seen: Seen) -> Verdicts:
    """Found where a pool is of a kind that several hosts write, and lock_manager is not set."""
    if host.pools is None:
        yield Missing(why="the host's pools were not read")
        return
    shared = [pool.name for pool in host.pools if pool.type in _SHARED]
    if not shared:
        return
    machine = seen.machine(host.name)
    if isinstance(machine, Missing):
        yield machine
    elif not _files(machine, "qemu.conf"):
        yield Missing(why="/etc/libvirt/qemu.conf could not be read")
    elif _setting(machine, "qemu", "lock_manager") in (None, "", "nop"):
        yield Found(message=f"pool {', '.join(shared[:3])} is shared, and lock_manager is not set")


@shell_rule(
    "H33",
    severity="warning",
    title="libvirt's daemon takes fewer requests than its default",
    reason="Who monitors and manages the host waits, and a client at its limit loses its connection.",
    source="libvirt, libvirtd.conf: max_workers, max_client_requests, max_clients",
    fix="on {host}: raise them in /etc/libvirt/libvirtd.conf or virtqemud.conf, then restart the daemon",
    reads=_READS,
    limits={"max_workers": 20, "max_client_requests": 5, "max_clients": 100},
)
def small_daemon(machine: Machine, seen: Seen) -> Verdicts:
    """Found for each setting below its limit; what is not set has libvirt's default."""
    if not _files(machine, "libvirtd.conf", "virtqemud.conf"):
        yield Missing(why="neither libvirtd.conf nor virtqemud.conf could be read")
        return
    for daemon in ("libvirtd", "virtqemud"):
        for name, least in seen.limits.items():
            value = _setting(machine, daemon, name) or ""
            if value.strip().isdecimal() and int(value) < least:
                yield Found(message=f"{daemon}.conf: {name} is {value.strip()}, below {least:g}")
