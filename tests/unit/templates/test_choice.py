"""Hosts choose the templates that come with omc; the site's own name their hosts."""

from pathlib import Path

import pytest

from omc.site import load_site
from omc.templates import catalogue
from omc.templates.choice import choice_fault, choice_with, for_nobody, unchosen
from tests.templates import write

HOSTS = """\
all:
  vars: {libvirt_uri: 'test:///default'}
  hosts:
    a: {omc_templates: [chrony]}
    b: {}
    c: {omc_templates: "{{ ['chrony'] }}"}
"""


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (["chrony"], None),
        ([], None),
        (
            "chrony",
            ("omc_templates: expected a list of templates, found the text 'chrony'", "omc_templates: [chrony, …]"),
        ),
        (
            ["chrony", 5],
            ("omc_templates: expected a list of templates, found a list of 2", "omc_templates: [chrony, …]"),
        ),
        (["chrnoy"], ("omc_templates: no template is named 'chrnoy'", "meant chrony?")),
        (["zzz"], ("omc_templates: no template is named 'zzz'", "omc template list lists them")),
    ],
)
def test_choice_is_a_list_of_templates_that_are_there(wanted: object, fault: tuple[str, str] | None) -> None:
    assert fault == choice_fault(wanted, ["chrony", "motd"])


def test_what_chooses_a_template_keeps_what_was_chosen(tmp_path: Path) -> None:
    """Of a choice that a template works out nobody says what lacks."""
    hosts = load_site(write(tmp_path, {}, HOSTS)).hosts
    assert ["motd"] == unchosen(hosts["a"], ["chrony", "motd"])
    assert ["chrony", "motd"] == unchosen(hosts["b"], ["chrony", "motd"])
    assert [] == unchosen(hosts["c"], ["chrony", "motd"])
    assert "omc_templates: [chrony, motd]" == choice_with(hosts["a"], ["motd"])
    assert "omc_templates: [motd]" == choice_with(hosts["b"], ["motd"])


def test_template_whose_hosts_are_not_there_is_for_nobody(tmp_path: Path) -> None:
    files = "files: [{template: f.j2, path: /etc/NAME}]\n"
    lines = {"some": "hosts: a\n", "none": "hosts: no_such_group\n", "later": "hosts: \"{{ 'x' }}\"\n"}
    made = {name: {"manifest.yaml": f"{line}{files.replace('NAME', name)}", "f.j2": ""} for name, line in lines.items()}
    root = write(tmp_path, made, HOSTS)
    found = list(for_nobody(catalogue.load(root).choose(), load_site(root)))
    assert ["none"] == [template.name for template, _ in found]
    assert "no_such_group" in found[0][1].message
