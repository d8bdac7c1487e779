"""Beside Ansible's libvirt plugin, which reads far less of a guest: near and far."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench import ansible_environment
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared, informed
from tests.bench.measure import paired
from tests.lab import fleet
from tests.lab.relay import relay

CASE = "ansible"
ROUND_TRIP = 0.02
NEAR = ((50, 1.0), (500, 0.8))
FAR = 200


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare without a daemon, then over a long line."""
    for guests, times in NEAR:
        (file,) = fleet.write(bench.folder / f"near-{guests}", hosts=1, guests=guests)
        uri, what = f"test://{file}", f"1 host of {guests} guests, test driver"
        yield from _beside(bench, f"near-{guests}", uri, what, times)
    (file,) = fleet.write(bench.folder / "far-away", hosts=1, guests=FAR)
    with relay(str(bench.folder / "ansible.sock"), str(bench.hub.socket), round_trip=ROUND_TRIP) as socket:
        uri = f"test+unix://{file}?socket={socket}"
        yield from _beside(bench, "far-away", uri, f"1 host of {FAR} guests at 20 ms", 0.1, rounds=1)


def _beside(bench: Bench, name: str, uri: str, what: str, times: float, *, rounds: int = 0) -> Iterator[Figure]:
    programs = ansible_environment.environment()
    source = _source(bench.folder, name, uri)
    ours = bench.omc(bench.site(name, {"test": uri}), "guests", "--max-age", "0", "-o", "json", fresh=True)
    pairs = paired(ours, ansible_environment.plugin(programs, source), rounds=rounds or bench.rounds)
    yield compared(CASE, what, pairs, Budget("libvirt plugin", times=times), "one round" if rounds else "")
    if not rounds:
        pairs = paired(ours, ansible_environment.whole(programs, source), rounds=bench.rounds)
        yield informed(CASE, f"{what}, beside all of ansible-inventory", pairs)


def _source(folder: Path, name: str, uri: str) -> Path:
    file = folder / f"{name}.libvirt.yml"
    file.write_text(f"plugin: community.libvirt.libvirt\nuri: '{uri}'\n")
    return file
