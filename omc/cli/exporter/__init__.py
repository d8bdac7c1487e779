"""`omc exporter`: guests and hosts as Prometheus metrics, served, printed once, and found by Prometheus."""

from collections.abc import Mapping

from omc.cli.command import Lazy, LazyGroup

COMMANDS: Mapping[str, Lazy] = {
    "dump": Lazy("omc.cli.exporter.dump", "Print the metrics of one host once."),
    "metrics": Lazy("omc.cli.exporter.metrics", "List every metric."),
    "check": Lazy("omc.cli.exporter.metrics", "Check metric tables, rules and dashboards."),
    "serve": Lazy("omc.cli.exporter.serve", "Serve metrics to Prometheus, of one libvirt or of a fleet."),
    "sd": Lazy("omc.cli.exporter.sd", "List targets for Prometheus's file_sd or http_sd."),
    "install": Lazy("omc.cli.exporter.install", "Put units, rules and dashboards where they belong."),
}

command = LazyGroup(
    "exporter",
    COMMANDS,
    help="Export metrics of guests and hosts to Prometheus.",
)
