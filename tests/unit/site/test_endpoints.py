"""Ansible's connection variables say where a host's shell is; what omc does not do of them is said or refused."""

from pathlib import Path

import pytest

from omc.errors import HostError
from omc.ports import Endpoint
from omc.site import load_site, local_site
from omc.site.endpoints import NOT_HONOURED, Endpoints


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def endpoint(tmp_path: Path, warnings: list[str]):
    """Return the endpoint of the host kvm1 with some variables."""

    def read(variables: str, name: str = "kvm1") -> Endpoint:
        (tmp_path / "inventory").mkdir(exist_ok=True)
        text = f"all: {{vars: {{shared: x}}, hosts: {{{name!r}: {{{variables}}}}}}}\n"
        (tmp_path / "inventory" / "hosts.yaml").write_text(text)
        site = load_site(tmp_path)
        return Endpoints(site, warnings.append).of(site.hosts[name])

    return read


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ("", {}),
        ("ansible_host: 192.0.2.7", {"address": "192.0.2.7"}),
        ("ansible_host: '2001:db8::7', ansible_port: '2222'", {"address": "2001:db8::7", "port": 2222}),
        ("ansible_user: admin", {"user": "admin"}),
        (
            "ansible_ssh_user: admin, ansible_ssh_port: 22, ansible_ssh_host: a",
            {"user": "admin", "port": 22, "address": "a"},
        ),
        ("ansible_ssh_private_key_file: '/k/a b'", {"identity_file": "/k/a b"}),
        ("ansible_ssh_private_key_file: '{{ inventory_dir }}/id'", {"identity_file": "{folder}/inventory/id"}),
        ("ansible_host: '{{ inventory_hostname }}.{{ shared }}'", {"address": "kvm1.x"}),
        ("ansible_connection: ssh", {}),
        ("ansible_connection: local, ansible_host: a, ansible_user: b", {"local": True}),
        ("ansible_become: true", {"become": True}),
        ("ansible_become: 'yes', ansible_become_user: app", {"become": True, "become_user": "app"}),
        ("ansible_become: false, ansible_become_password: x", {}),
        ("ansible_ssh_common_args: '-J \"gate one\" -o A=b'", {"ssh_arguments": ("-J", "gate one", "-o", "A=b")}),
        (
            "ansible_ssh_extra_args: -c, ansible_ssh_args: -a, ansible_ssh_common_args: -b",
            {"ssh_arguments": ("-a", "-b", "-c")},
        ),
        ("libvirt_uri: 'qemu+ssh://other/system'", {}),
    ],
)
def test_the_variables_give_the_endpoint(endpoint, tmp_path: Path, variables: str, expected: dict[str, object]) -> None:
    """What is not set is left to the user's own SSH configuration."""
    wanted = {
        key: value.replace("{folder}", str(tmp_path)) if isinstance(value, str) else value
        for key, value in expected.items()
    }
    assert Endpoint(**{"host": "kvm1", "address": "kvm1", **wanted}) == endpoint(variables)


@pytest.mark.parametrize(
    "name", ["ansible_become_password", "ansible_become_pass", "ansible_sudo_pass", "ansible_sudo_password"]
)
def test_the_password_for_sudo_is_hidden(endpoint, name: str) -> None:
    """It is there for who asks for it by name, and in no other form."""
    found = endpoint(f"ansible_become: true, {name}: s3cret, inner: y")
    assert "s3cret" == found.become_password.reveal()
    assert "s3cret" not in repr(found)


def test_a_password_may_look_like_a_number(endpoint) -> None:
    """YAML reads it as one."""
    assert "12345" == endpoint("ansible_become: true, ansible_become_password: 12345").become_password.reveal()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ("ansible_port: 0", "expected a port from 1 to 65535 as ansible_port, found '0'"),
        ("ansible_host: 'a b'", "expected a host name or address as ansible_host, found 'a b'"),
        ("ansible_connection: docker", "expected ssh or local as ansible_connection, found 'docker'"),
        (
            "ansible_become: true, ansible_become_method: su",
            "expected sudo as ansible_become_method, found 'su'",
        ),
        ("ansible_become: maybe", "expected true or false as ansible_become, found 'maybe'"),
        (
            'ansible_ssh_common_args: "-o \'a"',
            "expected words of a shell as ansible_ssh_common_args: no closing quotation",
        ),
        ("ansible_user: '{{ nothing }}'", "ansible_user cannot be resolved"),
        ("ansible_become: true, ansible_become_password: [s3cret]", "expected text as ansible_become_password"),
        (
            "ansible_become: true, ansible_become_password: !vault '$ANSIBLE_VAULT;1.1;AES256'",
            "ansible_become_password is sealed by ansible-vault",
        ),
    ],
)
def test_what_cannot_be_is_that_hosts_error(endpoint, variables: str, message: str) -> None:
    """It names the variable, and no password."""
    with pytest.raises(HostError) as refused:
        endpoint(variables)
    assert ("variable", "kvm1") == (refused.value.code, refused.value.where)
    assert message in refused.value.message
    assert "s3cret" not in f"{refused.value} {refused.value.hint}"


def test_a_name_that_is_no_address_needs_one(endpoint) -> None:
    """As for libvirt's URI."""
    with pytest.raises(HostError, match="expected a host name or address"):
        endpoint("libvirt_uri: 'test:///default'", name="a@b")


@pytest.mark.parametrize("name", NOT_HONOURED)
def test_what_is_not_honoured_is_said(endpoint, warnings: list[str], name: str) -> None:
    """By name, with the reason, and not with the value."""
    endpoint(f"{name}: s3cret")
    assert [f"{name} is not honoured: {NOT_HONOURED[name]}"] == warnings


def test_what_is_not_honoured_is_said_once(tmp_path: Path, warnings: list[str]) -> None:
    """However many hosts have it."""
    (tmp_path / "inventory").mkdir()
    text = "all: {vars: {ansible_password: x}, hosts: {'kvm[1:9]': null}}\n"
    (tmp_path / "inventory" / "hosts.yaml").write_text(text)
    site = load_site(tmp_path)
    endpoints = Endpoints(site, warnings.append)
    for host in site.hosts.values():
        endpoints.of(host)
    assert ["ansible_password is not honoured: omc logs in with keys only"] == warnings


def test_this_machine_is_reached_without_ssh() -> None:
    """The site that omc makes up where there is none has this machine itself."""
    site = local_site()
    (host,) = site.hosts.values()
    assert Endpoints(site, print).of(host).local
