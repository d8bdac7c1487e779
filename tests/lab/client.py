"""What reaches the hosts of a lab over SSH: a key, known hosts, and an `ssh` that uses nothing else."""

import shlex
from pathlib import Path

import msgspec

from tests.lab.process import run


class Client(msgspec.Struct, frozen=True):
    """The client's side of a lab's SSH, in the folder `root`."""

    root: str

    @property
    def folder(self) -> Path:
        return Path(self.root)

    @property
    def key(self) -> Path:
        """The private key that every host lets in as root."""
        return self.folder / "id"

    @property
    def public_key(self) -> Path:
        return self.folder / "id.pub"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        return self.folder / "ssh_config"

    @property
    def ssh(self) -> Path:
        """A program that is called like `ssh`: libvirt's URIs take no file of known hosts for it, but a command."""
        return self.folder / "ssh"

    @property
    def pki(self) -> Path:
        """The folder of the certificates for TLS; not there before the lab's first host with TLS."""
        return self.folder / "pki"

    def uri(self, host: str, *, driver: str = "qemu") -> str:
        """The libvirt URI over SSH of the host at an address (or of a template such as `{{ ansible_host }}`)."""
        return f"{driver}+ssh://root@{host}/system?no_tty=1&keyfile={self.key}&command={self.ssh}"

    def trust(self, address: str, public_key: str) -> None:
        """Let `public_key` be the one known key of the host at `address`."""
        kind, key = public_key.split()[:2]
        self.forget(address)
        with self.known_hosts.open("a") as file:
            file.write(f"{address} {kind} {key}\n")

    def forget(self, address: str) -> None:
        """Make the host at `address` an unknown one."""
        lines = self.known_hosts.read_text().splitlines() if self.known_hosts.exists() else []
        kept = [line for line in lines if line.split()[0] != address]
        self.known_hosts.write_text("".join(f"{line}\n" for line in kept))


def create(folder: Path) -> Client:
    """Make a new key and the files around it in `folder`, which is created."""
    folder.mkdir()
    client = Client(str(folder))
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(client.key))
    options = [
        f"IdentityFile {client.key}",
        "IdentitiesOnly yes",
        f"UserKnownHostsFile {client.known_hosts}",
        "GlobalKnownHostsFile /dev/null",
        "StrictHostKeyChecking yes",
        "UpdateHostKeys no",
        "KexAlgorithms curve25519-sha256",
    ]
    client.ssh_config.write_text("".join(f"{option}\n" for option in options))
    client.ssh.write_text(f'#!/bin/sh\nexec ssh -F {shlex.quote(str(client.ssh_config))} "$@"\n')
    client.ssh.chmod(0o755)
    return client
