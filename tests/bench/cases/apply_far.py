"""One host 50 ms away, one changed file over SSH: connect, plan, difference and apply, counted in round trips.

A round trip is what the same run takes longer for each 50 ms that its line is longer, beside a line without a delay.
"""

import statistics
from collections.abc import Iterator

from tests.bench.applying import Applying, Name
from tests.bench.bench import Bench
from tests.bench.figures import Figure, informed, single
from tests.bench.measure import Sample, in_turns
from tests.lab.relay import relay
from tests.sshd import SshHost, SshHosts, up

CASE = "apply-far"
ROUND_TRIP = 0.05
MOST = 13


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare the long line with the short one, through the same relay."""
    with up("host") as hosts:
        (host,) = hosts.hosts.values()
        target = f"{host.address}:{host.port}"
        near_relay = relay("127.0.0.1:0", target, round_trip=0)
        far_relay = relay("127.0.0.1:0", target, round_trip=ROUND_TRIP)
        with near_relay as near, far_relay as far:
            sides = []
            for name, address in (("far", far), ("near", near)):
                names = [_through(hosts, host, name, address)]
                sides.append(Applying(bench.folder / f"apply-{name}", hosts, names))
            _trust(hosts, host, [far, near])
            turns = in_turns([side.omc(changed=True) for side in sides], bench.rounds)
            yield from _figures(turns, "1 host at 50 ms, a file changed")
            bare = in_turns([side.floor(changed=True) for side in sides], bench.rounds)
            pairs = [(ours[0], theirs[0]) for ours, theirs in zip(turns, bare, strict=True)]
            yield informed(CASE, "beside the bare driver", pairs, f"which takes {_round_trips(bare):.1f} round trips")


def _figures(turns: list[list[Sample]], what: str) -> Iterator[Figure]:
    trips = _round_trips(turns)
    seconds = statistics.median(far.seconds for far, _ in turns)
    budget = f"{MOST} round trips"
    # What a busy machine adds to both is not the same in each: less than half a round trip is none.
    yield single(CASE, what, seconds, budget=budget, met=trips < MOST + 0.5, note=f"{trips:.1f} round trips")


def _round_trips(turns: list[list[Sample]]) -> float:
    return statistics.median((far.seconds - near.seconds) / ROUND_TRIP for far, near in turns)


def _through(hosts: SshHosts, host: SshHost, name: str, address: str) -> Name:
    where, _, port = address.rpartition(":")
    return Name(f"{host.name}-{name}", where, int(port))


def _trust(hosts: SshHosts, host: SshHost, addresses: list[str]) -> None:
    """Let the relays' addresses have the host's key."""
    with hosts.known_hosts.open("a") as file:
        for address in addresses:
            where, _, port = address.rpartition(":")
            file.write(f"[{where}]:{port} {host.public_key}\n")
