"""A template onto 20 hosts over SSH, beside Ansible, pyinfra and a bare paramiko driver (`tests/bench/ssh_floor.py`).

One file of 4 KiB, unchanged and changed, then 20 unchanged files: those are still one question a host.
"""

from collections.abc import Iterator, Sequence

from tests.bench.applying import Applying, names_of
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared
from tests.bench.measure import Sample, Side, in_turns, paired
from tests.sshd import up

CASE = "apply"
HOSTS = 20
FILES = 20
_BUDGETS = (Budget("Ansible", times=0.12), Budget("pyinfra", times=0.75), Budget("bare driver", times=1.4, plus=0.15))


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare all four in turns; then one file with many, and many with Ansible's loop over them."""
    with up(*(f"host{number:02}" for number in range(HOSTS))) as hosts:
        one = Applying(bench.folder / "apply-one", hosts, names_of(hosts))
        for changed in (False, True):
            sides = [one.omc, one.ansible, one.pyinfra, one.floor]
            turns = in_turns([side(changed=changed) for side in sides], bench.rounds)
            yield from _beside(f"{HOSTS} hosts, a file {'' if changed else 'un'}changed", turns)
        many = Applying(bench.folder / "apply-many", hosts, names_of(hosts), files=FILES)
        pairs = paired(many.omc(), one.omc(), rounds=bench.rounds)
        yield compared(CASE, f"{HOSTS} hosts, {FILES} files unchanged", pairs, Budget("one file", times=1.5))
        yield _slowly(many.omc(), many.ansible())


def _beside(what: str, turns: Sequence[Sequence[Sample]]) -> Iterator[Figure]:
    for number, budget in enumerate(_BUDGETS, 1):
        pairs = [(turn[0], turn[number]) for turn in turns]
        yield compared(CASE, f"{what}, beside {budget.yardstick}", pairs, budget)


def _slowly(ours: Side, theirs: Side) -> Figure:
    pairs = paired(ours, theirs, rounds=1)
    what = f"{HOSTS} hosts, {FILES} files unchanged, beside Ansible"
    return compared(CASE, what, pairs, Budget("Ansible", times=0.01), "one round")
