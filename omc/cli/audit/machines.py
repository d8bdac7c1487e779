"""Asks the hosts' shells what libvirt does not tell: one script a host, all of them at the same time."""

import time
from collections.abc import Mapping, Sequence

from omc import fleet
from omc.audit.machine import Machine, read_machine, script
from omc.cli.context import Run
from omc.site import SiteHost
from omc.text import safe

MOST_BYTES = 1 << 20

Machines = Mapping[str, Machine | str]
"""What the shell of each host told, or why it did not."""


def machines_of(run: Run, hosts: Sequence[SiteHost]) -> Machines:
    """Return what each host's shell told, or why it did not."""
    endpoints = run.endpoints()
    shells = run.shells(hosts)
    deadline = time.monotonic() + run.timeout_seconds
    text = script()

    def ask(host: SiteHost) -> Machine | str:
        shell = shells.open(endpoints.of(host), deadline=min(deadline, time.monotonic() + run.connect_seconds))
        try:
            asked = time.time()
            answer = shell.run(text, deadline=deadline, most_bytes=MOST_BYTES)
            return read_machine(answer.output, asked=asked, answered=time.time())
        finally:
            shell.close()

    told: dict[str, Machine | str] = {}
    try:
        with run.output.progress("asking", [host.name for host in hosts]) as bar:
            answers = fleet.run(hosts, ask, parallel=run.parallel, deadline=deadline, name=lambda host: host.name)
            for result in answers:
                bar.step(result.item.name)
                error = result.error
                told[result.item.name] = f"its shell: {safe(error.message)}" if error is not None else result.get()
    finally:
        shells.close()
    return told
