"""A lab: hosts that are brought up together, and taken down so that nothing remains.

Everything about a lab lies in one folder, `/var/lib/omc-lab/NAME`: also what a later process needs to find the lab
and to take it down, whatever became of the one that brought it up: the pid of the hub's init with its start time.
"""

import ipaddress
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tests.lab import capabilities, client, host, network, process, requirements, site
from tests.lab.host import Flavour, Host
from tests.lab.process import LabError, Starting

LABS = Path("/var/lib/omc-lab")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_SCRIPTS = Path(__file__).parent
_UP_SECONDS = 30
_COMING_UP_SECONDS = 60


class _Record(msgspec.Struct, frozen=True):
    """What `lab.json` says."""

    network: str
    hosts: tuple[Host, ...]


class Lab:
    """A running lab. Made by `up` or `attach`; as a context manager it takes itself down at the end."""

    def __init__(self, name: str, *, lan: ipaddress.IPv4Network, hosts: Sequence[Host] = ()) -> None:
        self.name = name
        self.folder = LABS / name
        self.network = lan
        self.client = client.Client(str(self.folder / "client"))
        self._hosts = {one.name: one for one in hosts}

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def hosts(self) -> Mapping[str, Host]:
        """The hosts by name, in the order in which they were added."""
        return self._hosts

    @property
    def site(self) -> Path:
        """The folder for `omc --site`."""
        return self.folder / "site"

    def uri(self, one: Host) -> str:
        """The libvirt URI of a host, as the lab's site has it: over SSH, or TLS for the host that has it."""
        return host.uri(one, self.client)

    def add(self, *names: str, flavour: Flavour = Flavour.MONOLITHIC) -> list[Host]:
        """Bring up more hosts, all at the same time; the site knows them afterwards."""
        _check_names(*names)
        added = [self._plan(name, len(self._hosts) + index, flavour) for index, name in enumerate(names)]
        for one in added:
            host.prepare(one, self.client)
            capabilities.give(one)
        starting = [host.start(one, _hub(self.folder)) for one in added]
        for script in starting:
            script.wait(_UP_SECONDS)
        self._hosts |= {one.name: one for one in added}
        self._write()
        for one in added:
            capabilities.keep(one)
        return added

    def down(self) -> None:
        """End every process of the lab and remove its link and its folder."""
        take_down(self.name)

    def _plan(self, name: str, index: int, flavour: Flavour) -> Host:
        address = network.host_address(self.network, index)
        return Host(name, address, str(self.folder / "hosts" / name), host.new_uuid(), flavour)

    def _write(self) -> None:
        record = _Record(str(self.network), tuple(self._hosts.values()))
        (self.folder / "lab.json").write_bytes(msgspec.json.format(msgspec.json.encode(record)))
        site.write(self.site, list(self._hosts.values()), self.client)
        _hand_over(self.client.folder, self.site)


def _hand_over(*folders: Path) -> None:
    """Give what reaches the hosts to the person who called sudo, so that omc needs no root to read the lab."""
    user, group = (int(os.environ.get(name, "0")) for name in ("SUDO_UID", "SUDO_GID"))
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, group, follow_symlinks=False)


def up(name: str, hosts: Sequence[str] = ("kvm1", "kvm2", "kvm3"), *, bound: bool = False) -> Lab:
    """Bring up a lab with hosts of these names; LabError if it is up already, or if this machine lacks something.

    A lab that is `bound` to this process counts among the remains when the process ends without taking it down.
    """
    if lacking := requirements.missing():
        raise LabError(lacking)
    _check_names(name, *hosts)
    if name in running():
        raise LabError(f"the lab {name} is up already", hint=f"python -m tests.lab down --name {name}")
    take_down(name)
    folder = _make_folder(name)
    if bound:
        (folder / "maker.pid").write_text(f"{os.getpid()} {process.start_time(os.getpid())}")
    try:
        hub = _start_hub(folder)
        lab = Lab(name, lan=network.connect(hub))
        (folder / "link").write_text(network.link_name(lab.network))
        lab.add(*hosts)
    except BaseException:
        take_down(name)
        raise
    return lab


def attach(name: str) -> Lab:
    """The lab of that name that another process brought up; LabError if it is not up."""
    if name not in running():
        raise LabError(f"no lab {name} is up", hint=f"python -m tests.lab up --name {name}")
    if not (LABS / name / "lab.json").exists():
        raise LabError(f"the lab {name} did not come up whole", hint=f"python -m tests.lab down --name {name}")
    record = msgspec.json.decode((LABS / name / "lab.json").read_bytes(), type=_Record)
    return Lab(name, lan=ipaddress.IPv4Network(record.network), hosts=record.hosts)


def running() -> list[str]:
    """The names of the labs that are up on this machine."""
    return sorted(folder.name for folder in _folders() if _alive(folder))


def remains() -> list[str]:
    """The names of the labs that nobody will take down: their maker was killed, or the machine restarted."""
    return sorted(folder.name for folder in _folders() if _abandoned(folder))


def take_down(name: str) -> None:
    """End the lab of that name, whoever brought it up, and remove all of it; nothing happens if there is none."""
    _check_names(name)
    folder = LABS / name
    if (folder / "link").exists():
        network.remove_link((folder / "link").read_text())
    if (folder / "hub.pid").exists():
        pid, started = (folder / "hub.pid").read_text().split()
        process.kill(int(pid), started)
    for group in sorted(_CONTROL_GROUPS.glob(f"*/omc-lab.{name}.*/**/"), reverse=True):
        group.rmdir()
    if folder.exists():
        shutil.rmtree(folder)


def _check_names(*names: str) -> None:
    """Names become file names, host names and parts of control groups."""
    for name in names:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
            raise LabError(f"expected a name of small letters, digits and hyphens, found {name!r}")


def _folders() -> list[Path]:
    return [entry for entry in LABS.iterdir() if entry.is_dir()] if LABS.is_dir() else []


def _abandoned(folder: Path) -> bool:
    if (folder / "maker.pid").exists():
        return not _runs(folder / "maker.pid")
    if (folder / "hub.pid").exists():
        return not _alive(folder)
    return folder.stat().st_mtime < time.time() - _COMING_UP_SECONDS


def _alive(folder: Path) -> bool:
    return _runs(folder / "hub.pid")


def _runs(file: Path) -> bool:
    """Whether the process is there whose pid and start time are in the file."""
    try:
        pid, started = file.read_text().split()
    except (OSError, ValueError):
        return False
    return process.start_time(int(pid)) == started


def _hub(folder: Path) -> int:
    return int((folder / "hub.pid").read_text().split()[0])


def _make_folder(name: str) -> Path:
    folder = LABS / name
    folder.mkdir(parents=True)
    (folder / "hosts").mkdir(mode=0o700)
    client.create(folder / "client")
    return folder


def _start_hub(folder: Path) -> int:
    own = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
    command = ["setsid", "--fork", *own, "tini", "-g", "--", "bash", str(_SCRIPTS / "hub.sh"), str(folder)]
    hub = Starting(command, folder / "hub.log")
    hub.wait(_UP_SECONDS)
    return _hub(folder)
