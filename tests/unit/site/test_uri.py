"""Every host gets a libvirt URI from its variables; one that gets none has a problem, and the site stands."""

from pathlib import Path
from urllib.parse import quote

import libvirt
import pytest

from omc.providers import LIBVIRT_SCHEMES
from omc.site import Site, SiteHost, load_site

TRANSPORTS = "one of unix, ssh, tls, tcp, ext, libssh, libssh2"
PORT = "expected a port from 1 to 65535 behind the host in libvirt_uri,"
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
        ("ansible_host: 'fe80::1%eth0'", "qemu+ssh://[fe80::1%25eth0]/system?no_tty=1"),
        ("libvirt_uri: 'qemu+ssh://root@[2001:db8::7]:2222/system'", "qemu+ssh://root@[2001:db8::7]:2222/system"),
        ("libvirt_uri: 'qemu+tcp://[fe80::1%25eth0]/system'", "qemu+tcp://[fe80::1%25eth0]/system"),
        ("libvirt_uri: 'qemu+libssh2://a@b@kvm1/session'", "qemu+libssh2://a@b@kvm1/session"),
        ("libvirt_uri: 'qemu+ext://kvm1/system?command=/a%20b'", "qemu+ext://kvm1/system?command=/a%20b"),
        ("libvirt_uri: 'qemu:///embed?root=/a'", "qemu:///embed?root=/a"),
        ("libvirt_uri: 'qemu+ssh://kvm1/?name=qemu:///system'", "qemu+ssh://kvm1/?name=qemu:///system"),
        ("libvirt_uri: 'vpx://me@vcenter/a/b/esx1'", "vpx://me@vcenter/a/b/esx1"),
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
            "expected a libvirt URI such as qemu+ssh://root@kvm1/system in libvirt_uri, found 'kvm1'",
        ),
        ("libvirt_uri: 5", "expected a libvirt URI such as qemu+ssh://root@kvm1/system in libvirt_uri, found '5'"),
        (
            "libvirt_uri: 'qemu+://kvm1/system'",
            "expected a libvirt URI such as qemu+ssh://root@kvm1/system in libvirt_uri, found 'qemu+://kvm1/system'",
        ),
        (
            "libvirt_uri: 'test:///a b.xml'",
            "expected a URI without blanks in libvirt_uri, found 'test:///a b.xml' (write %20 for a blank)",
        ),
        (
            "libvirt_uri: 'http://foo'",
            (
                "expected a scheme that omc knows in libvirt_uri, found 'http://foo' "
                f"(known are {', '.join(LIBVIRT_SCHEMES)})"
            ),
        ),
        (
            "libvirt_uri: 'qmeu:///system'",
            "expected a scheme that omc knows in libvirt_uri, found 'qmeu:///system' (meant qemu?)",
        ),
        (
            "libvirt_uri: 'qemu+shh://x/system'",
            f"expected {TRANSPORTS} behind the + in libvirt_uri, found 'qemu+shh://x/system' (meant ssh?)",
        ),
        ("libvirt_uri: 'qemu+ssh://x:99999/system'", f"{PORT} found 'qemu+ssh://x:99999/system'"),
        ("libvirt_uri: 'qemu+ssh://x:0/system'", f"{PORT} found 'qemu+ssh://x:0/system'"),
        ("libvirt_uri: 'qemu+ssh://x:/system'", f"{PORT} found 'qemu+ssh://x:/system'"),
        ("libvirt_uri: 'qemu+ssh://[::1]:ssh/system'", f"{PORT} found 'qemu+ssh://[::1]:ssh/system'"),
        (
            "libvirt_uri: 'qemu+ssh://[::1/system'",
            "expected an IPv6 address between [ and ] in libvirt_uri, found 'qemu+ssh://[::1/system'",
        ),
        (
            "libvirt_uri: 'qemu+ssh://fe80::1/system'",
            (
                "expected a host name or address behind the // in libvirt_uri, found 'qemu+ssh://fe80::1/system' "
                "(put an IPv6 address in brackets)"
            ),
        ),
        (
            "libvirt_uri: 'qemu+ssh://-oProxyCommand=x/system'",
            "expected a host name or address behind the // in libvirt_uri, found 'qemu+ssh://-oProxyCommand=x/system'",
        ),
        (
            "libvirt_uri: 'qemu+ssh://me:secret@kvm1'",
            "expected /system, /session or /embed as the path in libvirt_uri, found 'qemu+ssh://me:…@kvm1'",
        ),
        (
            "ansible_host: 'kvm1:22'",
            "expected a host name or address as ansible_host, found 'kvm1:22' (set ansible_port for the port)",
        ),
        (
            "ansible_ssh_private_key_file: ~nobody-of-that-name/id",
            (
                "expected the path of a file as ansible_ssh_private_key_file, found '~nobody-of-that-name/id' "
                "(the user behind ~ is not known here)"
            ),
        ),
        (
            "ansible_port: ssh, ansible_host: 'a b'",
            (
                "expected a host name or address as ansible_host, found 'a b'; "
                "expected a port from 1 to 65535 as ansible_port, found 'ssh'"
            ),
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


ODD_FOLDER = "a b#c%41?d é"


@pytest.mark.parametrize(
    "written",
    [
        "test://{{ inventory_dir }}/{{ inventory_hostname }}.xml",
        "test://{{ inventory_dir }}/{{ inventory_hostname | lower }}.xml",
        "test://{{ inventory_dir | urlencode }}/kvm1.xml",
        "test://{{ folder }}/kvm1.xml",
        "test://{{ folder | urlencode }}/kvm1.xml",
        "test://{{ deep }}.xml",
        "test://{{ hostvars['kvm1'].folder }}/kvm1.xml",
        "{{ 'test://' ~ inventory_dir | urlencode ~ '/kvm1.xml' }}",
    ],
)
def test_libvirt_opens_a_file_of_the_site_whatever_the_folder_is_called(tmp_path: Path, written: str) -> None:
    root = tmp_path / ODD_FOLDER
    root.mkdir()
    others = "folder: '{{ inventory_dir }}', deep: '{{ folder }}/{{ inventory_hostname }}'"
    found = host(root, f'{others}, libvirt_uri: "{written}"')
    (root / "inventory" / "kvm1.xml").write_text(
        "<node><domain type='test'><name>a</name><memory>1</memory><os><type>hvm</type></os></domain></node>"
    )
    assert "" == found.problem
    assert ["a"] == [domain.name() for domain in libvirt.openReadOnly(found.uri).listAllDomains()]


def test_a_folder_is_encoded_once_where_it_becomes_a_key_file_of_the_uri(tmp_path: Path) -> None:
    root = tmp_path / ODD_FOLDER
    root.mkdir()
    found = host(root, "ansible_ssh_private_key_file: '{{ inventory_dir }}/id'")
    assert f"keyfile={quote(str(root))}/inventory/id" in found.uri


def test_a_kind_that_an_installed_part_reads_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path / "parts")
    folder = tmp_path / "parts" / "other-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[omc.providers]\nother = other_part:PROVIDER\n")
    (tmp_path / "parts" / "other_part.py").write_text("class PROVIDER:\n    schemes = ('othertest',)\n")
    found = host(tmp_path, "libvirt_uri: 'othertest+https://cloud:8443/zone'")
    assert ("", "othertest+https://cloud:8443/zone") == (found.problem, found.uri)
