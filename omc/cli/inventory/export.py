"""`omc inventory export`: the inventory for Ansible, or as a graph."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from omc.cli import completion, options
from omc.cli.command import group, pass_run
from omc.cli.context import Run
from omc.cli.inventory.fresh import Answer, Asked, freshen, name_failed
from omc.errors import UsageError
from omc.inventory.formats.objects import safe_json
from omc.model import Host


@group("export")
def command() -> None:
    """Export the inventory in another tool's words."""


@command.command("ansible")
@options.patterns_argument
@click.option("--list", "whole", is_flag=True, help="The whole inventory, as Ansible asks for it; the default.")
@click.option("--host", "name", metavar="NAME", shell_complete=completion.names, help="The variables of one guest.")
@options.max_age_option()
@options.at_option
@options.limit_option
@pass_run
def ansible(run: Run, /, whole: bool, name: str | None, **asked: Any) -> None:  # noqa: FBT001 - click's flag
    """Print an Ansible inventory: guests as hosts, in groups by host, state, tag and operating system.

    Hosts that could not be reached are named on stderr, and their guests are those that the store knows; the exit code
    is 0 all the same, because Ansible drops the whole inventory of a script that fails.
    """
    from omc.inventory.export.ansible import inventory, variables_of

    if whole and name:
        raise UsageError("--list and --host exclude each other")
    answer = freshen(run, Asked(**asked, quiet=True))  # Ansible shows what a script says as an error
    guests = [guest for host in _hosts(run, answer, asked["at"]) for guest in host.guests]
    shown = inventory(guests) if name is None else variables_of(guests, name)
    run.output.write([safe_json(msgspec.json.format(msgspec.json.encode(shown), indent=1)) + b"\n"])
    name_failed(run, answer)


@command.command("dot")
@options.patterns_argument
@options.max_age_option()
@options.at_option
@options.limit_option
@pass_run
def dot(run: Run, /, **asked: Any) -> int:
    """Print a graph of hosts, guests, networks and pools for Graphviz: `omc inventory export dot | dot -Tsvg`."""
    from omc.inventory.export.dot import graph

    answer = freshen(run, Asked(**asked))
    run.output.write(f"{line}\n".encode() for line in graph(_hosts(run, answer, asked["at"])))
    name_failed(run, answer)
    return answer.code


def _hosts(run: Run, answer: Answer, at: str | None) -> Iterator[Host]:
    decode = msgspec.json.Decoder(Host).decode
    return map(decode, run.store.documents(answer.hosts, at=at))
