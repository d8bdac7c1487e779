"""The lab on the command line: `python -m tests.lab up`, `status`, `exec`, `down`."""

import argparse
import os
import sys
from pathlib import Path

from tests.lab import contents, guests, lab, linux
from tests.lab.host import Host
from tests.lab.process import LabError, run

DEFAULT_NAME = "demo"
_ANSWER_SECONDS = 3


def main() -> int:
    """Do what the command line says; the exit code."""
    arguments = parser().parse_args()
    try:
        _check_root()
        return int(arguments.do(arguments))
    except LabError as error:
        print(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""), file=sys.stderr)
        return 1


def _check_root() -> None:
    if os.geteuid() != 0:
        raise LabError("the lab needs root", hint=f"sudo {sys.executable} -m tests.lab …")


def _up(arguments: argparse.Namespace) -> int:
    hosts = [f"kvm{number}" for number in range(1, arguments.hosts + 1)]
    running = lab.up(arguments.name, hosts)
    _furnish(running, arguments)
    _describe(running)
    print("", *next_steps(running, list(running.hosts)[-1]), sep="\n")
    return 0


def next_steps(running: lab.Lab, host: str) -> list[str]:
    """Lines with commands to type next, each as it can be typed in the folder that the lab was brought up from."""
    omc = Path(sys.executable).with_name("omc")
    program = f"{_sudo()}{sys.executable} -m tests.lab"
    return [
        f"Try it:     {omc if omc.exists() else 'omc'} --site {running.site} inventory",
        f"Break it:   {program} exec --name {running.name} {host} bash",
        f"Take down:  {program} down --name {running.name}",
    ]


def _sudo() -> str:
    return "sudo " if "SUDO_USER" in os.environ else ""


def _furnish(running: lab.Lab, arguments: argparse.Namespace) -> None:
    """Everything there is on the first host, two halting guests on each other one, of which one runs."""
    if arguments.bare:
        return
    first, *others = running.hosts.values()
    contents.furnish(first)
    linux.start(first, [f"linux{number}" for number in range(1, arguments.linux + 1)])
    for host in others:
        with host.connect() as connection:
            domains = guests.define(
                connection, [guests.halting(host, f"{host.name}-{name}") for name in ("app", "spare")]
            )
            guests.start(domains[:1])


def _down(arguments: argparse.Namespace) -> int:
    for name in {arguments.name, *lab.remains()}:
        lab.take_down(name)
    return 0


def _status(arguments: argparse.Namespace) -> int:
    for name in lab.running():
        _describe(lab.attach(name))
    return 0


def _exec(arguments: argparse.Namespace) -> int:
    host = lab.attach(arguments.name).hosts.get(arguments.host)
    if host is None:
        raise LabError(f"no host {arguments.host} in the lab {arguments.name}")
    command = ["nsenter", "--target", str(host.pid), "--all", "--", *(arguments.command or ["bash"])]
    os.execvp(command[0], command)


def _describe(running: lab.Lab) -> None:
    print(f"lab {running.name}, {running.network}, site {running.site}")
    for host in running.hosts.values():
        print(f"  {host.name}  {host.address}  {host.flavour}  {_guests(host)}")


def _guests(host: Host) -> str:
    """How many there are, asked by a program that can be ended: the host may be broken on purpose."""
    ask = ("virsh", "--readonly", "--connect", host.local_uri, "list", "--name")
    try:
        active, every = (len(run(*ask, *which, timeout=_ANSWER_SECONDS).split()) for which in ([], ["--all"]))
    except LabError as error:
        return f"does not answer: {error.message.splitlines()[-1]}"
    return f"{every} guests, {active} running"


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="Real KVM hosts on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, do, text in (
        ("up", _up, "bring the hosts up and say how to reach them"),
        ("down", _down, "end the lab, and what an ended test run left behind"),
        ("status", _status, "the labs that are up, with their hosts"),
        ("exec", _exec, "run a command on a host (a shell, if none is given)"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--name", default=DEFAULT_NAME, help="which lab (%(default)s)")
        command.set_defaults(do=do)
        if name == "up":
            command.add_argument("--hosts", type=int, default=3, help="how many (%(default)s)")
            command.add_argument("--linux", type=int, default=2, help="Linux guests on the first host (%(default)s)")
            command.add_argument("--bare", action="store_true", help="no guests at all")
        if name == "exec":
            command.add_argument("host")
            command.add_argument("command", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    sys.exit(main())
