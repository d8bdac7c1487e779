"""One KVM host of the lab: where it is, how to connect to its libvirt, how to run something on it."""

import enum
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import libvirt
import msgspec

from tests.lab import tls
from tests.lab.client import Client
from tests.lab.process import Starting, run

_SCRIPTS = Path(__file__).parent
_SHADOW = Path("/etc/shadow")


class Flavour(enum.StrEnum):
    """What listens on a host: libvirtd, the same on modular daemons' sockets, also with TLS, or for containers."""

    MONOLITHIC = "monolithic"
    MODULAR = "modular"
    TLS = "tls"
    LXC = "lxc"


class Host(msgspec.Struct, frozen=True):
    """One host of a lab; `root` is its folder, which holds its /run, /etc/libvirt, /var/lib/libvirt and logs."""

    name: str
    address: str
    root: str
    uuid: str
    flavour: Flavour = Flavour.MONOLITHIC

    @property
    def folder(self) -> Path:
        return Path(self.root)

    @property
    def pid(self) -> int:
        """The pid of the host's init, as this machine counts."""
        return int((self.folder / "pid").read_text())

    @property
    def images(self) -> Path:
        """The host's /var/lib/libvirt/images, as a path of this machine."""
        return self.folder / "lib" / "images"

    @property
    def socket(self) -> Path:
        """The socket of the host's libvirt, as a path of this machine."""
        name = "virtqemud-sock" if self.flavour is Flavour.MODULAR else "libvirt-sock"
        return self.folder / "run" / "libvirt" / name

    @property
    def local_uri(self) -> str:
        """The URI through the socket: no ssh, no network."""
        return f"{_driver(self.flavour)}+unix:///system?socket={self.socket}"

    @contextmanager
    def connect(self, uri: str = "") -> Iterator[libvirt.virConnect]:
        """An open read-write connection, through the socket if no other `uri` is given."""
        connection = libvirt.open(uri or self.local_uri)
        try:
            yield connection
        finally:
            connection.close()

    def run(self, *command: str, text: str = "") -> str:
        """What `command` prints when it runs as root on the host; LabError if it fails."""
        return run("nsenter", "--target", str(self.pid), "--all", "--", *command, text=text)

    def start_libvirt(self) -> None:
        """Start the libvirt daemons of the host and return when they take connections."""
        self.run(str(_SCRIPTS / "daemons.sh"), self.flavour)

    def libvirt_pid(self) -> int:
        """The pid of the daemon that owns the guests, as the host counts (for `run("kill", …)`)."""
        return int((self.folder / "run" / "libvirtd.pid").read_text())

    def guest_pid(self, name: str) -> int:
        """The pid of a running guest's QEMU, as the host counts."""
        return int((self.folder / "run" / "libvirt" / "qemu" / f"{name}.pid").read_text())

    def kill_libvirt(self) -> None:
        """End the libvirt daemon at once, and return when it has ended; `start_libvirt` brings it back."""
        # The host's init reaps it, so `tail`, which looks once a moment, sees its end at once.
        pid = str(self.libvirt_pid())
        self.run("sh", "-c", 'kill -KILL "$1"; exec tail -s 0.01 --pid="$1" -f /dev/null', "kill", pid)


def prepare(host: Host, client: Client) -> None:
    """Write the files that the host needs before it starts: configuration, ssh keys, images folder."""
    for name in ("run", "etc", "log", "cache", "ssh", "lib/images"):
        (host.folder / name).mkdir(parents=True)
    (host.folder / "hosts").write_text(f"127.0.0.1 localhost\n{host.address} {host.name}\n")
    shutil.copy2(_SHADOW, host.folder / "shadow")
    _unlock_root(host.folder / "shadow")
    if host.flavour is Flavour.TLS:
        if not client.pki.exists():
            tls.authority(client.pki)
        tls.give_server(client.pki, host.folder / "etc" / "pki", host.address)
    _write_libvirt_configuration(host)
    _write_sshd_configuration(host, client)


def start(host: Host, hub: int) -> Starting:
    """Start the host below the hub's init; `wait` on the answer returns when it is up."""
    enter = ["nsenter", "--target", str(hub), "--net", "--mount", "--pid", "--", "setsid", "--fork"]
    spaces = ["--net", "--mount", "--uts", "--pid", "--ipc", "--propagation", "private"]
    script = ["tini", "-g", "--", "bash", str(_SCRIPTS / "host.sh")]
    arguments = [host.name, host.root, f"{host.address}/24", str(hub), str(host.flavour)]
    return Starting(
        [*enter, "unshare", *spaces, "--fork", "--kill-child", *script, *arguments], host.folder / "log" / "host.log"
    )


def uri(host: Host, client: Client, *, address: str = "") -> str:
    """The libvirt URI of the host for this client; `address` stands for its own where that is to be filled in later."""
    if host.flavour is Flavour.TLS:
        return tls.uri(client.pki, address or host.address)
    return client.uri(address or host.address, driver=_driver(host.flavour))


def new_uuid() -> str:
    """A UUID for a host: without one of its own it refuses to migrate guests to a neighbour."""
    return str(uuid.uuid4())


def _driver(flavour: Flavour) -> str:
    return "lxc" if flavour is Flavour.LXC else "qemu"


def _unlock_root(shadow: Path) -> None:
    """Without PAM, sshd refuses an account whose password field starts with "!"; with "*" only no password fits."""
    lines = [
        ":".join(["root", "*", *line.split(":")[2:]]) if line.startswith("root:") else line
        for line in shadow.read_text().splitlines()
    ]
    shadow.write_text("\n".join(lines) + "\n")


def _write_libvirt_configuration(host: Host) -> None:
    daemon = [
        f'host_uuid = "{host.uuid}"',
        'auth_unix_ro = "none"',
        'auth_unix_rw = "none"',
        'log_outputs = "3:file:/var/log/libvirt/libvirtd.log"',
    ]
    if host.flavour is Flavour.TLS:
        daemon += tls.daemon_settings("/etc/libvirt/pki")
    qemu = [
        'user = "root"',
        'group = "root"',
        'security_driver = "none"',
        "namespaces = []",
        "cgroup_controllers = []",
        'stdio_handler = "file"',
        'migration_address = "0.0.0.0"',
    ]
    (host.folder / "etc" / "libvirtd.conf").write_text("\n".join(daemon) + "\n")
    (host.folder / "etc" / "qemu.conf").write_text("\n".join(qemu) + "\n")


def _write_sshd_configuration(host: Host, client: Client) -> None:
    folder = host.folder / "ssh"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host.name, "-f", str(folder / "host"))
    shutil.copy(client.public_key, folder / "authorized_keys")
    client.trust(host.address, (folder / "host.pub").read_text())
    lines = [
        f"ListenAddress {host.address}",
        f"HostKey {folder}/host",
        f"AuthorizedKeysFile {folder}/authorized_keys",
        "StrictModes no",
        "UsePAM no",
        "PidFile /run/sshd.pid",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "MaxStartups 500",
        "MaxSessions 500",
        "Subsystem sftp internal-sftp",
    ]
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
