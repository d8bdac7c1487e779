"""omc and its peers bring the same files onto the same hosts over SSH: how each is called, and what it reads.

Each has targets and templates of its own, so that none finds what another one wrote. A file has 4 KiB and the host's
name in it. Ansible's forks are as many as there are hosts up to 20, its pipelining is on and its facts are off.
"""

import itertools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.bench import ansible_environment, pyinfra_environment
from tests.bench.bench import OMC
from tests.bench.measure import Side
from tests.sshd import SshHosts

FLOOR = Path(__file__).with_name("ssh_floor.py")
FORKS = 20
_FILE_BYTES = 4096
_TARGETS = "/etc/omc-bench"
_ROUNDS = itertools.count()


class Name(NamedTuple):
    """A host as the tools know it: several names may be of one sshd."""

    name: str
    address: str
    port: int


def names_of(hosts: SshHosts, each: int = 1) -> list[Name]:
    """Give `each` names to every host."""
    every = hosts.hosts.values()
    if each == 1:
        return [Name(host.name, host.address, host.port) for host in every]
    return [Name(f"{host.name}-{number}", host.address, host.port) for number in range(each) for host in every]


class Applying:
    """One fleet, and so many files for each of its hosts; `changed` sides have another text in every run."""

    def __init__(self, folder: Path, hosts: SshHosts, names: Sequence[Name], *, files: int = 1) -> None:
        self._folder, self._hosts, self._names = folder, hosts, names
        self._files = [f"file{number:02}" for number in range(files)]
        folder.mkdir(parents=True)

    def omc(self, *, changed: bool = False) -> Side:
        """Call omc as a user does who has looked at the plan before."""
        site = self._folder / "site"
        templates = site / "templates" / "bench"
        if not site.exists():
            templates.mkdir(parents=True)
            self._write_inventory(site / "inventory" / "hosts.yaml")
            (templates / "manifest.yaml").write_text(yaml.safe_dump({"files": [self._entry(n) for n in self._files]}))
        command = (OMC, "--site", str(site), "template", "apply", "all", "bench", "--yes")
        return Side("omc", command, {"XDG_STATE_HOME": str(self._folder / "state")}, self._texts(templates, changed))

    def ansible(self, *, changed: bool = False) -> Side:
        """Call ansible-playbook with one task that has a template a file."""
        folder = self._folder / "ansible"
        if not folder.exists():
            self._write_inventory(folder / "hosts.yaml")
            task = {
                "ansible.builtin.template": {"src": f"{folder}/{{{{ item }}}}.j2", **self._target("ansible")},
                "loop": self._files,
            }
            play = [{"hosts": "all", "gather_facts": False, "tasks": [task]}]
            (folder / "play.yaml").write_text(yaml.safe_dump(play, sort_keys=False))
            settings = f"[defaults]\nforks = {FORKS}\n[ssh_connection]\npipelining = True\n"
            (folder / "ansible.cfg").write_text(settings)
            self._make_folders("ansible")  # its template module makes none
        program = ansible_environment.environment() / "ansible-playbook"
        command = (str(program), "-i", str(folder / "hosts.yaml"), str(folder / "play.yaml"))
        more = {"ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "ANSIBLE_HOME": str(self._folder / "ansible-home")}
        return Side("ansible", command, more, self._texts(folder, changed))

    def pyinfra(self, *, changed: bool = False) -> Side:
        """Call pyinfra with one operation a file."""
        folder = self._folder / "pyinfra"
        if not folder.exists():
            folder.mkdir()
            (folder / "inventory.py").write_text(f"hosts = {[self._pyinfra_host(name) for name in self._names]!r}\n")
            made = "dest=f'%s/pyinfra/{host.name}/%s.conf', user='root', group='root', mode='644'"
            operations = [
                f"files.template(src='{folder}/{file}.j2', {made % (_TARGETS, file)}, inventory_hostname=host.name)\n"
                for file in self._files
            ]
            head = "from pyinfra import host\nfrom pyinfra.operations import files\n\n"
            (folder / "deploy.py").write_text(head + "".join(operations))
        program = pyinfra_environment.environment() / "pyinfra"
        command = (str(program), "-y", str(folder / "inventory.py"), str(folder / "deploy.py"))
        return Side("pyinfra", command, prepare=self._texts(folder, changed))

    def floor(self, *more: str, changed: bool = False) -> Side:
        """Call the floor, which has a thread for each of 20 hosts."""
        folder = self._folder / "floor"
        if not folder.exists():
            folder.mkdir()
            (folder / "hosts").write_text("".join(f"{n.name} {n.address} {n.port}\n" for n in self._names))
        known, key = str(self._hosts.known_hosts), str(self._hosts.key_file)
        command = (sys.executable, str(FLOOR), str(folder / "hosts"), key, known, str(folder), f"{_TARGETS}/floor")
        return Side("floor", (*command, *more), prepare=self._texts(folder, changed))

    def _texts(self, folder: Path, changed: bool) -> Callable[[], object]:
        """Give what writes a tool's templates anew; in an unchanged run there is nothing to be written."""

        def write() -> None:
            folder.mkdir(parents=True, exist_ok=True)
            number = next(_ROUNDS)
            for file in self._files:
                head = f"# {file} of {{{{ inventory_hostname }}}}, text {number}\n"
                lines = (f"option{line:03} = value of line {line}\n" for line in itertools.count())
                text = head + "".join(itertools.islice(lines, (_FILE_BYTES - len(head)) // 32))
                (folder / f"{file}.j2").write_text(text)

        write()
        return write if changed else lambda: None

    def _write_inventory(self, file: Path) -> None:
        file.parent.mkdir(parents=True)
        every = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._hosts.key_file),
            "ansible_ssh_common_args": f"-F {self._hosts.ssh_config}",
        }
        hosts = {name.name: {"ansible_host": name.address, "ansible_port": name.port} for name in self._names}
        file.write_text(yaml.safe_dump({"all": {"vars": every, "hosts": hosts}}, sort_keys=False, width=1000))

    def _entry(self, file: str) -> dict[str, str]:
        path = f"{_folder_of('omc')}/{file}.conf"
        return {"template": f"{file}.j2", "path": path, "owner": "root", "group": "root", "mode": "0644"}

    def _target(self, tool: str) -> dict[str, str]:
        return {"dest": f"{_folder_of(tool)}/{{{{ item }}}}.conf", "owner": "root", "group": "root", "mode": "0644"}

    def _pyinfra_host(self, name: Name) -> tuple[str, dict[str, object]]:
        return name.name, {
            "ssh_hostname": name.address,
            "ssh_port": name.port,
            "ssh_user": "root",
            "ssh_key": str(self._hosts.key_file),
            "ssh_known_hosts_file": str(self._hosts.known_hosts),
            "ssh_config_file": os.devnull,
        }

    def _make_folders(self, tool: str) -> None:
        for host in self._hosts.hosts.values():
            folders = [f"{_TARGETS}/{tool}/{name.name}" for name in self._names if name.port == host.port]
            host.run("mkdir", "-p", *folders)


def _folder_of(tool: str) -> str:
    return f"{_TARGETS}/{tool}/{{{{ inventory_hostname }}}}"
