"""A variable that nothing speaks of is misspelt."""

from pathlib import Path

import pytest

from omc.site import load_site
from omc.templates import catalogue
from omc.templates.mentions import unmentioned
from tests.templates import write

HOSTS = "all:\n  hosts: {a: {libvirt_uri: 'test:///default', rack: r1, dns: '{{ resolver }}'}}\n"
MANIFEST = "files: [{template: f.j2, path: /etc/x}]\nvariables: {greeting: {type: string, default: hello}}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, {"t": {"manifest.yaml": MANIFEST, "f.j2": "{{ greeting }}{# also farewell #}"}}, HOSTS)


@pytest.mark.parametrize("name", ["greeting", "farewell", "rack", "resolver"])
def test_name_that_a_template_or_a_host_speaks_of_is_known(root: Path, name: str) -> None:
    """In a manifest, in a file, if only in a comment, among the host's variables and in the values of these."""
    hosts = list(load_site(root).hosts.values())
    assert {} == unmentioned([name], catalogue.load(root).choose(), hosts)


def test_other_names_come_with_those_that_may_be_meant(root: Path) -> None:
    hosts = list(load_site(root).hosts.values())
    found = unmentioned(["greetnig", "rack"], catalogue.load(root).choose(), hosts)
    assert ["greetnig"] == list(found)
    assert {"greeting", "rack"} <= set(found["greetnig"])


def test_file_that_cannot_be_read_as_text_mentions_nothing(root: Path) -> None:
    (root / "templates" / "t" / "logo.bin").write_bytes(b"\xff\xfe\x00")
    (root / "templates" / "t" / "gone").symlink_to("nowhere")
    assert ["zzz"] == list(unmentioned(["zzz"], catalogue.load(root).choose(), []))
