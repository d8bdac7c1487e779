"""What the shipped templates make is taken by the programs that read it, and what is broken is refused by them.

Each file is tried with the command that its own manifest names, as an apply would; templates whose program has no such
command are tried in `test_programs`.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from omc.templates.desired import Desired, DesiredFile
from tests import shipped
from tests.machine.machine import Machine

BROKEN = {
    "ansible": "  broken: [",
    "chrony": "serve everybody",
    "hugepages": "ExecStart=/nowhere/at/all",
    "keepalived": "vrrp_instance again {",
    "logrotate": "/var/log/x.log { rotat 3 }",
    "network-ifupdown": "  address",
    "network-netplan": "    br0: {dhcp: maybe}",
    "network-networkmanager": "[connection",
    "nftables": "table inet omc_host { chain input { tcp dport http-ish accept } }",
    "node-exporter": "ExecStart=/nowhere/at/all",
    "omc-exporter": "ExecStart=/nowhere/at/all",
    "prometheus": "scrape_config: []",
    "rsyslog": 'action(type="omfwd" targe="log")',
    "ssh-client": "StrictHostKeyCheckin yes",
    "sshd": "PasswordAuthentification no",
    "sysctl": "vm.swapiness = 10",
}
"""A line that the program of each template must not take at the end of its file."""


def staged(machine: Machine, files: tuple[DesiredFile, ...], root: str) -> None:
    """Write files below a folder of the machine."""
    for file in files:
        machine.write(f"{root}{file.path}", file.content.decode(), file.mode or 0o644)


def refusals(machine: Machine, desired: Desired) -> Iterator[str]:
    """Yield what the template's own validators and checks say against it."""
    machine.run("rm", "-rf", "/tmp/staged", "/tmp/checked")
    staged(machine, desired.files, "/tmp/staged")
    for file in desired.files:
        if file.validate:
            path = f"/tmp/staged{file.path}"
            status, said = machine.try_run(*(word.replace("%s", path) for word in file.validate))
            if status:
                yield f"{shlex.join(file.validate)}: {status} {said}"
    for check in desired.checks:
        machine.run("rm", "-rf", "/tmp/checked")
        for place in check.beside:
            copy = 'mkdir -p "$1$2" && [ ! -e "$2" ] || cp -a "$2/." "$1$2"'
            machine.run("sh", "-c", copy, "copy", "/tmp/checked", place)
        staged(machine, desired.files, "/tmp/checked")
        status, said = machine.try_run(*(word.replace("%s", "/tmp/checked") for word in check.command))
        if status:
            yield f"{shlex.join(check.command)}: {status} {said}"


def has_validator(name: str) -> bool:
    desired = shipped.of(name, "large")
    return bool(desired.checks) or any(file.validate for file in desired.files)


CHECKED = [name for name in shipped.NAMES if name in BROKEN]


@pytest.fixture(autouse=True)
def _programs(machine: Machine) -> None:
    """The machine has what the programs look for when they check: keys, programs that units start, folders."""
    machine.run("sh", "-c", SET_UP, "set-up", str(ANSIBLE))


ANSIBLE = Path(__file__).parents[2] / ".venv" / "bin" / "ansible-inventory"
SET_UP = """
set -eu
ln -sf "$1" /usr/local/bin/ansible-inventory
for device in br0 br20 br30; do [ -e "/sys/class/net/$device" ] || ip link add "$device" type bridge; done
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
mkdir -p /run/sshd /opt/omc/bin /etc/ssh/sshd_config.d /var/lib/chrony /var/log/backup
for program in /usr/bin/node_exporter /opt/omc/bin/omc /usr/bin/omc /usr/local/bin/dns-answers; do
  [ -e "$program" ] || { echo '#!/bin/sh' >"$program"; chmod 755 "$program"; }
done
"""


@pytest.mark.parametrize("host", shipped.HOSTS)
@pytest.mark.parametrize("name", CHECKED)
def test_program_takes_it(machine: Machine, name: str, host: str) -> None:
    """The program that will read the file says that it can."""
    assert [] == list(refusals(machine, shipped.of(name, host)))


@pytest.mark.parametrize("name", CHECKED)
def test_program_refuses_a_broken_file(machine: Machine, name: str) -> None:
    """The validator is one: a mistake in the file does not pass it."""
    desired = shipped.of(name, "small")
    last = desired.files[-1] if name not in ("sysctl", "omc-exporter") else desired.files[0 if name == "sysctl" else 2]
    broken = DesiredFile(
        template=name,
        path=last.path,
        content=last.content + f"\n{BROKEN[name]}\n".encode(),
        mode=last.mode,
        validate=last.validate,
    )
    files = tuple(broken if file is last else file for file in desired.files)
    assert list(refusals(machine, Desired(host=desired.host, templates=(name,), files=files, checks=desired.checks)))


def test_every_template_with_a_validator_is_tried() -> None:
    """No validator is shipped that nothing has seen refuse."""
    assert sorted(BROKEN) == [name for name in shipped.NAMES if has_validator(name)]
