"""`omc exporter`: guests and hosts as Prometheus metrics, served, printed once, and found by Prometheus."""

from collections.abc import Mapping

from omc.cli.command import Lazy, LazyGroup

COMMANDS: Mapping[str, Lazy] = {
    "sd": Lazy("omc.cli.exporter.sd", "List targets for Prometheus's file_sd or http_sd."),
}

command = LazyGroup(
    "exporter",
    COMMANDS,
    help="Export metrics of guests and hosts to Prometheus.",
)
