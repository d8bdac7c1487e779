"""The section `tls_server_config`: what its keys mean together. Files are not opened here."""

from collections.abc import Mapping
from pathlib import Path

from yaml.nodes import Node

from omc.exporters.webconfig.ciphers import ALWAYS_ON, CURVES, SUITES
from omc.exporters.webconfig.entities import Material, TlsConfig
from omc.site.document import Document
from omc.site.mistakes import near

SECTION = "tls_server_config"


def tls_config(document: Document, values: Mapping[str, object], nodes: Mapping[str, Node]) -> TlsConfig | None:
    """Return the section; mistakes between its keys are noted, and None where it has no certificate or key."""
    certificate = _material(document, values, nodes, "cert")
    key = _material(document, values, nodes, "key")
    if certificate is None or key is None:
        if not all(name in nodes or f"{name}_file" in nodes for name in ("cert", "key")):
            document.mistakes.add(str(document.path), f"{SECTION}: expected cert_file and key_file")
        return None
    authority = _material(document, values, nodes, "client_ca")
    _check_clients(document, values, nodes, has_authority=authority is not None)
    _check_versions(document, values, nodes)
    return TlsConfig(
        certificate=certificate,
        key=key,
        client_ca=authority,
        client_auth=str(values.get("client_auth_type", "NoClientCert")),
        allowed_names=frozenset(_texts(values, "client_allowed_sans")),
        minimum=_least(values),
        maximum=str(values.get("max_version", "TLS13")),
        ciphers=_ciphers(document, values, nodes),
        prefer_own_order=values.get("prefer_server_cipher_suites") is not False,
        curve=_curve(document, values, nodes),
    )


def _material(
    document: Document, values: Mapping[str, object], nodes: Mapping[str, Node], name: str
) -> Material | None:
    inline, file = values.get(name), values.get(f"{name}_file")
    if inline and file:
        document.add(nodes[name], f"{name} and {name}_file: expected one of them, found both")
    if inline:
        return Material(text=str(inline))
    # As exporter-toolkit has it: a path is taken from the folder that the configuration lies in.
    return Material(path=Path(document.path.parent, str(file))) if file else None


def _check_clients(
    document: Document, values: Mapping[str, object], nodes: Mapping[str, Node], *, has_authority: bool
) -> None:
    if "client_auth_type" not in values and "client_auth_type" in nodes:
        return  # refused already
    kind = str(values.get("client_auth_type", "NoClientCert"))
    if kind != "NoClientCert" and not has_authority:
        document.add(nodes["client_auth_type"], f"{kind} needs client_ca_file: nothing else says whom to trust")
    if kind == "NoClientCert" and has_authority:
        node = nodes.get("client_ca_file") or nodes["client_ca"]
        document.add(
            node, "client_ca_file without a client_auth_type would change nothing", "RequireAndVerifyClientCert"
        )
    if "client_allowed_sans" in values and kind != "RequireAndVerifyClientCert":
        hint = "with any other, a client without a certificate would pass"
        document.add(nodes["client_allowed_sans"], "client_allowed_sans needs RequireAndVerifyClientCert", hint)


def _check_versions(document: Document, values: Mapping[str, object], nodes: Mapping[str, Node]) -> None:
    if values.get("min_version") == "TLS13" and values.get("max_version") == "TLS12":
        document.add(nodes["max_version"], "max_version is below min_version: no connection could be made")


def _least(values: Mapping[str, object]) -> str:
    suites = _texts(values, "cipher_suites")
    # Go has no suite left for TLS 1.2 then, either.
    only_newest = bool(suites) and all(name in ALWAYS_ON for name in suites)
    return "TLS13" if only_newest else str(values.get("min_version", "TLS12"))


def _ciphers(document: Document, values: Mapping[str, object], nodes: Mapping[str, Node]) -> tuple[str, ...]:
    found = []
    for name in _texts(values, "cipher_suites"):
        if name in SUITES:
            found.append(name)
        elif name not in ALWAYS_ON:
            hint = near(name, (*SUITES, *ALWAYS_ON)) or f"known are {', '.join(SUITES)}"
            document.add(nodes["cipher_suites"], f"cipher_suites: {name!r} is no suite that Go holds for safe", hint)
    return tuple(found)


def _curve(document: Document, values: Mapping[str, object], nodes: Mapping[str, Node]) -> str:
    names = _texts(values, "curve_preferences")
    for name in names:
        if name not in CURVES:
            hint = near(name, CURVES) or f"known are {', '.join(CURVES)}"
            document.add(nodes["curve_preferences"], f"curve_preferences: {name!r} is not known here", hint)
    if len(names) > 1:
        hint = f"keep one ({names[0]}), or leave the key out for OpenSSL's own order"
        document.add(nodes["curve_preferences"], "curve_preferences: Python can hold a server to one curve only", hint)
    return names[0] if names else ""


def _texts(values: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = values.get(name)
    return tuple(map(str, value)) if isinstance(value, list) else ()
