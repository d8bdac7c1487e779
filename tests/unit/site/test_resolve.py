"""Templates of one variable are filled in when it is asked for, in a sandbox, and never with what is sealed."""

import subprocess
import sys
from pathlib import Path

import pytest

from omc.errors import SiteError
from omc.site import Site, load_site, resolve

HOSTS = """
all:
  vars:
    domain: example.com
    full: "{{ inventory_hostname }}.{{ domain }}"
    short: "{{ inventory_hostname_short }}"
    place: "{{ inventory_dir }}/x {{ inventory_file }}"
    number: "{{ 40 + 2 }}"
    joined: "{{ 40 + 2 }} of {{ groups.kvm | length }}"
    listed: ["{{ domain }}", {deep: "{{ number }}"}]
    names: "{{ group_names }}"
    other: "{{ hostvars['kvm2.lan'].rack }}/{{ hostvars['kvm2.lan'].full }}"
    others: "{{ hostvars | length }} {{ hostvars.values() | map(attribute='rack') | join(',') }}"
    unsafe: !unsafe "{{ domain }}"
    around: "{{ unsafe }}!"
    lined: "{{ domain }}\\n"
    secret: !vault sealed
    holder: {inside: !vault sealed, outside: "{{ domain }}"}
    uses_secret: "x{{ secret }}"
    uses_inside: "x{{ holder.inside }}"
    is_inside: "{{ holder.inside }}"
    here: "{{ there }}"
    there: "{{ here }}"
    selfish: "{{ selfish }}"
    broken: "{{ domain "
    missing: "{{ nothing }}"
    looked_up: "{{ lookup('env', 'HOME') }}"
    filter: "{{ domain | ipaddr }}"
    divided: "{{ 1 / 0 }}"
    escape: "{{ ''.__class__.__mro__ }}"
    fallback: "{{ nothing | default('none') }}"
    missing_host: "{{ hostvars.nobody.rack }}"
  children:
    kvm:
      hosts:
        kvm1.lan: {rack: a1}
        kvm2.lan: {rack: b2}
    other_group:
      hosts:
        kvm1.lan:
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yaml").write_text(HOSTS)
    return load_site(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rack", "a1"),
        ("full", "kvm1.lan.example.com"),
        ("short", "kvm1"),
        ("number", 42),
        ("joined", "42 of 2"),
        ("listed", ["example.com", {"deep": 42}]),
        ("names", ["kvm", "other_group"]),
        ("other", "b2/kvm2.lan.example.com"),
        ("others", "2 a1,b2"),
        ("unsafe", "{{ domain }}"),
        ("around", "{{ domain }}!"),
        ("lined", "example.com\n"),
        ("fallback", "none"),
        ("inventory_hostname", "kvm1.lan"),
    ],
)
def test_a_template_is_filled_in(site: Site, name: str, value: object) -> None:
    assert value == resolve(site, site.hosts["kvm1.lan"], name)


def test_the_inventory_folder_is_absolute(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "inventory"
    assert f"{folder}/x {folder}/hosts.yaml" == resolve(site, site.hosts["kvm1.lan"], "place")


def test_a_sealed_value_beside_others_stays_sealed(site: Site) -> None:
    found = resolve(site, site.hosts["kvm1.lan"], "holder")
    assert isinstance(found, dict)
    assert "(sealed)" == str(found["inside"])
    assert "example.com" == found["outside"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent", "kvm1.lan has no variable 'absent'"),
        ("secret", "secret is sealed by ansible-vault"),
        ("uses_secret", "secret is sealed by ansible-vault"),
        ("uses_inside", "it needs a value that is sealed by ansible-vault"),
        ("is_inside", "it needs a value that is sealed by ansible-vault"),
        ("here", "the templates of here go in a circle: kvm1.lan: here > kvm1.lan: there > kvm1.lan: here"),
        ("selfish", "the templates of selfish go in a circle: kvm1.lan: selfish > kvm1.lan: selfish"),
        ("broken", "broken cannot be resolved from '{{ domain ': unexpected end of template"),
        ("missing", "missing cannot be resolved from '{{ nothing }}': 'nothing' is undefined"),
        ("looked_up", "'lookup' is undefined"),
        ("filter", "No filter named 'ipaddr'"),
        ("divided", "division by zero"),
        ("escape", "access to attribute '__class__' of 'str' object is unsafe"),
        ("missing_host", "has no attribute 'nobody'"),
    ],
)
def test_what_cannot_be_filled_in_is_refused_with_its_reason(site: Site, name: str, message: str) -> None:
    with pytest.raises(SiteError) as caught:
        resolve(site, site.hosts["kvm1.lan"], name)
    assert message in caught.value.message
    assert "host kvm1.lan" == caught.value.where


def test_a_site_that_uses_only_the_common_names_loads_without_jinja2() -> None:
    program = "import sys; from omc.site import *; load_site(reference_root()); print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()


def test_importing_the_site_package_loads_no_yaml() -> None:
    program = "import sys; import omc.site, omc.select; print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()
