"""Facts are asked for where a template reads them, and nowhere else."""

from pathlib import Path

import pytest

from omc.site import load_site
from omc.templates import catalogue
from omc.templates.render import Needs
from omc.templates.render.needs import needs_facts
from tests.templates import write

SITE = """\
all:
  hosts:
    kvm01: {omc_templates: [chrony]}
    kvm02: {memory: "{{ host.memory_bytes }}", chain: "{{ memory }}"}
  vars: {libvirt_uri: "test:///default", peers: "{{ hosts | length }}"}
"""
NOTHING, OWN, FLEET, BOTH = Needs(), Needs(own=True), Needs(fleet=True), Needs(own=True, fleet=True)


def needs(root: Path, names: list[str]) -> Needs:
    return needs_facts(catalogue.load(root).choose(names), load_site(root))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ inventory_hostname }} {{ peers }}", NOTHING),
        ("{{ host.memory_bytes }}", OWN),
        ("{% for guest in guests %}{{ guest.name }}{% endfor %}", OWN),
        ("{% macro f() %}{{ host.cells }}{% endmacro %}{{ f() }}", OWN),
        ("{{ hosts.kvm01.address }}", NOTHING),
        ("{{ hosts.kvm01.facts.memory_bytes }}", FLEET),
        ("{{ hosts['kvm01']['facts'] }}", FLEET),
        ("{{ hosts.values() | map(attribute='facts.memory_bytes') | list }}", FLEET),
        ("{{ memory }}", OWN),
        ("{{ chain }}", OWN),
        ("{{ hostvars.kvm02.chain }}", OWN),
        ("{% include 'more.j2' %}", OWN),
        ("{% include name %}", OWN),
        ("{% raw %}{{ host }}{% endraw %}{# host #} host", NOTHING),
        ("{% if %}", NOTHING),
        ("{{ host.x }}{{ hosts.y.facts }}", BOTH),
    ],
)
def test_files(tmp_path: Path, template: str, expected: Needs) -> None:
    """In the file, in what it includes, and in the variables of the site that it uses."""
    files = {"manifest.yaml": "files: [{template: f.j2, path: /x}]\n", "f.j2": template, "more.j2": "{{ guests }}"}
    assert expected == needs(write(tmp_path, {"t": files}, SITE), ["t"])


@pytest.mark.parametrize(
    "key",
    [
        "hosts: {when: host.cells}",
        "hosts: {when: '{{ guests | length > 1 }}'}",
        "handlers: [{command: x, when: [true, host.cells]}]",
        "handlers: [{command: 'x {{ host.name }}'}]",
        "checks: [{command: 'x %s {{ host.name }}'}]",
        "variables: {a: {default: {b: ['{{ host.cells }}']}}}",
    ],
)
def test_manifests(tmp_path: Path, key: str) -> None:
    """Every value that is rendered counts."""
    files = {"manifest.yaml": f"files: [{{template: f.j2, path: /x}}]\n{key}\n", "f.j2": ""}
    assert needs(write(tmp_path, {"t": files}, SITE), ["t"]) == OWN


def test_a_shipped_template_counts_where_a_host_asks_for_it(tmp_path: Path) -> None:
    """Hugepages reads facts, chrony does not; nobody asks for hugepages here."""
    root = write(tmp_path, {}, SITE)
    assert needs(root, []) == NOTHING
    assert needs(root, ["hugepages"]).own
    assert needs(write(tmp_path, {}, SITE.replace("[chrony]", "[hugepages]")), []).own
