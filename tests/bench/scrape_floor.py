"""The floor of a scrape: the bare libvirt calls of a default one over all hosts, every answer dropped.

`python scrape_floor.py FILE --groups MASK`, FILE with one URI a line: opens one lasting read-only connection a host,
says "ready", and makes a round over all hosts at the same time for each line on its stdin. It prints the seconds of a
round: the list of guests, and their statistics by one call, never waiting for a guest that is busy.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import libvirt

NOWAIT = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT


def read(connection: libvirt.virConnect, groups: int) -> int:
    """Ask one host what a scrape asks; the number of guests."""
    domains = connection.listAllDomains()
    return len(connection.domainListGetStats(domains, groups, NOWAIT)) if domains else 0


def main() -> None:
    """Connect, then read as often as asked."""
    parser = argparse.ArgumentParser(description="Read hosts again and again, and drop the answers.")
    parser.add_argument("uris", type=Path)
    parser.add_argument("--groups", type=int, required=True, help="flags of virConnectDomainListGetStats")
    chosen = parser.parse_args()
    libvirt.registerErrorHandler(lambda *_: None, None)
    uris = chosen.uris.read_text().split()
    with ThreadPoolExecutor(len(uris)) as pool:
        connections = list(pool.map(libvirt.openReadOnly, uris))
        print("ready", flush=True)
        for _ in sys.stdin:
            started = time.perf_counter()
            list(pool.map(lambda connection: read(connection, chosen.groups), connections))
            print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
