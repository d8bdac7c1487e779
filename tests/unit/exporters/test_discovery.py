"""Discovery: labels of hosts and guests, and what is never given out."""

import msgspec
import pytest

from omc.exporters.discovery import GuestAddress, guest_groups, host_groups
from omc.site import load_site

HOSTS = """\
all:
  children:
    kvm:
      hosts:
        kvm01:
          ansible_host: 10.0.0.1
          rack: 7
          spare: false
          room: "room of {{ inventory_hostname }}"
          broken: "{{ nothing }}"
          database_url: postgresql://omc:hunter2@db/omc
          api_token: hunter2
          ansible_become_password: hunter2
          ansible_ssh_private_key_file: /root/.ssh/hunter2
          disks: [hunter2]
          odd-name: "yes"
          opened: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            6162
        kvm02:
          libvirt_uri: test:///default
"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yaml").write_text(HOSTS)
    return load_site(tmp_path)


def address(text, **changes):
    fields = {"host": "kvm01", "guest": "web", "uuid": "u", "state": "running", "source": "agent"} | changes
    return GuestAddress(address=text, **fields)


def test_a_host_carries_its_groups_and_variables(site):
    """Groups one by one and as a list between commas; plain variables as text, templates filled in."""
    group = next(host_groups(site))
    assert ("kvm01",) == group.targets
    expected = {
        "__meta_omc_host": "kvm01",
        "__meta_omc_address": "10.0.0.1",
        "__meta_omc_groups": ",kvm,",
        "__meta_omc_group_kvm": "true",
        "__meta_omc_var_rack": "7",
        "__meta_omc_var_spare": "false",
        "__meta_omc_var_room": "room of kvm01",
        "__meta_omc_var_odd_name": "yes",
    }
    assert expected.items() <= group.labels.items()
    assert all(isinstance(value, str) for value in group.labels.values())


def test_no_secret_is_given_out(site):
    """Neither by a variable's name, nor in a URL, nor from a vault; what cannot be filled in is left out."""
    assert b"hunter2" not in msgspec.json.encode(list(host_groups(site)))
    labels = next(host_groups(site)).labels
    assert "__meta_omc_var_broken" not in labels
    assert "__meta_omc_var_opened" not in labels


def test_a_guest_is_a_target_by_each_address(site):
    """With its host's labels and its own; the same address of a guest comes once."""
    found = [address("192.0.2.1", tags=("web", "prod")), address("192.0.2.1", source="lease"), address("2001:DB8::1")]
    first, second = guest_groups(site, found)
    assert (("192.0.2.1",), ("[2001:db8::1]",)) == (first.targets, second.targets)
    assert ",web,prod," == first.labels["__meta_omc_guest_tags"]
    assert "agent" == first.labels["__meta_omc_guest_address_source"]
    assert "kvm01" == first.labels["__meta_omc_host"]
    assert "ipv6" == second.labels["__meta_omc_guest_address_family"]


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "::1", "169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:127.0.0.1", "a b", ""]
)
def test_a_guest_cannot_send_prometheus_elsewhere(site, text):
    """An address that no guest can be reached at is left out."""
    assert [] == list(guest_groups(site, [address(text)]))


def test_a_guest_of_another_site_is_left_out(site):
    """The store may know hosts that the site has no more."""
    assert [] == list(guest_groups(site, [address("192.0.2.1", host="gone")]))
