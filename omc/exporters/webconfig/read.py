"""Reads a web configuration, and says with file and line what is wrong with it: everything, the first one loudest."""

from collections.abc import Mapping
from pathlib import Path

from yaml.nodes import MappingNode, Node

from omc.errors import SiteError
from omc.exporters.webconfig.entities import WebConfig
from omc.exporters.webconfig.rules import HEADERS, SECTIONS, Rule, is_hash, seconds
from omc.exporters.webconfig.tls_section import tls_config
from omc.site.document import Document, described, entries, is_null, known_entries, read_text
from omc.site.mistakes import Mistakes, near
from omc.site.values import Values

USERS = "basic_auth_users"
_KEYS = (*SECTIONS, USERS)
Checked = dict[str, object]
Nodes = dict[str, Node]


def read_web_config(path: Path) -> WebConfig:
    """Return what the file says; raise SiteError with file and line where anything in it is wrong."""
    mistakes = Mistakes()
    text = read_text(path, mistakes)
    document = Document(path, mistakes)
    root = document.compose(text) if text is not None else None
    config = WebConfig()
    if isinstance(root, MappingNode):
        config = _config(document, root)
    elif root is not None and not is_null(root):
        document.add(root, f"expected a mapping, found {described(root)}", f"known are {', '.join(_KEYS)}")
    _raise_any(mistakes)
    return config


def _raise_any(mistakes: Mistakes) -> None:
    if not mistakes.errors:
        return
    first, *rest = mistakes.errors
    others = "; ".join(f"{error.where}: {error.message}" for error in rest[:5])
    hint = first.hint + (" · " if first.hint and rest else "") + (f"and {others}" if rest else "")
    raise SiteError(first.message, where=first.where, hint=hint)


def _config(document: Document, root: MappingNode) -> WebConfig:
    known = known_entries(document, root, _KEYS)
    _, http_nodes = _section(document, known, "http_server_config")
    rate, rate_nodes = _section(document, known, "rate_limit")
    tls, tls_nodes = _section(document, known, "tls_server_config")
    return WebConfig(
        tls=tls_config(document, tls, tls_nodes) if "tls_server_config" in known else None,
        headers=_http(document, http_nodes),
        users=_users(document, known[USERS][1]) if USERS in known else {},
        interval_seconds=_interval(document, rate, rate_nodes),
        burst=_number(rate.get("burst")),
    )


def _section(document: Document, known: Mapping[str, tuple[Node, Node]], name: str) -> tuple[Checked, Nodes]:
    """Return the sound values of a section, and the node of each key for further checks."""
    if name not in known or is_null(known[name][1]):
        return {}, {}
    return checked(document, known[name][1], SECTIONS[name])


def checked(document: Document, node: Node, rules: Mapping[str, Rule]) -> tuple[Checked, Nodes]:
    """Hold a mapping against its rules; what is wrong is noted and left out."""
    if not isinstance(node, MappingNode):
        document.add(node, f"expected a mapping, found {described(node)}", f"known are {', '.join(rules)}")
        return {}, {}
    values: Checked = {}
    nodes: Nodes = {}
    for name, (key, value_node) in entries(document, node).items():
        if name not in rules:
            document.add(key, f"unknown key {name!r}", near(name, rules) or f"known are {', '.join(rules)}")
            continue
        nodes[name] = value_node
        value = Values(document).of(value_node)
        if rules[name].is_sound(value):
            values[name] = value
        elif value is not None:
            found = "something else" if rules[name].secret else described(value_node)
            document.add(value_node, f"{name}: expected {rules[name].expected}, found {found}", _reason(value))
    return values, nodes


def _reason(value: object) -> str:
    """Return why a value that exporter-toolkit takes is refused here."""
    if value in ("TLS10", "TLS11"):
        return "OpenSSL refuses TLS 1.0 and 1.1: TLS12 is the least"
    if value in ("RequestClientCert", "RequireAnyClientCert"):
        return "Python cannot ask for a certificate without verifying it: RequireAndVerifyClientCert verifies"
    return ""


def _http(document: Document, nodes: Nodes) -> tuple[tuple[str, str], ...]:
    http2 = nodes.get("http2")
    if http2 is not None and Values(document).of(http2) is True:
        document.add(http2, "http2: this server speaks HTTP/1.1 only", "leave the key out, or set it to false")
    if "headers" not in nodes:
        return ()
    values, _ = checked(document, nodes["headers"], HEADERS)
    return tuple((name, str(value)) for name, value in values.items() if value)


def _users(document: Document, node: Node) -> dict[str, bytes]:
    if is_null(node):
        return {}
    if not isinstance(node, MappingNode):
        document.add(node, f"{USERS}: expected a mapping of name and bcrypt hash, found something else")
        return {}
    users: dict[str, bytes] = {}
    for name, (key, value_node) in entries(document, node).items():
        if ":" in name:
            document.add(key, "a user's name has no colon: basic authentication could not send it")
        elif is_hash(value_node.value):
            users[name] = value_node.value.encode()
        else:
            hint = "htpasswd -nBC 10 NAME makes one; keep it in quotes"
            document.add(value_node, f"{USERS}: expected a bcrypt hash for {name!r}, found something else", hint)
    return users


def _interval(document: Document, rate: Checked, nodes: Nodes) -> float:
    interval = seconds(rate.get("interval", 0)) or 0.0
    if interval and not rate.get("burst"):
        where = nodes.get("burst", nodes["interval"])
        document.add(where, "burst: without at least 1, no request at all would be let in", "burst: 20, for example")
    return interval


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
