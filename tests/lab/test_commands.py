"""The lab's command line says commands that can be typed: with the lab's own name, and a Python that has its parts."""

import ipaddress
import shlex
import sys

import pytest

from tests.lab.__main__ import next_steps, parser
from tests.lab.lab import LABS, Lab


def commands(name: str) -> list[str]:
    lab = Lab(name, lan=ipaddress.IPv4Network("10.77.9.0/24"))
    return [line.partition(":")[2].strip() for line in next_steps(lab, "kvm5")]


@pytest.mark.parametrize("sudo", ["", "sudo "])
def test_what_breaks_a_host_and_what_ends_the_lab_name_this_lab(monkeypatch: pytest.MonkeyPatch, sudo: str) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    if sudo:
        monkeypatch.setenv("SUDO_USER", "somebody")
    _, breaks, ends = commands("other")
    program = f"{sudo}{sys.executable} -m tests.lab "
    broken = parser().parse_args(shlex.split(breaks.removeprefix(program)))
    assert ("other", "kvm5", ["bash"]) == (broken.name, broken.host, broken.command)
    ended = parser().parse_args(shlex.split(ends.removeprefix(program)))
    assert "other" == ended.name


def test_what_tries_omc_names_the_site_of_this_lab() -> None:
    assert f"--site {LABS}/other/site inventory" in commands("other")[0]
