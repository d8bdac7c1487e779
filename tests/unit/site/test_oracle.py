"""omc reads an inventory, and picks hosts by a pattern, exactly as Ansible does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from omc.errors import UsageError
from omc.select import select
from omc.site import Sealed, Site, load_site
from omc.site.find import inventories
from omc.site.values import plain

CASES = Path(__file__).parents[2] / "data" / "sites" / "cases"
NAMES = sorted(path.name for path in CASES.iterdir())
ORACLE = Path(__file__).with_name("oracle.py")
PATTERNS_OF = {
    "nested-groups": (
        "all",
        "*",
        "germany",
        "germany:france",
        "germany,france",
        "france:germany",
        "berlin:!kvm-b1",
        "!berlin",
        "&berlin",
        "all:&germany",
        "all:&germany:!munich",
        "!munich:germany:&berlin",
        "kvm-*",
        "kvm-b?",
        "kvm-[bm]1",
        "kvm-b[12]",
        "~kvm-(b|p)\\d",
        "~berlin|paris",
        "~.*1$",
        "germany[0]",
        "germany[-1]",
        "germany[0:1]",
        "germany[1:]",
        "germany[0:0]",
        "germany[4:]",
        "harbour",
        "germany[-3]",
        "germany[2:1]",
        "germany[0-1]",
        "all[1:3]",
        "all[2]",
        "all[-2]",
        "kvm-*[0:2]",
        "kvm-p1",
        "kvm-p1,kvm-b1",
        "kvm-p1:kvm-b1:kvm-p1",
        "par*",
        "p*",
        "*1",
        "berlin,!kvm-b1,kvm-m1",
        " berlin , paris ",
        "berlin munich",
        "ungrouped:paris",
        "empty:paris",
        "all:!*1",
        "all:!kvm-b*:!paris",
    ),
    "ranges": (
        "r1*",
        "r?nb-x",
        "192.0.2.*",
        "port[0]",
        "ports[0:1]",
        "192.0.2.1",
        "numbers:&kvm1*",
        "kvm[0:3]",
        "zero*:kvm1",
    ),
    "ranges-yaml": (
        "2001:db8::5",
        "2001:db8::6,kvm001",
        "kvm*,!2001:db8::5",
        "*.example.com",
        "not_an_address_",
        "kvm[1]",
    ),
    "many-parents": (
        "role_kvm",
        "vendor:&site_a",
        "site_*",
        "lonely,ungrouped",
        "site_b[0]",
        "role_kvm:!vendor",
        "~site_[ab]",
    ),
    "odd-names": ("web-servers", "2024", "10", "x--y", "Web1*", "web1*", "ünïcode", "a.b.c.d"),
    "folder": ("both", "both:!lab", "lab[0:0]", "kvm2"),
    "ini-children": ("outer", "site:!web", "db[1]", "web*", "outer:&db"),
}


@pytest.fixture(scope="module")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What Ansible says of every case, asked once."""
    asked = {str(source(name)): list(PATTERNS_OF.get(name, ("all",))) for name in NAMES}
    answer = run([sys.executable, str(ORACLE)], tmp_path_factory.mktemp("ansible"), given=json.dumps(asked))
    return {name: json.loads(answer)[str(source(name))] for name in NAMES}


def run(command: list[str], folder: Path, given: str = "") -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environ |= {"HOME": str(folder), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environ, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def source(name: str) -> Path:
    (found,) = inventories(CASES / name)
    return found


def site(name: str) -> Site:
    return load_site(CASES / name)


def as_ansible(value: object) -> object:
    """A value as Ansible's encoder writes it."""
    if isinstance(value, Sealed):
        return {"__ansible_vault": value.ciphertext}
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): as_ansible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_ansible(item) for item in value]
    return plain(value)


@pytest.mark.parametrize("name", NAMES)
def test_ansible_itself_accepts_every_case(name: str, ansible: Mapping[str, Any]) -> None:
    assert ansible[name]["parsed"]
    assert ansible[name]["hosts"]


@pytest.mark.parametrize("name", NAMES)
def test_the_hosts_and_their_order_are_the_same(name: str, ansible: Mapping[str, Any]) -> None:
    assert ansible[name]["order"] == list(site(name).hosts)


@pytest.mark.parametrize("name", NAMES)
def test_every_host_has_the_same_variables(name: str, ansible: Mapping[str, Any]) -> None:
    found = {host.name: as_ansible(dict(host.variables)) for host in site(name).hosts.values()}
    assert ansible[name]["hosts"] == found


@pytest.mark.parametrize("name", NAMES)
def test_every_host_is_in_the_same_groups(name: str, ansible: Mapping[str, Any]) -> None:
    assert ansible[name]["group_names"] == {host.name: list(host.groups) for host in site(name).hosts.values()}


@pytest.mark.parametrize("name", NAMES)
def test_every_group_has_the_same_hosts_and_children_in_the_same_order(name: str, ansible: Mapping[str, Any]) -> None:
    groups = site(name).groups
    assert ansible[name]["children"] == {group.name: list(group.children) for group in groups.values()}
    assert ansible[name]["members"] == {group.name: list(group.hosts) for group in groups.values()}


@pytest.mark.parametrize(
    ("name", "pattern"), [(name, pattern) for name in PATTERNS_OF for pattern in PATTERNS_OF[name]]
)
def test_a_pattern_picks_the_same_hosts_in_the_same_order(name: str, pattern: str, ansible: Mapping[str, Any]) -> None:
    try:
        found = [host.name for host in select(site(name), [pattern])]
    except UsageError:
        found = []
    assert ansible[name]["patterns"][pattern] == found


@pytest.mark.parametrize("name", ["nested-groups", "host-and-group-vars"])
def test_ansible_inventory_prints_what_the_oracle_says(name: str, tmp_path: Path, ansible: Mapping[str, Any]) -> None:
    program = str(Path(sys.executable).with_name("ansible-inventory"))
    printed = json.loads(run([program, "-i", str(source(name)), "--list"], tmp_path))
    assert printed["_meta"]["hostvars"] == {host: values for host, values in ansible[name]["hosts"].items() if values}


@pytest.mark.parametrize("pattern", ["all:!munich:&germany", "all[1:3]"])
def test_ansible_lists_the_hosts_that_the_oracle_says(pattern: str, tmp_path: Path, ansible: Mapping[str, Any]) -> None:
    program = str(Path(sys.executable).with_name("ansible"))
    printed = run([program, "-i", str(source("nested-groups")), "--list-hosts", pattern], tmp_path)
    asked = [host.name for host in select(site("nested-groups"), [pattern])]
    assert [line.strip() for line in printed.splitlines()[1:]] == asked
