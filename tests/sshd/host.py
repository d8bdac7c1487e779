"""One host: what it may be like, where it is, and how to reach into it past SSH."""

import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.lab.process import LabError, run

ADDRESS = "127.0.0.1"
ADMIN = "admin"
"""A user of every host who is not root, with the same key, and sudo as the host's options say."""
ADMIN_PASSWORD = "Correct horse 1\\n'\"$ä"
_ADMIN_ID = 4711
_UP_SECONDS = 20
_RESTART = """
pid=$(cat /run/sshd.pid)
kill "$pid"
while [ -e "/proc/$pid" ]; do sleep 0.01; done
rm -f /run/sshd.pid
/usr/sbin/sshd -f /srv/sshd_config -E /srv/sshd.log
until [ -e /run/sshd.pid ]; do sleep 0.01; done
"""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a host is like; the defaults are those of a usual host whose root may log in with the key."""

    sshd: tuple[str, ...] = ()  # lines of sshd_config; they win over the others
    max_startups: str = "500"  # "" is OpenSSH's own default, 10:30:100
    sftp: bool = True
    shell: str = "/bin/bash"  # the login shell of root and of admin
    profile: str = ""  # what bash, fish and csh run at every login, interactive or not
    sudo: str = "ALL=(ALL) NOPASSWD: ALL"  # what admin may, as sudoers has it; "" is nothing
    sudo_lines: tuple[str, ...] = ()  # further lines of sudoers
    files: tuple[tuple[str, str], ...] = ()  # path on the host, text


class SshHost(msgspec.Struct, frozen=True):
    """A host that is up, or about to be."""

    name: str
    port: int
    root: str
    key_file: str  # private, and root and admin let it in
    known_hosts: str  # a file that has all hosts of this fleet
    address: str = ADDRESS

    @property
    def folder(self) -> Path:
        return Path(self.root)

    @property
    def public_key(self) -> str:
        """The host key as "ssh-ed25519 AAAA…"."""
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    @property
    def pid(self) -> int:
        """The pid of the host's first process, as this machine counts."""
        return int((self.folder / "pid").read_text())

    @property
    def sshd_log(self) -> str:
        return (self.folder / "sshd.log").read_text(errors="replace")

    def command(self, *command: str) -> list[str]:
        """The command that runs `command` as root on the host."""
        spaces, root = ("--mount", "--pid", "--uts", "--ipc"), f"/proc/{self.pid}/root"
        return ["nsenter", "--target", str(self.pid), *spaces, f"--root={root}", f"--wd={root}", "--", *command]

    def run(self, *command: str, text: str = "") -> str:
        """What `command` prints when it runs as root on the host, past SSH; LabError if it fails."""
        return run(*self.command(*command), text=text)

    def write(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Write a file of the host, its folders too."""
        script = 'mkdir -p "${1%/*}" && cat >"$1" && chmod "$2" "$1"'
        subprocess.run(self.command("sh", "-c", script, "write", path, f"{mode:o}"), input=content, check=True)

    def read(self, path: str) -> bytes:
        """The bytes of a file of the host."""
        done = subprocess.run(self.command("cat", path), capture_output=True, check=False)
        if done.returncode:
            raise LabError(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def signal(self, number: signal.Signals, pattern: str = "sshd") -> None:
        """Send a signal to every process of the host that runs the program of that name."""
        subprocess.run(self.command("pkill", f"-{number.value}", "-x", pattern), check=False)

    def stop(self) -> None:
        """Let every sshd of the host stand still: the host falls silent, its connections stay open."""
        self.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them run again."""
        self.signal(signal.SIGCONT)

    def cut(self) -> None:
        """Kill every connection at once; the listener stays, and what runs on the host gets no signal from here."""
        listener = self.run("cat", "/run/sshd.pid").strip()
        script = 'for pid in $(pgrep -x sshd); do [ "$pid" = "$1" ] || kill -KILL "$pid" 2>/dev/null; done; true'
        self.run("sh", "-c", script, "cut", listener)

    def restart_sshd(self, *, lines: Sequence[str] = ()) -> None:
        """Start sshd anew, with further lines before those of its configuration; open connections stay."""
        configuration = self.folder / "sshd_config"
        if lines:
            configuration.write_text("\n".join([*lines, configuration.read_text()]))
        self.run("sh", "-c", _RESTART)


def prepare(host: SshHost, options: Options) -> None:
    """Write what the host needs before it starts."""
    files = host.folder / "files"
    for name in ("etc/sudoers.d", "root/.ssh", f"home/{ADMIN}"):
        (files / name).mkdir(parents=True)
    (host.folder / "name").write_text(host.name)
    (files / "etc/hosts").write_text(f"127.0.0.1 localhost {host.name}\n")
    (files / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    _host_key(host)
    (host.folder / "sshd_config").write_text("\n".join(_sshd_lines(host, options)) + "\n")
    _users(files, options)
    _profiles(files, options.profile)
    for path, text in options.files:
        place = files / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def wait(host: SshHost) -> None:
    """Return when the host takes connections; LabError with what it said when it does not come up."""
    until = time.monotonic() + _UP_SECONDS
    while not (host.folder / "ready").exists():
        log = (host.folder / "log").read_text(errors="replace") if (host.folder / "log").exists() else ""
        sshd = host.sshd_log if (host.folder / "sshd.log").exists() else ""
        if time.monotonic() > until or log:
            raise LabError(f"the host {host.name} did not come up: {log}{sshd}", where=str(host.folder))
        time.sleep(0.005)


def _host_key(host: SshHost) -> None:
    """A key of its own without a process: ssh-keygen would cost most of the time it takes to bring hosts up."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    file = host.folder / "host_key"
    file.touch(mode=0o600)
    file.write_bytes(private)
    (host.folder / "host_key.pub").write_text(f"{public.decode()} {host.name}\n")


def _sshd_lines(host: SshHost, options: Options) -> list[str]:
    return [
        *options.sshd,
        f"ListenAddress {host.address}",
        f"Port {host.port}",
        "HostKey /srv/host_key",
        "AuthorizedKeysFile /srv/authorized_keys",
        "StrictModes no",
        "UsePAM no",
        "UseDNS no",
        "PidFile /run/sshd.pid",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        *([f"MaxStartups {options.max_startups}"] if options.max_startups else []),
        *(["Subsystem sftp internal-sftp"] if options.sftp else []),
    ]


def _users(files: Path, options: Options) -> None:
    """Without PAM, sshd refuses an account whose password field starts with "!"; with "*" only no password fits."""
    passwd, shadow, group = (Path("/etc", name).read_text().splitlines() for name in ("passwd", "shadow", "group"))
    passwd = [line for line in passwd if not line.startswith((f"{ADMIN}:", "root:"))]
    shadow = [line for line in shadow if not line.startswith((f"{ADMIN}:", "root:"))]
    group = [line for line in group if not line.startswith(f"{ADMIN}:")]
    passwd[:0] = [
        f"root:x:0:0:root:/root:{options.shell}",
        f"{ADMIN}:x:{_ADMIN_ID}:{_ADMIN_ID}::/home/{ADMIN}:{options.shell}",
    ]
    shadow[:0] = ["root:*:19000:0:99999:7:::", f"{ADMIN}:{_password_hash()}:19000:0:99999:7:::"]
    group.append(f"{ADMIN}:x:{_ADMIN_ID}:")
    for name, lines in (("passwd", passwd), ("shadow", shadow), ("group", group)):
        (files / "etc" / name).write_text("\n".join(lines) + "\n")
    (files / "etc" / "shadow").chmod(0o640)
    shutil.chown(files / "home" / ADMIN, _ADMIN_ID, _ADMIN_ID)
    (files / "root").chmod(0o700)
    rule = [f"{ADMIN} {options.sudo}"] if options.sudo else []
    (files / "etc/sudoers.d/omc").write_text("\n".join([*options.sudo_lines, *rule, ""]))
    (files / "etc/sudoers.d/omc").chmod(0o440)


_HASHES: dict[str, str] = {}


def _password_hash() -> str:
    if not _HASHES:
        _HASHES[ADMIN] = run("openssl", "passwd", "-6", "-stdin", text=ADMIN_PASSWORD).strip()
    return _HASHES[ADMIN]


def _profiles(files: Path, text: str) -> None:
    """Bash reads ~/.bashrc when sshd starts it, csh ~/.cshrc, fish its config.fish."""
    for home in ("root", f"home/{ADMIN}"):
        (files / home / ".bashrc").write_text(text)
        (files / home / ".cshrc").write_text(text)
        (files / home / ".config/fish").mkdir(parents=True)
        (files / home / ".config/fish/config.fish").write_text(text)
