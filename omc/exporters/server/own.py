"""The exporter's own metrics, by prometheus-client: requests, scrapes, refused clients, reloads, and the process."""

import re
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from omc import __version__

_CREATED = re.compile(rb"^(?:# (?:HELP|TYPE) )?omc_exporter_\w+_created[ {].*\n", re.MULTILINE)
"""Gauges that clash with the counters' names in OpenMetrics. (prometheus-client can leave them out from 0.17 on.)"""

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class OwnMetrics:
    """The metrics of one process; every method may be called from any thread."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        build = Gauge("omc_build_info", "Version of omc.", ["version"], registry=self._registry)
        build.labels(__version__).set(1)
        self._requests = self._counter("requests", "Requests answered, by path and status.", "handler", "code")
        self._seconds = Histogram(
            "omc_exporter_request_duration_seconds",
            "Time from a request's head to the end of its answer.",
            ["handler"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._scrapes = self._counter("scrapes", "Pages of targets, by whether libvirt was up.", "result")
        self._refused = self._counter("refused_requests", "Requests not let in, by reason.", "reason")
        self._cut = self._counter("connections_cut", "Connections ended by the exporter, by reason.", "reason")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"omc_exporter_{name}", text, labels, registry=self._registry)

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a gauge that is read when it is asked for."""
        Gauge(f"omc_exporter_{name}", text, registry=self._registry).set_function(read)

    def answered(self, handler: str, code: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(handler, str(code)).inc()
        self._seconds.labels(handler).observe(seconds)

    def scraped(self, result: str) -> None:
        """Count a page: up, down, or failed."""
        self._scrapes.labels(result).inc()

    def refused(self, reason: str) -> None:
        """Count a request that was not let in: password, rate, busy, body."""
        self._refused.labels(reason).inc()

    def cut(self, reason: str) -> None:
        """Count a connection that was ended: slow, full, certificate, garbage."""
        self._cut.labels(reason).inc()

    def page(self) -> bytes:
        """Return them in text format 0.0.4, without the times at which counters began: nobody reads those here."""
        return _CREATED.sub(b"", generate_latest(self._registry))
