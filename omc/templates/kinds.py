"""Types of variables that are more than text: addresses, names, sizes, lists of CPUs."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_interface, ip_network

from omc.cpus import parse as parse_cpus
from omc.sizes import parse as parse_size
from omc.templates.manifest.words import Unfit
from omc.templates.manifest.words import path as checked_path

_HOSTNAME = re.compile(r"(?=.{1,253}\.?$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")
_INTERFACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,14}")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")


def _text(value: object, expected: str) -> str:
    if not isinstance(value, str):
        raise Unfit(expected)
    return value


def _parsed(parse: Callable[[str], object], value: object, expected: str) -> str:
    try:
        parse(_text(value, expected))
    except ValueError:
        raise Unfit(expected) from None
    return str(value)


def _matching(pattern: re.Pattern[str], value: object, expected: str) -> str:
    if not pattern.fullmatch(_text(value, expected)):
        raise Unfit(expected)
    return str(value)


def _with_prefix(text: str) -> object:
    if "/" not in text:
        raise Unfit(text)
    return ip_interface(text)


def _port(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,4}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65_535:
        raise Unfit("a port from 1 to 65535")
    return value


def _path(value: object) -> str:
    try:
        return checked_path(_text(value, "an absolute path"))
    except ValueError as error:
        raise Unfit(str(error)) from None


def _size(value: object) -> int:
    expected = 'a size as "4 GiB", or a number of bytes'
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    try:
        return parse_size(_text(value, expected))
    except ValueError:
        raise Unfit(expected) from None


KINDS: Mapping[str, Callable[[object], object]] = {
    "address": lambda value: _parsed(ip_address, value, "an IP address"),
    "cidr": lambda value: _parsed(_with_prefix, value, "an IP address with its prefix, 192.0.2.10/24"),
    "network": lambda value: _parsed(ip_network, value, "an IP network, 192.0.2.0/24, without bits of a host"),
    "hostname": lambda value: _matching(_HOSTNAME, value, "a host name"),
    "interface": lambda value: _matching(_INTERFACE, value, "the name of a network interface"),
    "mac": lambda value: _matching(_MAC, value, "a MAC address, 52:54:00:12:34:56"),
    "port": _port,
    "path": _path,
    "size": _size,
    "cpuset": lambda value: _parsed(parse_cpus, value, 'a list of CPUs as "0-3,8,^2"'),
}
