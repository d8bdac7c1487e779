"""A server in a process of its own, with a maker of small pages: each host's name says how its page comes about.

python -m tests.server.serving WEB_CONFIG|- [SITE]
"""

import logging
import sys
import time
from pathlib import Path

from omc.exporters.reasons import Down
from omc.exporters.request import Page
from omc.exporters.server import targets
from omc.exporters.server.application import ServerOptions
from omc.exporters.server.connection import Limits
from omc.exporters.server.listen import listening, shown
from omc.exporters.server.serve import Served, serve
from omc.exporters.server.targets import Targets
from omc.exporters.webconfig import WebFile
from omc.site import load_site

LIMITS = Limits(connections=50, handshake_seconds=1.0, head_seconds=1.0, idle_seconds=5.0, reading_seconds=1.0)
HOSTS = """\
kvm:
  hosts:
    good: {}
    down: {}
    slow: {}
    hung: {}
    broken: {}
    big: {}
    huge: {}
    asked: {}
    stuck: {}
    "<script>alert(1)<": {libvirt_uri: "test:///default"}
"""
PAGE = "# HELP libvirt_up Whether libvirt answers.\n# TYPE libvirt_up gauge\nlibvirt_up {}\n"


class SmallPages:
    """A PageMaker without any libvirt."""

    collectors = {"state": True, "block": True, "perf": False}
    dialects = frozenset({"tinkoff"})
    states = ("running", "shutoff")

    def scrape(self, target, request):
        """Make the page that the host's name asks for."""
        left = request.deadline - time.monotonic()
        if target.name == "slow":
            time.sleep(left)
        elif target.name == "hung":
            time.sleep(left + 1)
        elif target.name == "stuck":
            time.sleep(120)
        elif target.name == "broken":
            raise RuntimeError("a fault in the maker")
        up = target.name not in ("slow", "down")
        text = PAGE.format(int(up))
        if target.name == "big":
            text += "# TYPE big gauge\n" + "".join(f'big{{n="{number}"}} 1\n' for number in range(20_000))
        if target.name == "huge":
            text += f"# {'x' * 40_000_000}\n"
        if target.name == "asked":
            asked = ",".join(sorted(request.collectors)) if request.collectors is not None else "default"
            labels = f'collectors="{asked}",guests="{" ".join(request.names)}",states="{" ".join(request.states)}"'
            text += f"# TYPE asked gauge\nasked{{{labels}}} {left}\n"
        down = None if up else Down(code="no-daemon", message="no <socket> there", hint="start libvirtd")
        return Page(body=text.encode(), down=down)

    def keep(self, names):
        """Say which targets are kept."""
        logging.getLogger().info("kept: %s", ", ".join(names))

    def close(self):
        """Nothing was opened."""


def main(web, root):
    """Serve on a free port of the loopback, and print its address."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    targets.CHECK_SECONDS = 1.0
    path = None if web == "-" else Path(web)
    site = Path(root)
    listener = listening("127.0.0.1:0")
    served = Served(
        maker=SmallPages(),
        targets=Targets(lambda: load_site(site), site / "inventory"),
        web=WebFile(path),
        options=ServerOptions(scrapes=8),
        limits=LIMITS,
    )
    serve(served, [listener], ready=lambda: print(shown(listener), flush=True))
    print("ended", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
