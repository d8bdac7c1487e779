"""Passwords: who is let in, what it costs, and what the time tells."""

import time
from base64 import b64encode
from statistics import median

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omc.exporters.server.gate import credential_of
from omc.exporters.webconfig import Passwords


def hashed(password: bytes, cost: int = 4) -> bytes:
    return bcrypt.hashpw(password, bcrypt.gensalt(cost))


@pytest.fixture
def passwords():
    return Passwords({"prometheus": hashed(b"secret"), "long": hashed(b"x" * 72)})


@pytest.mark.parametrize(
    ("user", "password", "good"),
    [
        ("prometheus", b"secret", True),
        ("prometheus", b"Secret", False),
        ("prometheus", b"", False),
        ("prometheus", b"secret\0", False),
        ("Prometheus", b"secret", False),
        ("", b"", False),
        ("\udcff", b"\xff", False),
        ("long", b"x" * 100, True),
        ("long", b"x" * 71, False),
    ],
)
def test_only_the_right_password_is_good(passwords, user, password, good):
    """Bcrypt decides, and reads 72 bytes; a NUL never passes."""
    assert good is passwords.check(user, password)
    assert good is passwords.is_known(user, password)


def test_hashes_of_apache_are_taken():
    """Htpasswd writes $2y$, which is $2b$ by another name."""
    assert Passwords({"a": hashed(b"secret").replace(b"$2b$", b"$2y$")}).check("a", b"secret")


def test_a_good_credential_costs_no_bcrypt_again():
    """It is known after the first check, at less than a hundredth of the time."""
    passwords = Passwords({"prometheus": hashed(b"secret", 10)})
    assert not passwords.is_known("prometheus", b"secret")
    started = time.perf_counter()
    assert passwords.check("prometheus", b"secret")
    checked = time.perf_counter() - started
    started = time.perf_counter()
    assert passwords.is_known("prometheus", b"secret")
    assert time.perf_counter() - started < checked / 100
    assert not passwords.is_known("prometheus", b"secre")
    assert not passwords.is_known("prometheu", b"ssecret")


def test_a_wrong_one_is_never_remembered(passwords):
    """However often it is tried."""
    for _ in range(3):
        assert not passwords.check("prometheus", b"wrong")
    assert not passwords.is_known("prometheus", b"wrong")


def test_time_does_not_tell_which_users_exist():
    """An unknown user takes as long as a known one, and always the same."""
    passwords = Passwords({"prometheus": hashed(b"secret", 8)})

    def seconds(user):
        started = time.process_time()
        passwords.check(user, b"wrong")
        return time.process_time() - started

    known = median(seconds("prometheus") for _ in range(5))
    unknown = median(seconds("nobody") for _ in range(5))
    assert 0.5 < unknown / known < 2


@settings(deadline=None)
@given(st.text() | st.text().map(lambda text: f"Basic {text}") | st.binary().map(lambda data: f"Basic {b64(data)}"))
def test_any_authorization_is_read_or_refused(header):
    """A user and a password, or nothing; never an error."""
    credential = credential_of(header)
    if credential is not None:
        assert not Passwords({"prometheus": hashed(b"secret")}).is_known(*credential)


def b64(data: bytes) -> str:
    return b64encode(data).decode()
