"""One question to many hosts: what unlock and forget ask."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from omc import fleet
from omc.cli.context import Run
from omc.ports import Shell

if TYPE_CHECKING:
    from omc.site import SiteHost
    from omc.templates.connections import Connections

Answer = TypeVar("Answer")


class EachHost:
    """Asks hosts at the same time, and names those that do not answer."""

    def __init__(self, run: Run, connections: "Connections") -> None:
        self._run, self._connections = run, connections
        self.failed = False

    def on_each(self, hosts: "Sequence[SiteHost]", ask: Callable[[Shell, str, float], Answer]) -> Mapping[str, Answer]:
        """Return what each host gave, in their order, without those that failed."""
        run = self._run

        def one(host: "SiteHost") -> Answer:
            deadline = time.monotonic() + run.connect_seconds * 2
            with self._connections.to(host.name, deadline, keep=True) as shell:
                return ask(shell, host.name, deadline)

        found = {}
        deadline = time.monotonic() + run.timeout_seconds
        results = fleet.run(hosts, one, parallel=run.parallel, deadline=deadline, name=lambda host: host.name)
        for result in fleet.in_order(hosts, results):
            if result.error is None:
                found[result.item.name] = result.get()
                continue
            self.failed = True
            run.output.error(result.error.message, where=result.item.name, hint=result.error.hint)
        return found
