"""A variable that leaves a host without a URI is named with the file and the line where the host gets it from."""

from pathlib import Path

import pytest

from omc.site.load import read_site
from omc.site.uri_shape import EXAMPLE

BAD = "expected a port from 1 to 65535 as ansible_port, found"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = tmp_path / "inventory"
    folder.mkdir()
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def found(inventory: Path) -> list[str]:
    return [str(mistake).removeprefix(f"{inventory}/") for mistake in read_site(inventory.parent).mistakes]


def test_the_strongest_place_that_sets_a_variable_is_named(inventory: Path) -> None:
    """Each step adds a stronger place than all before it, with a value that is as bad."""
    write(
        inventory / "hosts.yaml",
        "all:\n  vars:\n    ansible_port: a\n  children:\n    web:\n      hosts:\n        kvm1:\n",
    )
    assert [f"hosts.yaml:3: {BAD} 'a' (host kvm1)"] == found(inventory)
    with (inventory / "hosts.yaml").open("a") as file:
        file.write("web:\n  vars:\n    ansible_port: b\n")
    assert [f"hosts.yaml:10: {BAD} 'b' (host kvm1)"] == found(inventory)
    write(inventory / "group_vars" / "all.yml", "# of all\n\nansible_port: c\n")
    assert [f"group_vars/all.yml:3: {BAD} 'c' (host kvm1)"] == found(inventory)
    write(inventory / "group_vars" / "web" / "ssh.yml", "\nansible_port: d\n")
    assert [f"group_vars/web/ssh.yml:2: {BAD} 'd' (host kvm1)"] == found(inventory)
    with (inventory / "hosts.yaml").open("a") as file:
        file.write("  hosts:\n    kvm1: {ansible_port: e}\n")
    assert [f"hosts.yaml:12: {BAD} 'e' (host kvm1)"] == found(inventory)
    write(inventory / "host_vars" / "kvm1.json", '{"x": 1,\n "ansible_port": "f"}')
    assert [f"host_vars/kvm1.json:2: {BAD} 'f' (host kvm1)"] == found(inventory)
    write(inventory / "host_vars" / "kvm1.json", '{"x": 1,\n "ansible_port": 22}')
    assert [] == found(inventory)


def test_lines_of_an_ini_file_are_named(inventory: Path) -> None:
    write(
        inventory / "hosts.ini", "# hosts\nkvm1 ansible_port=a\nkvm2:99999\n[web]\nkvm3\n[web:vars]\nansible_port = b\n"
    )
    expected = [
        f"hosts.ini:2: {BAD} 'a' (host kvm1)",
        f"hosts.ini:3: {BAD} '99999' (host kvm2)",
        f"hosts.ini:7: {BAD} 'b' (host kvm3)",
    ]
    assert expected == found(inventory)


def test_every_bad_variable_of_every_host_is_named(inventory: Path) -> None:
    lines = (
        "all:\n  hosts:\n    kvm1:\n      ansible_port: abc\n      ansible_host: -oProxyCommand=x\n"
        "    kvm2:\n      libvirt_uri: 5\n    kvm3:\n      ansible_host: '{{ nope }}'\n"
        "    kvm4:\n      libvirt_uri: qemu+ssh://{{ secret }}/system\n      secret: !vault sealed\n    root@kvm5:\n"
    )
    write(inventory / "hosts.yaml", lines)
    expected = [
        "hosts.yaml:5: expected a host name or address as ansible_host, found '-oProxyCommand=x' (host kvm1)",
        f"hosts.yaml:4: {BAD} 'abc' (host kvm1)",
        f"hosts.yaml:7: {EXAMPLE} in libvirt_uri, found '5' (host kvm2)",
        "hosts.yaml:9: ansible_host cannot be resolved from '{{ nope }}': 'nope' is undefined (host kvm3)",
        "hosts.yaml:12: secret is sealed by ansible-vault (host kvm4)",
        "hosts.yaml:13: expected a host name or address as ansible_host, found 'root@kvm5' (host root@kvm5)",
    ]
    assert expected == found(inventory)
    assert all(host.problem for host in read_site(inventory.parent).site.hosts.values())


def test_a_template_that_takes_a_bad_value_from_another_host_names_the_other_place(inventory: Path) -> None:
    lines = "all:\n  hosts:\n    kvm1:\n      ansible_host: \"{{ hostvars['kvm2'].address }}\"\n"
    write(inventory / "hosts.yaml", f"{lines}    kvm2:\n      address: '{{{{ nope }}}}'\n")
    (mistake,) = found(inventory)
    assert mistake.startswith("hosts.yaml:6: address cannot be resolved from '{{ nope }}'")


@pytest.mark.parametrize(
    ("hosts", "named"),
    [
        ("kvm[1:2]", "(hosts kvm1 and kvm2)"),
        ("kvm[1:3]", "(hosts kvm1, kvm2 and kvm3)"),
        ("kvm[1:200]", "(hosts kvm1, kvm2 and 198 more)"),
    ],
)
def test_one_bad_line_for_many_hosts_is_one_mistake(inventory: Path, hosts: str, named: str) -> None:
    write(inventory / "hosts.ini", f"[web]\n{hosts}\n[web:vars]\nansible_port=many\n")
    assert [f"hosts.ini:4: {BAD} 'many' {named}"] == found(inventory)
