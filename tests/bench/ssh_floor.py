"""The floor of applying templates: the least that brings files onto hosts over SSH safely, by paramiko alone.

`ssh_floor.py HOSTS KEY KNOWN_HOSTS FOLDER TARGETS [--threads N]`: HOSTS has a line "NAME ADDRESS PORT" a host; each
FOLDER/*.j2 is rendered for each and lies on the host as TARGETS/NAME/*.conf afterwards. One exec compares by SHA-256,
one more writes each file that differs beside its target, syncs and renames it. No plan, no difference, no old file, no
lock, no record: what omc adds to that. `--probe` only runs `true` on each host.
"""

import argparse
import hashlib
import shlex
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jinja2
import paramiko

WRITE = (
    "umask 077 && mkdir -p {folder} && cat >{new} && chown 0:0 {new} && chmod 0644 {new} && "
    "sync {new} && mv -f {new} {path}"
)


class Line:
    """A socket without Nagle's and the receiver's delays, as paramiko takes it."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __getattr__(self, name: str) -> object:
        return getattr(self._socket, name)

    def recv(self, size: int) -> bytes:
        """Receive, and acknowledge at once."""
        data = self._socket.recv(size)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return data


class Floor:
    """What all hosts share."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._key = paramiko.Ed25519Key.from_private_key_file(arguments.key)
        self._known = {line.split()[0]: line.split()[2] for line in arguments.known_hosts.read_text().splitlines()}
        self._probe = arguments.probe
        self._targets = arguments.targets
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(arguments.folder), trim_blocks=True)
        self._templates = {file.stem: environment.get_template(file.name) for file in arguments.folder.glob("*.j2")}

    def host(self, line: str) -> int:
        """Bring one host's files; how many were changed."""
        name, address, port = line.split()
        transport = paramiko.Transport(Line(socket.create_connection((address, int(port)))))
        try:
            transport.start_client()
            if transport.get_remote_server_key().get_base64() != self._known[f"[{address}]:{port}"]:
                raise SystemExit(f"{name}: another host key")
            transport.auth_publickey("root", self._key)
            if self._probe:
                return len(_exec(transport, "true"))
            return self._bring(transport, name)
        finally:
            transport.close()

    def _bring(self, transport: paramiko.Transport, name: str) -> int:
        folder = f"{self._targets}/{name}"
        wanted = {
            f"{folder}/{stem}.conf": template.render(inventory_hostname=name).encode()
            for stem, template in self._templates.items()
        }
        sums = {hashlib.sha256(text).hexdigest(): path for path, text in wanted.items()}
        there = _exec(transport, f"sha256sum {shlex.join(wanted)} 2>/dev/null; true").decode().split("\n")
        for line in there:
            wanted.pop(sums.get(line[:64], ""), None)
        for path, text in wanted.items():
            _exec(transport, WRITE.format(folder=folder, new=f"{path}.new", path=path), text)
        return len(wanted)


def _exec(transport: paramiko.Transport, command: str, text: bytes = b"") -> bytes:
    channel = transport.open_session()
    channel.exec_command(command)
    channel.sendall(text)
    channel.shutdown_write()
    said = b"".join(iter(lambda: channel.recv(1 << 16), b""))
    if channel.recv_exit_status():
        raise SystemExit(f"failed: {command}: {channel.recv_stderr(1 << 16).decode(errors='replace')}")
    return said


def main() -> None:
    """Bring all hosts their files; print how many were changed."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    for name in ("hosts", "key", "known_hosts", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("targets")
    parser.add_argument("--threads", type=int, default=20)
    parser.add_argument("--probe", action="store_true")
    arguments = parser.parse_args()
    floor = Floor(arguments)
    with ThreadPoolExecutor(arguments.threads) as pool:
        print(sum(pool.map(floor.host, arguments.hosts.read_text().splitlines())))


if __name__ == "__main__":
    main()
