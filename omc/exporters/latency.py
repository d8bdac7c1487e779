"""Latency histograms and timed groups of disks, where a definition asks for them (libvirt 11.9 and later). Pure.

libvirt counts each bin by itself, from its start in nanoseconds on; a histogram of Prometheus counts all below a bound.
"""

import re
from collections.abc import Iterator, Mapping

from omc.exporters.exposition import Line, Values
from omc.exporters.families import Families, Pairs

OPERATIONS = ("read", "write", "flush")
MOST_BINS = 64
"""A histogram with more is left out: it is a series a bin."""

_COUNT = re.compile(r"(block\.[0-9]+)\.latency_histogram\.([a-z_]+)\.bin\.count")
_INTERVAL = re.compile(r"(block\.[0-9]+\.timed_group\.[0-9]+)\.interval_length")


def cumulated(values: Values) -> dict[str, int]:
    """Give what all bins up to each hold: "omc.block.0.read.2" for the third bin of the first disk's reads."""
    found: dict[str, int] = {}
    for disk, operation, starts in _histograms(values):
        total = 0
        for place in range(len(starts)):
            value = values.get(f"{disk}.latency_histogram.{operation}.bin.{place}.value", 0)
            total += value if isinstance(value, int) else 0
            found[f"omc.{disk}.{operation}.{place}"] = total
    return found


def lines(families: Families, base: Pairs, values: Values, names: Mapping[str, str]) -> Iterator[Line]:
    """Make the buckets of every histogram; no sum and count, which OpenMetrics wants both or neither."""
    for disk, operation, starts in _histograms(values):
        metric = f"libvirt_domain_block_{operation}_latency_seconds"
        target = ("target_device", names.get(disk, disk))
        bounds = [*(str(start / 1e9) for start in starts[1:]), "+Inf"]
        for place, bound in enumerate(bounds):
            key = f"omc.{disk}.{operation}.{place}"
            for line in families.lines(metric, base, (target, ("le", bound)), key=key):
                yield line._replace(suffix="_bucket")


def intervals(values: Values) -> dict[str, str]:
    """Give the label of each timed group by its key: "block.0.timed_group.1" → "60"."""
    found = ((_INTERVAL.fullmatch(key), value) for key, value in values.items())
    return {match.group(1): str(value) for match, value in found if match}


def _histograms(values: Values) -> Iterator[tuple[str, str, list[int]]]:
    """Give disk, operation and the starts of the bins of every histogram that is sound."""
    for match, count in ((_COUNT.fullmatch(key), value) for key, value in values.items() if key.endswith(".bin.count")):
        if match is None or match[2] not in OPERATIONS or not isinstance(count, int) or not 0 < count <= MOST_BINS:
            continue
        prefix = f"{match[1]}.latency_histogram.{match[2]}.bin"
        starts = [values.get(f"{prefix}.{place}.start") for place in range(count)]
        known = [start for start in starts if isinstance(start, int)]
        if len(known) == count and known == sorted(set(known)):
            yield match[1], match[2], known
