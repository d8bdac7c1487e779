"""`omc exporter serve` and a Prometheus that scrapes it with the configuration of exporters/prometheus."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import yaml

from tests import prometheus
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "exporters" / "prometheus" / "prometheus.yml"


@contextmanager
def exporter(folder: Path, site: Path, *options: str) -> Iterator[str]:
    """Serve a site as long as the block, with more options of `serve`, and return the address."""
    address = f"127.0.0.1:{prometheus.free_port()}"
    program = Path(sys.executable).with_name("omc")
    environment = os.environ | {"XDG_STATE_HOME": str(folder)}
    command = (program, "--site", site, "exporter", "serve", "--listen", address, "--refresh", "1", *options)
    with (folder / "exporter.log").open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def answers() -> bool:
        assert process.poll() is None, (folder / "exporter.log").read_text()
        try:
            return bool(prometheus.get(f"http://{address}/-/ready"))
        except (URLError, ConnectionError, TimeoutError):
            return False

    try:
        until(answers)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def shipped_config(address: str) -> str:
    """Return the shipped configuration for an exporter at `address`, with a look every second."""
    text = (
        SHIPPED.read_text().replace("localhost:9177", address).replace("refresh_interval: 1m", "refresh_interval: 1s")
    )
    config = yaml.safe_load(text)
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [f"{ROOT}/exporters/rules/*.yaml"]
    del config["alerting"]
    return yaml.safe_dump(config)
