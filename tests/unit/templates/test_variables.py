"""A variable's value is held to what the manifest declares, and refused with the place that set it."""

from pathlib import Path

import pytest

from omc.templates.manifest import Value, Variable
from omc.templates.variables import check
from tests.templates import one, refusal, results, text, world, write


def variable(**more: object) -> Variable:
    return Variable(name="v", **more)  # type: ignore[arg-type]


FITS = [
    ("string", "x", "x"),
    ("integer", 5, 5),
    ("integer", "5", 5),
    ("integer", "-5", -5),
    ("number", 1.5, 1.5),
    ("number", "1.5", 1.5),
    ("boolean", True, True),
    ("boolean", "yes", True),
    ("boolean", "Off", False),
    ("list", (1, 2), [1, 2]),
    ("mapping", {"a": 1}, {"a": 1}),
    ("path", "/etc/x", "/etc/x"),
    ("address", "2001:db8::1", "2001:db8::1"),
    ("cidr", "192.0.2.10/24", "192.0.2.10/24"),
    ("network", "192.0.2.0/24", "192.0.2.0/24"),
    ("hostname", "ntp1.example.net", "ntp1.example.net"),
    ("interface", "enp3s0f0.100", "enp3s0f0.100"),
    ("mac", "52:54:00:aa:BB:01", "52:54:00:aa:BB:01"),
    ("port", "80", 80),
    ("size", "4 GiB", 4 << 30),
    ("size", "1.5G", 3 << 29),
    ("size", "2MB", 2_000_000),
    ("size", 4096, 4096),
    ("cpuset", "0-3,8,^2", "0-3,8,^2"),
    ("any", None, None),
]


@pytest.mark.parametrize(("kind", "value", "expected"), FITS)
def test_what_fits(kind: str, value: object, expected: object) -> None:
    """Texts that spell a number or a truth value are one, because an INI inventory has nothing else."""
    found = check(variable(type=kind), value)
    assert (expected, type(expected)) == (found, type(found))


UNFIT = [
    ("string", 1.10, "v: expected text (put quotes around it), found the number 1.1"),
    ("string", None, "v: expected text, found nothing"),
    ("integer", "0x10", "v: expected a whole number, found the text '0x10'"),
    ("integer", "007", "v: expected a whole number, found the text '007'"),
    ("integer", True, "v: expected a whole number, found the truth value true"),
    ("integer", 1.5, "v: expected a whole number, found the number 1.5"),
    ("boolean", "maybe", "v: expected true or false, found the text 'maybe'"),
    ("boolean", 1, "v: expected true or false, found the number 1"),
    ("list", "a,b", "v: expected a list, found the text 'a,b'"),
    ("mapping", [1], "v: expected a mapping, found a list of 1"),
    ("path", "etc", "v: expected an absolute path, found the text 'etc'"),
    ("address", "300.1.1.1", "v: expected an IP address, found the text '300.1.1.1'"),
    ("cidr", "192.0.2.10", "v: expected an IP address with its prefix, 192.0.2.10/24, found the text '192.0.2.10'"),
    ("network", "192.0.2.10/24", "v: expected an IP network, 192.0.2.0/24, without bits of a host, found"),
    ("hostname", "a b", "v: expected a host name, found the text 'a b'"),
    ("interface", "much-too-long-name", "v: expected the name of a network interface, found"),
    ("interface", "../x", "v: expected the name of a network interface, found"),
    ("mac", "52:54:00:aa:bb", "v: expected a MAC address, 52:54:00:12:34:56, found"),
    ("port", 0, "v: expected a port from 1 to 65535, found the number 0"),
    ("size", "4 XiB", "v: expected a size as \"4 GiB\", or a number of bytes, found the text '4 XiB'"),
    ("size", -1, 'v: expected a size as "4 GiB", or a number of bytes, found the number -1'),
    ("cpuset", "3-1", "v: expected a list of CPUs as \"0-3,8,^2\", found the text '3-1'"),
    ("string", {"a": 1}, "v: expected text, found a mapping"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), UNFIT)
def test_what_does_not_fit(kind: str, value: object, expected: str) -> None:
    """The message says what was expected and what was found."""
    with pytest.raises(ValueError) as caught:
        check(variable(type=kind), value)
    assert str(caught.value).startswith(expected)


LIMITS = [
    (
        variable(type="integer", minimum=1, maximum=4094),
        4095,
        "v: expected a number from 1 to 4094, found the number 4095",
    ),
    (variable(type="integer", minimum=1), 0, "v: expected a number of at least 1, found the number 0"),
    (
        variable(type="size", maximum=1 << 20),
        "2 MiB",
        "v: expected a number of at most 1048576, found the number 2097152",
    ),
    (variable(choices=("a", "b")), "c", "v: expected one of a, b, found the text 'c'"),
    (variable(type="string", pattern="[a-z]+"), "a1", "v: expected text that matches [a-z]+, found the text 'a1'"),
    (variable(type="string", minimum_length=2), "a", "v: expected at least 2 characters, found 1"),
    (variable(type="list", maximum_length=1), [1, 2], "v: expected at most 1 entry, found 2"),
    (variable(type="list", minimum_length=1), [], "v: expected at least 1 entry, found 0"),
    (variable(type="string", minimum_length=1, maximum_length=2), "abc", "v: expected from 1 to 2 characters, found 3"),
    (
        variable(type="list", items=variable(type="port")),
        [80, "x"],
        "v[1]: expected a port from 1 to 65535, found the text 'x'",
    ),
    (
        variable(type="mapping", values=variable(type="integer")),
        {"a": "x"},
        "v.a: expected a whole number, found the text 'x'",
    ),
    (variable(type="string", secret=True, pattern="a"), "geheim", "v: expected text that matches a, found (secret)"),
]


