"""Many hosts at once: brought up together, and gone with the process that made them."""

import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.lab.process import LabError, kill, run, start_time
from tests.lab.requirements import missing_for
from tests.sshd.host import ADDRESS, Options, SshHost, prepare, wait

_COMMANDS = ("sshd", "ssh-keygen", "sudo", "openssl", "tini", "nsenter", "unshare", "pivot_root", "pkill")
# Below the range from which the kernel takes the ports of outgoing connections.
_PORTS = range(20_000, 32_000)


def missing() -> str:
    """Why there can be no such hosts here, in one line; empty if there can."""
    return missing_for("hosts for SSH need", _COMMANDS)


class SshHosts:
    """The hosts of one test or bench; `folder` holds the client's key and known_hosts, and all that is theirs."""

    def __init__(self) -> None:
        if lacking := missing():
            raise LabError(lacking)
        self.folder = Path(tempfile.mkdtemp(prefix="omc-sshd-"))
        self.key_file = self.folder / "id"
        self.known_hosts = self.folder / "known_hosts"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "omc", "-f", str(self.key_file))
        self._hosts: dict[str, SshHost] = {}
        self._ports: set[int] = set()  # given out, to a host that is up or not yet
        spaces = ("--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")
        command = ["unshare", *spaces, "tini", "-s", "--", "bash", str(Path(__file__).with_name("hub.sh"))]
        # At the end of this process, however it comes, the hub's stdin ends, and so do the hub and the hosts.
        self._hub = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def hosts(self) -> Mapping[str, SshHost]:
        """The hosts by name, in the order in which they were added."""
        return self._hosts

    @property
    def ssh_config(self) -> Path:
        """A configuration for `ssh -F`, Ansible and omc: each host by its name, and nothing of this machine's own."""
        return self.folder / "ssh_config"

    def add(self, *names: str, options: Options | None = None) -> list[SshHost]:
        """Bring up more hosts, all at the same time."""
        added = [self._plan(name, options or Options()) for name in names]
        assert self._hub.stdin is not None
        self._hub.stdin.writelines(f"{host.folder}\n" for host in added)
        self._hub.stdin.flush()
        for host in added:
            wait(host)
        self._hosts |= {host.name: host for host in added}
        self._write()
        return added

    def remove(self, *hosts: SshHost) -> None:
        """End all processes of these hosts, and forget them."""
        for host in hosts:
            init = int((host.folder / "init").read_text())
            kill(init, start_time(init))
            del self._hosts[host.name]
            shutil.rmtree(host.folder)
        self._write()

    def down(self) -> None:
        """End every process of every host and remove all files; nothing of it waits for a host."""
        assert self._hub.stdin is not None
        self._hub.stdin.close()
        try:
            self._hub.wait(10)
        finally:
            self._hub.kill()
            self._hub.wait(10)
            shutil.rmtree(self.folder)

    def write_site(self, folder: Path, variables: Mapping[str, object] | None = None) -> Path:
        """Write `inventory/hosts.yaml` with the hosts, for omc and for Ansible; give the folder of the site."""
        import yaml

        every = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self.key_file),
            "ansible_ssh_common_args": f"-F {self.ssh_config}",
            **(variables or {}),
        }
        hosts = {host.name: {"ansible_host": host.address, "ansible_port": host.port} for host in self._hosts.values()}
        (folder / "inventory").mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump({"all": {"vars": every, "hosts": hosts}}, sort_keys=False, width=1000)
        (folder / "inventory" / "hosts.yaml").write_text(text)
        return folder

    def _plan(self, name: str, options: Options) -> SshHost:
        folder = self.folder / name
        folder.mkdir()
        host = SshHost(name, self._free_port(), str(folder), str(self.key_file), str(self.known_hosts))
        shutil.copy(f"{self.key_file}.pub", folder / "authorized_keys")
        prepare(host, options)
        return host

    def _free_port(self) -> int:
        for port in random.SystemRandom().sample(_PORTS, 200):
            if port not in self._ports and _is_free(port):
                self._ports.add(port)
                return port
        raise LabError("200 ports of loopback are in use")

    def _write(self) -> None:
        known = (f"[{host.address}]:{host.port} {host.public_key}\n" for host in self._hosts.values())
        self.known_hosts.write_text("".join(known))
        lines = [
            "UserKnownHostsFile " + str(self.known_hosts),
            "GlobalKnownHostsFile /dev/null",
            f"IdentityFile {self.key_file}",
            "IdentitiesOnly yes",
            "KexAlgorithms curve25519-sha256",
        ]
        for host in self._hosts.values():
            lines += [f"Host {host.name}", f"  HostName {host.address}", f"  Port {host.port}", "  User root"]
        self.ssh_config.write_text("\n".join(lines) + "\n")


def up(*names: str, options: Options | None = None) -> SshHosts:
    """Bring up hosts of these names; as a context manager the answer takes them down at the end."""
    hosts = SshHosts()
    try:
        hosts.add(*names, options=options)
    except BaseException:
        hosts.down()
        raise
    return hosts


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True
