"""What every case works with: how omc is called, a folder, and a lab that comes up when the first case needs it."""

import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.bench.measure import Sample, Side, run
from tests.lab import fleet, lab
from tests.lab.host import Host

FLOOR = Path(__file__).with_name("floor.py")
LAB = "bench"
OMC = str(Path(sys.executable).with_name("omc"))


class Load(NamedTuple):
    """How the floor asks, so that it has as many calls in flight as omc."""

    hosts: int = 1
    connections: int = 1
    lanes: int = 4


class Bench:
    """One run of the benchmarks; closing it takes the lab down."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.stack = ExitStack()

    @cached_property
    def lab(self) -> lab.Lab:
        """A lab of the benchmarks' own with one host, `hub`; cases add theirs."""
        return self.stack.enter_context(lab.up(LAB, ["hub"]))

    @property
    def hub(self) -> Host:
        """The host whose libvirtd serves the fleets of test hosts."""
        return self.lab.hosts["hub"]

    def fleet(self, hosts: int, guests: int, *, socket: str = "") -> tuple[Path, Path]:
        """Describe hosts of the test driver; the site for omc, and the file of URIs for the floor.

        `socket` is another way to the hub's libvirtd, such as a relay.
        """
        name = f"fleet-{hosts}-{guests}" + ("-far" if socket else "")
        files = fleet.write(self.folder / name, hosts=hosts, guests=guests)
        uris = {file.stem: f"test+unix://{file}?socket={socket or self.hub.socket}" for file in files}
        return self.site(name, uris), self.uris(name, list(uris.values()))

    def site(self, name: str, uris: dict[str, str]) -> Path:
        """Write a site with these hosts."""
        folder = self.folder / "sites" / name
        (folder / "inventory").mkdir(parents=True, exist_ok=True)
        text = "".join(f"    {host}: {{libvirt_uri: '{uri}'}}\n" for host, uri in uris.items())
        (folder / "inventory" / "hosts.yaml").write_text(f"all:\n  hosts:\n{text}")
        return folder

    def uris(self, name: str, uris: Sequence[str]) -> Path:
        """Write the file that the floor reads."""
        file = self.folder / f"{name}.uris"
        file.write_text("".join(f"{uri}\n" for uri in uris))
        return file

    def omc(self, site: Path, *arguments: str, fresh: bool = False) -> Side:
        """Call omc on a site; `fresh`: with a store that does not exist yet."""
        state = self.folder / "state" / site.name
        forget = (lambda: shutil.rmtree(state, ignore_errors=True)) if fresh else (lambda: None)
        command = (OMC, "--site", str(site), "inventory", *arguments)
        return Side("omc", command, {"XDG_STATE_HOME": str(state)}, forget)

    def store(self, site: Path) -> Path:
        """The store's file that omc made for the site."""
        (file,) = (self.folder / "state" / site.name / "omc").glob("*.db")
        return file

    def floor(self, uris: Path, load: Load, *more: str) -> Side:
        """Call the floor on a file of URIs."""
        flags = (f"--hosts={load.hosts}", f"--connections={load.connections}", f"--lanes={load.lanes}")
        return Side("floor", (sys.executable, str(FLOOR), str(uris), *flags, *more))

    @cached_property
    def thousand(self) -> tuple[Path, Sample]:
        """The site of 1,000 hosts with 50 guests each, and the run that collected it into a fresh store."""
        return self._collected(1000)

    @cached_property
    def hundred(self) -> tuple[Path, Sample]:
        """A site of a tenth of that."""
        return self._collected(100)

    def _collected(self, hosts: int) -> tuple[Path, Sample]:
        site, _ = self.fleet(hosts, 50)
        return site, run(self.omc(site, "--max-age", "0", "--timeout", "300", fresh=True))