@pytest.mark.parametrize(("declared", "value", "expected"), LIMITS, ids=[case[2][:40] for case in LIMITS])
def test_limits(declared: Variable, value: object, expected: str) -> None:
    """Of numbers, texts, lists, and of all that is inside them; a secret is not shown."""
    with pytest.raises(ValueError) as caught:
        check(declared, value)
    assert expected == str(caught.value)


BRIDGE = variable(
    type="list",
    items=variable(
        type="mapping",
        fields={
            "name": Variable(name="name", type="interface"),
            "vlan": Variable(name="vlan", type="integer", required=False),
            "stp": Variable(name="stp", type="boolean", default=Value(raw=False, where="")),
            "address": Variable(name="address", type="cidr", default=Value(raw=None, where="")),
        },
    ),
)


def test_fields_of_a_mapping() -> None:
    """Defaults are filled in; what may be missing stays so; null is a value only where it is the default."""
    assert check(BRIDGE, [{"name": "br0"}]) == [{"name": "br0", "stp": False, "address": None}]
    assert check(BRIDGE, [{"name": "br0", "vlan": "5", "stp": "on", "address": None}]) == [
        {"name": "br0", "vlan": 5, "stp": True, "address": None}
    ]
    for value, expected in (
        ([{"vlan": 5}], "v[0]: expected name in it, found vlan"),
        ([{"name": "br0", "vlna": 5}], "v[0]: unknown key 'vlna', known are name, vlan, stp, address"),
        ([{"name": "br0", "vlan": None}], "v[0].vlan: expected a whole number, found nothing"),
    ):
        with pytest.raises(ValueError) as caught:
            check(BRIDGE, value)
        assert str(caught.value).startswith(expected)


MANIFEST = """\
files: [{template: f.j2, path: /etc/file}]
variables:
  level: {type: integer, minimum: 1, description: How much.}
  more: {type: string, default: "{{ level * 2 }}x"}
  rest: {type: string, required: false}
"""
FILES = {"manifest.yaml": MANIFEST, "f.j2": "{{ level }} {{ more }} {{ rest is defined }}"}


def site(folder: Path, variables: str) -> Path:
    return write(
        folder, {"t": FILES}, f"kvm:\n  hosts: {{kvm01: {{}}}}\n  vars:\n    libvirt_uri: test:///default\n{variables}"
    )


def test_variables_come_checked(tmp_path: Path) -> None:
    """Also a default that is worked out from another variable."""
    assert text(one(world(site(tmp_path, "    level: '{{ 5 }}'\n")))) == "5 10x False"


def test_a_wrong_value_is_refused_with_the_line_that_sets_it(tmp_path: Path) -> None:
    """Wherever in the site that is; also where no file uses the variable."""
    error = refusal(site(tmp_path, "    level: 0\n"))
    assert error.where == f"{tmp_path}/inventory/hosts.yaml:5"
    assert error.message == "the variable level: expected a number of at least 1, found the number 0"
    assert (error.variable, error.hint) == ("level", "How much.")
    (tmp_path / "inventory" / "host_vars").mkdir()
    (tmp_path / "inventory" / "host_vars" / "kvm01.yaml").write_text("\nlevel: much\n")
    assert refusal(tmp_path).where == f"{tmp_path}/inventory/host_vars/kvm01.yaml:2"
    assert refusal(tmp_path, extra={"level": 0}).where == ""


def test_a_variable_that_is_not_set_is_refused_with_its_declaration(tmp_path: Path) -> None:
    """And with what to type."""
    error = refusal(site(tmp_path, "    levle: 5\n"))
    assert error.where == f"{tmp_path}/templates/t/manifest.yaml:3"
    assert error.message == "the variable 'level' is not set: How much."
    assert error.hint == "set it in group_vars/ or host_vars/, or give it a default (meant levle?)"


def test_a_host_with_another_value_is_judged_by_its_own(tmp_path: Path) -> None:
    """What was checked for one host is not taken for another's."""
    hosts = "kvm: {hosts: {a: {level: 1}, b: {level: 0}, c: {level: '3'}}, vars: {libvirt_uri: 'test:///x'}}\n"
    found = results(world(write(tmp_path, {"t": FILES}, hosts)))
    assert [True, False, True] == [result.error is None for result in found]
    assert text(found[2].get()) == "3 6x False"
