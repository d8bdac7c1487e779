"""Reading XML safely, and the small conversions."""

import time

import pytest

from omc.errors import OmcError
from omc.inventory.markup import document, integer, moment, scaled
from tests.unit.inventory.raw_answers import domain

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE domain [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{"&" + before + ";" + "&" + before + ";" * 1}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><domain type='kvm'><name>&i;</name></domain>"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not well-formed XML: no element found: line 1, column 0"),
        ("<domain>", "not well-formed XML: no element found: line 1, column 8"),
        ("not XML", "not well-formed XML: syntax error: line 1, column 0"),
        ("<network/>", "XML of <network>, expected <domain>"),
        ("<domain>\ud800</domain>", "not XML: the text holds what no XML may hold"),
        ("<domain>\x00</domain>", "not well-formed XML: not well-formed (invalid token): line 1, column 8"),
        (BOMB, "XML with a document type declaration, which libvirt never writes"),
        ('<!DOCTYPE domain SYSTEM "file:///etc/passwd"><domain/>', "XML with a document type declaration"),
    ],
)
def test_what_is_no_such_document_is_refused(text: str, message: str):
    """Given anything but the expected document, raise an error that names the host."""
    with pytest.raises(OmcError) as caught:
        document(text, tag="domain", where="kvm1")
    assert caught.value.message.startswith(message)
    assert "kvm1" == caught.value.where


def test_the_word_doctype_in_a_text_is_no_declaration():
    """Given a comment or CDATA that only talks of a DOCTYPE, read the document."""
    root = document("<!-- <!DOCTYPE x> --><domain><![CDATA[<!DOCTYPE y>]]></domain>", tag="domain", where="kvm1")
    assert "<!DOCTYPE y>" == root.text


def test_a_hundred_thousand_nested_elements_are_read_in_a_moment():
    """Depth costs no stack and no time."""
    depth = 100_000
    before = time.monotonic()
    document(f"<domain>{'<a>' * depth}{'</a>' * depth}</domain>", tag="domain", where="kvm1")
    assert time.monotonic() - before < 5


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" -3\n", -3),
        ("+4", 4),
        ("0x1f", 31),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("99999999999999999999999", None),
        ("1_000", None),
        ("١٢", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_only_whole_numbers_of_64_bits_are_numbers(text: str | None, number: int | None):
    """What is no such number is not read, which is not zero."""
    assert number == integer(text)


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        (None, 2048),
        ("KiB", 2048),
        ("k", 2048),
        ("KB", 2000),
        ("bytes", 2),
        ("b", 2),
        ("MiB", 2 << 20),
        ("M", 2 << 20),
        ("MB", 2_000_000),
        ("GiB", 2 << 30),
        ("T", 2 << 40),
        ("PB", 2 * 10**15),
        ("EiB", 2 << 60),
        ("parsec", None),
    ],
)
def test_every_unit_of_libvirt_becomes_bytes(unit: str | None, size: int | None):
    """Units ending in B alone count in thousands, all others in 1024; without one it is KiB."""
    assert size == scaled("2", unit)


def test_a_size_beyond_64_bits_is_not_read():
    """Given 16 EiB, which no store can hold, return None."""
    assert None is scaled("16", "EiB")


@pytest.mark.parametrize(
    ("seconds", "time_"),
    [(0, "1970-01-01T00:00:00Z"), ("1767323045", "2026-01-02T03:04:05Z"), (10**30, None), ("soon", None), (None, None)],
)
def test_times_are_utc(seconds: object, time_: str | None):
    """Seconds since 1970 become RFC 3339; what is no time of this calendar is not read."""
    assert time_ == moment(seconds)  # type: ignore[arg-type]


def test_the_small_domain_of_the_tests_is_one():
    """The helper that other tests build upon gives XML that reads."""
    assert "domain" == document(domain(), tag="domain", where="kvm1").tag
