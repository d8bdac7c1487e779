"""What Ansible has not, or has only with another collection: CPUs, sizes, addresses, tests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omc.sizes import parse
from omc.templates.filters.cpus import cpus, cpuset
from omc.templates.filters.registry import FILTERS, TESTS
from omc.templates.filters.sizes import size

CASES = [
    ("cpuset", [[0, 1, 2, 8]], "0-2,8"),
    ("cpuset", ["0-7,^3"], "0-2,4-7"),
    ("cpuset", [[]], ""),
    ("cpus", ["0-2, 8,^1"], [0, 2, 8]),
    ("cpus", [""], []),
    ("size", ["4 GiB", "MiB"], 4096),
    ("size", [1 << 30, "MiB"], 1024),
    ("size", ["1.5 KiB"], 1536),
    ("ipaddr", ["192.0.2.10/24"], "192.0.2.10/24"),
    ("ipaddr", ["nonsense"], False),
    ("ipaddr", ["192.0.2.10/24", "address"], "192.0.2.10"),
    ("ipaddr", ["192.0.2.10/24", "network"], "192.0.2.0"),
    ("ipaddr", ["192.0.2.10/24", "network/prefix"], "192.0.2.0/24"),
    ("ipaddr", ["192.0.2.10/24", "netmask"], "255.255.255.0"),
    ("ipaddr", ["192.0.2.10/24", "prefix"], 24),
    ("ipaddr", ["192.0.2.10/24", "broadcast"], "192.0.2.255"),
    ("ipaddr", ["192.0.2.10/24", "first_usable"], "192.0.2.1"),
    ("ipaddr", ["192.0.2.10/24", "last_usable"], "192.0.2.254"),
    ("ipaddr", ["192.0.2.10/31", "last_usable"], "192.0.2.11"),
    ("ipaddr", ["2001:db8::/64", "last_usable"], "2001:db8::ffff:ffff:ffff:ffff"),
    ("ipaddr", ["192.0.2.10/24", "net"], False),
    ("ipaddr", ["192.0.2.0/24", "net"], "192.0.2.0/24"),
    ("ipaddr", ["192.0.2.0/24", 5], "192.0.2.5/24"),
    ("ipaddr", ["192.0.2.0/24", -2], "192.0.2.254/24"),
    ("ipaddr", ["192.0.2.5", "192.0.2.0/24"], "192.0.2.5"),
    ("ipaddr", ["192.0.3.5", "192.0.2.0/24"], False),
    ("ipaddr", ["192.0.2.1", "revdns"], "1.2.0.192.in-addr.arpa."),
    ("ipaddr", ["10.0.0.1", "public"], False),
    ("ipaddr", [["10.0.0.1", "x", "::1"]], ["10.0.0.1", "::1"]),
    ("ipv4", [["10.0.0.1", "::1"]], ["10.0.0.1"]),
    ("ipv6", ["10.0.0.1"], False),
    ("ipwrap", ["2001:db8::1"], "[2001:db8::1]"),
    ("ipwrap", ["10.0.0.1"], "10.0.0.1"),
    ("ipwrap", ["web01"], "web01"),
    ("ipmath", ["192.0.2.250", 10], "192.0.3.4"),
    ("ipsubnet", ["192.0.2.0/24", 26], "4"),
    ("ipsubnet", ["192.0.2.0/24", 26, 1], "192.0.2.64/26"),
    ("ipsubnet", ["192.0.2.0/24", 26, -1], "192.0.2.192/26"),
    ("ipsubnet", ["192.0.2.0/24", 26, 9], False),
    ("nthhost", ["192.0.2.0/24", 7], "192.0.2.7"),
    ("network_in_network", ["192.0.2.0/24", "192.0.2.64/26"], True),
    ("network_in_network", ["192.0.2.0/24", "2001:db8::1"], False),
    ("cidr_merge", [["192.0.2.0/25", "192.0.2.128/25", "2001:db8::/64"]], ["192.0.2.0/24", "2001:db8::/64"]),
    ("hwaddr", ["52-54-00-AA-BB-01", "linux"], "52:54:00:aa:bb:01"),
    ("hwaddr", ["52:54:00:aa:bb:01", "cisco"], "5254.00aa.bb01"),
    ("hwaddr", ["52:54:00"], False),
    ("urlsplit", ["https://user@host:8443/a?b=c", "port"], 8443),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_filters(name: str, arguments: list[Any], expected: object) -> None:
    """Each as the reference says it."""
    assert expected == FILTERS[name](*arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cpuset", ["a"]),
        ("cpus", ["0-99999"]),
        ("size", ["many"]),
        ("ipaddr", ["10.0.0.1", "no such question"]),
        ("ipsubnet", ["192.0.2.0/24", 8]),
        ("hwaddr", ["52:54:00:aa:bb:01", "x"]),
        ("urlsplit", ["x", "y"]),
        ("bool", ["perhaps"]),
        ("combine", ["text"]),
        ("hash", ["x", "crc"]),
        ("comment", ["x", "basic"]),
        ("regex_search", ["x", "x", "1"]),
        ("b64encode", [5]),
    ],
)
def test_wrong_arguments_are_refused(name: str, arguments: list[Any]) -> None:
    """With a word on what was expected."""
    with pytest.raises((ValueError, TypeError), match=r"expected|is no|larger"):
        FILTERS[name](*arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("match", ["kvm01", "kvm"], True),
        ("match", ["a-kvm01", "kvm"], False),
        ("search", ["a-KVM01", "kvm"], False),
        ("contains", [["a"], "a"], True),
        ("subset", [[1], [1, 2]], True),
        ("superset", [[1], [1, 2]], False),
        ("version", ["10.2", "9.10", ">"], True),
        ("version", ["1.0rc1", "1.0", "<"], True),
        ("version", ["1.0", "1.0.0", "=="], True),
        ("version", ["2.0", "2.0.1", "<"], True),
    ],
)
def test_tests(name: str, arguments: list[Any], expected: bool) -> None:
    """What stands behind `is`."""
    assert expected == TESTS[name](*arguments)


@given(some.sets(some.integers(0, 500)))
def test_cpus_come_back_from_their_list(numbers: set[int]) -> None:
    """Written as ranges and read again, they are the same."""
    assert sorted(numbers) == cpus(cpuset(numbers))


@given(some.integers(0, 1 << 60), some.sampled_from(["B", "KiB", "MiB", "GiB", "TiB"]))
def test_sizes_come_back(count: int, unit: str) -> None:
    """A whole number of a unit is that many of it again."""
    assert count == size(f"{count} {unit}", unit)


@given(some.text(max_size=30))
def test_no_text_breaks_the_readers(text: str) -> None:
    """Whatever it is: a number, or a ValueError."""
    for read in (parse, cpus):
        try:
            read(text)
        except ValueError:
            continue


@pytest.mark.parametrize("function", [*FILTERS.values(), *TESTS.values()])
def test_every_filter_says_what_it_does(function: Any) -> None:
    """The reference is made of these sentences."""
    assert function.__doc__
