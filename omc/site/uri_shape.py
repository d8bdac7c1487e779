"""What a libvirt URI must look like to be opened at all, so that a mistake in one is named before any host is asked.

The rules are libvirt's (https://libvirt.org/uri.html). A URI for another part's hosts must only be a URI: what stands
behind its scheme is that part's business.
"""

import re
from functools import cache
from ipaddress import IPv6Address
from urllib.parse import SplitResult, urlsplit

from omc import providers
from omc.site.mistakes import near

EXAMPLE = "expected a libvirt URI such as qemu+ssh://root@kvm1/system"
TRANSPORTS = ("unix", "ssh", "tls", "tcp", "ext", "libssh", "libssh2")
QEMU_PATHS = ("/system", "/session", "/embed")
_ADDRESS = "a host name or address behind the //"
# Nearly every URI of a large site is one of these, and sound: taking the others apart costs ten times as much.
_COMMON = re.compile(
    r"(?:test(?:\+unix)?:///[!-~]*|qemu(?:\+(?:ssh|tls|tcp))?://(?:\w+@)?(?:\w[\w.-]*)?/system(?:\?[!-~]*)?)", re.ASCII
)


def fault_in(uri: str) -> tuple[str, str]:
    """Return what is wrong with a URI and a hint, both empty where nothing is."""
    if _COMMON.fullmatch(uri):
        return "", ""
    scheme, separator, rest = uri.partition("://")
    kind, plus, transport = scheme.partition("+")
    if not separator or not _is_word(kind) or (plus and not _is_word(transport)):
        return EXAMPLE, ""
    if " " in rest or not rest.isprintable():
        return "expected a URI without blanks", "write %20 for a blank"
    if kind not in providers.LIBVIRT_SCHEMES:
        return ("", "") if _is_read(kind) else _unknown_kind(kind)
    if plus and transport not in TRANSPORTS:
        return f"expected one of {', '.join(TRANSPORTS)} behind the +", near(transport, TRANSPORTS)
    return _fault_in_rest(uri, kind)


def is_port(text: str) -> bool:
    """Tell whether a text is a port's number."""
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536


def is_ipv6(text: str) -> bool:
    """Tell whether a text is an IPv6 address, with or without the interface behind %."""
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _fault_in_rest(uri: str, kind: str) -> tuple[str, str]:
    try:
        parts = urlsplit(uri)
    except ValueError:  # its brackets do not pair or hold no address, or a letter stands for one of the URI's signs
        between = "[" in uri or "]" in uri
        return ("expected an IPv6 address between [ and ]" if between else f"expected {_ADDRESS}"), ""
    address, port = _address_and_port(parts)
    if address is None or address.startswith("-"):
        hint = "put an IPv6 address in brackets" if parts.netloc.count(":") > 1 else ""
        return f"expected {_ADDRESS}", hint
    if port is not None and not is_port(port):
        return "expected a port from 1 to 65535 behind the host", ""
    if kind == "qemu" and parts.path not in QEMU_PATHS and "name=" not in parts.query:
        return f"expected {', '.join(QEMU_PATHS[:-1])} or {QEMU_PATHS[-1]} as the path", ""
    return "", ""


def _address_and_port(parts: SplitResult) -> tuple[str | None, str | None]:
    """Return the host's address, None where it is none, and its port, None where there is none."""
    place = parts.netloc.rpartition("@")[2]
    if not place.startswith("["):
        address, colon, port = place.partition(":")
        return (None if ":" in port or set(address) & set("[]") else address), (port if colon else None)
    address, _, behind = place[1:].partition("]")
    if not is_ipv6(address) or (behind and not behind.startswith(":")):
        return None, None
    return address, (behind[1:] if behind else None)


def _is_word(text: str) -> bool:
    return text.isascii() and text.isalnum() and text.islower() and text[0].isalpha()


@cache
def _is_read(kind: str) -> bool:
    return providers.knows(kind)


def _unknown_kind(kind: str) -> tuple[str, str]:
    known = providers.LIBVIRT_SCHEMES
    return "expected a scheme that omc knows", near(kind, known) or f"known are {', '.join(known)}"
