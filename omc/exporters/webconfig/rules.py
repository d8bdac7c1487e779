"""What each key of the web configuration may be: one row a key, and what Python cannot honour, by name."""

import re
from collections.abc import Callable
from typing import NamedTuple

from omc.exporters.webconfig.ciphers import ALWAYS_ON, CURVES, SUITES, VERSIONS

CLIENT_AUTH = ("NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert")
UNVERIFIED_AUTH = ("RequestClientCert", "RequireAnyClientCert")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")
_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-9]|2[0-9]|3[01])\$[./A-Za-z0-9]{53}")
# What RFC 9110 lets a header's value be; a newline in it would be a header of its own.
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")


class Rule(NamedTuple):
    """One key: whether a value is sound, and what is expected, in words. A secret value is never shown."""

    is_sound: Callable[[object], bool]
    expected: str
    secret: bool = False


def seconds(text: object) -> float | None:
    """Return a duration as Go writes it ("1s", "1m30s", 0) in seconds; None where it is none."""
    if text == 0 and not isinstance(text, bool):
        return 0.0
    if not isinstance(text, str) or not text or _PART.sub("", text):
        return 0.0 if text == "0" else None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def is_hash(value: object) -> bool:
    """Tell whether a value is a bcrypt hash."""
    return isinstance(value, str) and bool(_HASH.fullmatch(value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value


def _is_pem(value: object) -> bool:
    return isinstance(value, str) and "-----BEGIN " in value


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_burst(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000


def _one_of(*names: str) -> Rule:
    return Rule(lambda value: value in names, f"one of {', '.join(names)}")


def _header(*names: str) -> Rule:
    """Make the rule of a header: one of a few values, or any where none is named; a blank one unsets it."""
    if names:
        return Rule(
            lambda value: str(value).lower() in ("", *names) and isinstance(value, str), f"{' or '.join(names)}"
        )
    return Rule(lambda value: isinstance(value, str) and bool(_HEADER_VALUE.fullmatch(value)), "text on one line")


_FILE = Rule(_is_text, "the path of a file")
_PEM = Rule(_is_pem, "PEM text", secret=True)

TLS = {
    "cert": _PEM,
    "key": _PEM,
    "client_ca": _PEM,
    "cert_file": _FILE,
    "key_file": _FILE,
    "client_ca_file": _FILE,
    "client_auth_type": _one_of(*CLIENT_AUTH),
    "client_allowed_sans": Rule(_is_list, "a list of names"),
    "min_version": _one_of(*VERSIONS),
    "max_version": _one_of(*VERSIONS),
    "cipher_suites": Rule(_is_list, f"a list of {', '.join((*SUITES, *ALWAYS_ON))}"),
    "prefer_server_cipher_suites": Rule(_is_bool, "true or false"),
    "curve_preferences": Rule(_is_list, f"a list of one of {', '.join(CURVES)}"),
}
HTTP = {"http2": Rule(_is_bool, "true or false"), "headers": Rule(lambda _: True, "a mapping of headers")}
HEADERS = {
    "Content-Security-Policy": _header(),
    "X-Frame-Options": _header("deny", "sameorigin"),
    "X-Content-Type-Options": _header("nosniff"),
    "X-XSS-Protection": _header(),
    "Strict-Transport-Security": _header(),
}
RATE = {
    "interval": Rule(lambda value: seconds(value) is not None, "a duration such as 1s or 500ms, or 0"),
    "burst": Rule(_is_burst, "a whole number from 0 to 1000000"),
}
SECTIONS = {"tls_server_config": TLS, "http_server_config": HTTP, "rate_limit": RATE}
