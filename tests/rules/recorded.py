"""A past for Prometheus: every metric of the tables on one host with one guest, for as long as a query looks back."""

import itertools
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from omc.exporters.table import Metric, load_tables

MINUTES = 15
_STEP_SECONDS = 15
_TARGET = {"instance": "kvm01", "job": "omc-hosts"}
_GUEST = {"domain": "web1", "uuid": "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"}
_VALUES = {
    "vcpu": ("0", "1"),
    "state": ("running", "paused", "crashed", "shutoff"),
    "collector": ("cpu", "pool"),
    "page_size_bytes": ("4096", "2097152"),
    "mode": ("user", "idle"),
}
_AGES = {  # what is a time: how long ago it was
    "libvirt_domain_memory_stats_last_update_timestamp_seconds": 5,
    "libvirt_domain_snapshot_oldest_timestamp_seconds": 86_400,
}
_NUMBERS = {"libvirt_domain_memory_stats_usable_bytes": 4.0, "libvirt_domain_memory_stats_available_bytes": 16.0}


def write_blocks(folder: Path) -> None:
    """Fill `folder`/data with blocks that end now."""
    text = folder / "past.txt"
    text.write_text("\n".join(samples(time.time())) + "\n# EOF\n")
    command = ("promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "data"))
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def samples(now: float) -> Iterator[str]:
    """Yield the lines: counters that grow, gauges that stay."""
    tables = load_tables()
    steps = range(MINUTES * 60 // _STEP_SECONDS, -1, -1)
    for metric in (*tables.guest.values(), *tables.host.values()):
        common = _TARGET | (_GUEST if metric.name in tables.guest else {})
        for labels in _series(metric):
            head = ",".join(f'{name}="{value}"' for name, value in (common | labels).items())
            for step in steps:
                at = now - step * _STEP_SECONDS
                yield f"{metric.name}{{{head}}} {_value(metric, at)} {at:.3f}"

    for host, answers in (("kvm01", 1), ("kvm02", 0)):  # on the second the exporter is gone, too
        for step in steps:
            yield f'up{{instance="{host}",job="omc-hosts"}} {answers} {now - step * _STEP_SECONDS:.3f}'


def _series(metric: Metric) -> Iterator[dict[str, str]]:
    values = [_VALUES.get(label, (f"a {label}",)) for label in metric.labels]
    for chosen in itertools.product(*values):
        yield dict(zip(metric.labels, chosen, strict=True))


def _value(metric: Metric, at: float) -> float:
    if metric.type == "counter":
        return at % 1_000_000
    if metric.name in _AGES:
        return at - _AGES[metric.name]
    return _NUMBERS.get(metric.name, 1.0)
