"""Every host gets a libvirt URI from its variables; one that gets none has a problem, and the site stands."""

import time
from pathlib import Path

import libvirt
import pytest

from omc.site import Site, SiteHost, load_site

NOT_HERE = "omc has no lookups, facts or Ansible filters here"


def read(folder: Path, hosts: str) -> Site:
    (folder / "inventory").mkdir()
    (folder / "inventory" / "hosts.yaml").write_text(hosts)
    return load_site(folder)


def host(folder: Path, variables: str, name: str = "kvm1") -> SiteHost:
    return read(folder, f"all: {{hosts: {{{name!r}: {{{variables}}}}}}}\n").hosts[name]


@pytest.mark.parametrize(
    ("variables", "uri"),
    [
        ("", "qemu+ssh://kvm1/system?no_tty=1"),
        ("ansible_host: 192.0.2.7", "qemu+ssh://192.0.2.7/system?no_tty=1"),
        ("ansible_host: '2001:db8::7', ansible_port: 2222", "qemu+ssh://[2001:db8::7]:2222/system?no_tty=1"),
        ("ansible_user: root", "qemu+ssh://root@kvm1/system?no_tty=1"),
        ("ansible_user: 'a@b'", "qemu+ssh://a%40b@kvm1/system?no_tty=1"),
        ("ansible_port: '2222'", "qemu+ssh://kvm1:2222/system?no_tty=1"),
        ("ansible_ssh_host: a, ansible_ssh_user: b, ansible_ssh_port: 9", "qemu+ssh://b@a:9/system?no_tty=1"),
        ("ansible_ssh_private_key_file: /k/id", "qemu+ssh://kvm1/system?no_tty=1&keyfile=/k/id"),
        ("ansible_ssh_private_key_file: '/k/a b&c'", "qemu+ssh://kvm1/system?no_tty=1&keyfile=/k/a%20b%26c"),
        ("ansible_connection: local", "qemu:///system"),
        ("ansible_connection: ssh", "qemu+ssh://kvm1/system?no_tty=1"),
        ("ansible_host: null", "qemu+ssh://kvm1/system?no_tty=1"),
        ("libvirt_uri: 'qemu+tls://kvm1/system', ansible_host: x", "qemu+tls://kvm1/system"),
        ("libvirt_uri: 'xen:///'", "xen:///"),
        ("libvirt_uri: 'qemu+unix:///system?socket=/a/b'", "qemu+unix:///system?socket=/a/b"),
        ("libvirt_uri: 'esx://root@esx1/?no_verify=1'", "esx://root@esx1/?no_verify=1"),
        ("libvirt_uri: 'test:///{{ inventory_hostname }}.xml'", "test:///kvm1.xml"),
        ("a: x, libvirt_uri: 'test:///{{ a | upper }}'", "test:///X"),
        ("ansible_host: '{{ inventory_hostname }}.example.com'", "qemu+ssh://kvm1.example.com/system?no_tty=1"),
    ],
)
def test_the_variables_give_the_uri(tmp_path: Path, variables: str, uri: str) -> None:
    found = host(tmp_path, variables)
    assert ("", uri) == (found.problem, found.uri)


def test_a_key_file_in_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/x")
    found = host(tmp_path, "ansible_private_key_file: ~/.ssh/id")
    assert "qemu+ssh://kvm1/system?no_tty=1&keyfile=/home/x/.ssh/id" == found.uri


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        (
            "libvirt_uri: kvm1",
            "expected a libvirt URI such as qemu+ssh://root@kvm1/system as libvirt_uri, found 'kvm1'",
        ),
        ("libvirt_uri: [a]", "expected text as libvirt_uri, found ['a']"),
        ("libvirt_uri: true", "expected text as libvirt_uri, found True"),
        ("ansible_port: 0", "expected a port from 1 to 65535 as ansible_port, found '0'"),
        ("ansible_port: ssh", "expected a port from 1 to 65535 as ansible_port, found 'ssh'"),
        ("ansible_host: 'a b'", "expected a host name or address as ansible_host, found 'a b'"),
        ("ansible_host: a/b", "expected a host name or address as ansible_host, found 'a/b'"),
        (
            "ansible_user: !vault sealed",
            "ansible_user is sealed by ansible-vault (omc opens no vault: set ansible_user unsealed, or in host_vars/)",
        ),
        (
            "ansible_host: '{{ nothing }}'",
            f"ansible_host cannot be resolved from '{{{{ nothing }}}}': 'nothing' is undefined ({NOT_HERE})",
        ),
    ],
)
def test_a_host_without_a_uri_has_a_problem_and_the_site_stands(tmp_path: Path, variables: str, problem: str) -> None:
    found = host(tmp_path, variables)
    assert problem == found.problem
    with pytest.raises(libvirt.libvirtError):
        libvirt.openReadOnly(found.uri)


@pytest.mark.parametrize("name", ["-oProxyCommand=x", "../system", "kvm1/session?", "root@kvm1"])
def test_a_name_cannot_become_an_option_or_another_part_of_the_uri(tmp_path: Path, name: str) -> None:
    found = host(tmp_path, "", name=name)
    assert "expected a host name or address as ansible_host" in found.problem


def test_a_thousand_hosts_load_in_less_than_150_milliseconds(tmp_path: Path) -> None:
    lines = [f"        kvm{number:04}:\n          ansible_host: 10.0.0.{number % 250}\n" for number in range(1000)]
    read(tmp_path, "all:\n  vars: {ansible_user: root}\n  children:\n    kvm:\n      hosts:\n" + "".join(lines))
    seconds = []
    for _ in range(5):
        began = time.process_time()
        assert 1000 == len(load_site(tmp_path).hosts)
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.15
