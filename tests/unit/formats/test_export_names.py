"""Names and addresses that Ansible gets."""

import re

from hypothesis import given
from hypothesis import strategies as st

from omc.inventory.export.ansible import connect_address, inventory
from omc.inventory.export.names import group_name, host_names
from omc.model import Address, Guest, GuestMetadata, Nic


def guest(name: str, *, host: str = "kvm1", number: int = 1, **fields: object) -> Guest:
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    return Guest(host=host, name=name, uuid=uuid, state="running", **fields)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.text(max_size=5), st.sampled_from(["kvm1", "kvm2"])), max_size=8))
def test_each_guest_has_a_name_of_its_own(drawn: list[tuple[str, str]]) -> None:
    """Whatever guests are called, each is there once, under a name that no pattern acts on."""
    guests = [guest(name, host=host, number=number) for number, (name, host) in enumerate(drawn)]
    names = host_names(guests)
    assert len(set(names.values())) == len(guests)
    assert all(re.fullmatch(r"[\w][\w.\-]*", name) for name in names.values())
    assert not {"all", "ungrouped", "localhost"} & set(names.values())


def test_name_that_two_hosts_have() -> None:
    names = host_names([guest("web1"), guest("web1", host="kvm2", number=2), guest("web2", number=3)])
    assert list(names.values()) == ["web2", "web1.kvm1", "web1.kvm2"]


def test_guest_named_like_what_another_would_be_called() -> None:
    """Nobody can take another guest's place: not by a name that reads like NAME.HOST.UUID, not by one like it."""
    one, two, long = (
        guest("web1"),
        guest("web1", host="kvm2", number=2),
        "web1.kvm1.00000000-0000-4000-8000-000000000001",
    )
    claimed = [guest("web1.kvm1", number=3), guest(long, number=4), guest(long, host="kvm2", number=5)]
    names = host_names([one, two, *claimed, guest(f"{long}.kvm1", number=6)])
    assert len(set(names.values())) == 6
    assert names["kvm2", two.uuid] == "web1.kvm2"
    alike = [guest("a b", host="k!"), guest("a_b", host="k?")]
    assert list(host_names(alike).values()) == [f"a_b.k_.{one.uuid}", f"a_b.k_.{one.uuid}_"]
    assert list(host_names([guest("all")], frozenset({"all.kvm1", f"all.kvm1.{one.uuid}"})).values()) == [
        f"all.kvm1.{one.uuid}_"
    ]


def test_guest_named_like_this_machine_or_a_group() -> None:
    """A play on `localhost` or `all` never lands in a guest that calls itself so."""
    shown = inventory([guest("localhost"), guest("all", number=2), guest("state_running", number=3)])
    assert set(shown["_meta"]["hostvars"]) == {"localhost.kvm1", "all.kvm1", "state_running.kvm1"}  # type: ignore[index]


@given(st.text())
def test_group_names_are_identifiers(value: str) -> None:
    assert group_name("tag", value).isascii()
    assert group_name("tag", value).isidentifier()


def test_address_that_the_host_gave_out_goes_first() -> None:
    """A lease goes before what the agent claims, IPv4 before IPv6, and what leads nowhere is left out."""
    told = [("agent", "192.0.2.9"), ("lease", "2001:db8::1"), ("lease", "192.0.2.1"), ("arp", "192.0.2.2")]
    addresses = tuple(Address(address=address, source=source) for source, address in told)
    assert connect_address(guest("a", nics=(Nic(mac="", addresses=addresses),))) == "192.0.2.1"


def test_useless_and_forged_addresses_are_left_out() -> None:
    told = ("127.0.0.1", "::1", "fe80::1", "169.254.1.1", "0.0.0.0", "224.0.0.1", "-oProxyCommand=id", "{{ x }}", "")
    addresses = tuple(Address(address=address, source="agent") for address in told)
    assert connect_address(guest("a", nics=(Nic(mac="", addresses=addresses),))) is None


def test_no_text_of_a_guest_is_a_template() -> None:
    metadata = GuestMetadata(tags=("{{ 1 }}",), attributes={"a": "#jinja2: x"}, os_id="http://x/{% y %}/1")
    hostvars = inventory([guest("a", title="{# x", metadata=metadata)])["_meta"]["hostvars"]["a"]  # type: ignore[index]
    assert hostvars["omc_title"] == {"__ansible_unsafe": "{# x"}
    assert hostvars["omc_tags"] == [{"__ansible_unsafe": "{{ 1 }}"}]
    assert hostvars["omc_attributes"] == {"a": {"__ansible_unsafe": "#jinja2: x"}}
    assert hostvars["omc_os"] == {"__ansible_unsafe": "{% y %}-1"}
