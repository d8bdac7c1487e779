"""A template onto 200 hosts over SSH (20 sshd of ten names): this machine's CPU time a host, and its memory.

The yardstick is a connection of bare paramiko that runs `true`, with its start and its imports.
"""

from collections.abc import Iterator

import msgspec

from tests.bench.applying import Applying, names_of
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared, informed, single
from tests.bench.measure import Sample, in_turns
from tests.bench.resident import resident
from tests.sshd import up

CASE = "apply-many"
SSHD = 20
NAMES = 10
THREADS = 64
MOST_BYTES = 100 << 20
_BUDGET = Budget("connect and exec", times=1.5)


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare CPU time, not seconds: the hosts are on this machine, and take most of it."""
    with up(*(f"host{number:02}" for number in range(SSHD))) as hosts:
        fleet = Applying(bench.folder / "apply-many-names", hosts, names_of(hosts, NAMES))
        bare = fleet.floor("--probe", "--threads", str(THREADS))
        count = SSHD * NAMES
        pairs = [(_a_host(ours), _a_host(theirs)) for ours, theirs in in_turns([fleet.omc(), bare], bench.rounds)]
        yield compared(CASE, f"CPU a host, {count} hosts, unchanged", pairs, _BUDGET)
        turns = in_turns([fleet.omc(changed=True), bare], bench.rounds)
        pairs = [(_a_host(ours), _a_host(theirs)) for ours, theirs in turns]
        yield informed(CASE, f"CPU a host, {count} hosts, changed: two execs, a difference and a record", pairs)
        for side, what in ((fleet.omc(), "unchanged"), (fleet.omc(changed=True), "changed")):
            seconds, peak = resident(side)
            note = f"{peak / 2**20:.0f} MiB in all processes together, shared pages counted once"
            met = peak <= MOST_BYTES
            yield single(CASE, f"{count} hosts, {what}", seconds, budget="100 MiB resident", met=met, note=note)


def _a_host(sample: Sample) -> Sample:
    """Give the sample with its CPU time a host in place of its seconds."""
    return msgspec.structs.replace(sample, seconds=sample.cpu_seconds / (SSHD * NAMES))
