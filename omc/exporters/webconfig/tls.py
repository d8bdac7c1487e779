"""OpenSSL set up as a web configuration says: the context of new connections, the names in a client's certificate."""

import os
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from omc.errors import SiteError
from omc.exporters.webconfig.ciphers import CURVES, SUITES, VERSIONS
from omc.exporters.webconfig.entities import Material, TlsConfig

_VERIFY = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}


def server_context(config: TlsConfig) -> ssl.SSLContext:
    """Return the context of a server; raise SiteError where a certificate or a key cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[config.minimum]
    context.maximum_version = VERSIONS[config.maximum]
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    _set(context, ssl.OP_CIPHER_SERVER_PREFERENCE, on=config.prefer_own_order)
    if config.ciphers:
        context.set_ciphers(":".join(SUITES[name] for name in config.ciphers))
    if config.curve:
        context.set_ecdh_curve(CURVES[config.curve])
    _load_pair(context, config)
    if config.client_ca is not None:
        _load_authority(context, config.client_ca)
    context.verify_mode = _VERIFY[config.client_auth]
    return context


def _set(context: ssl.SSLContext, option: ssl.Options, *, on: bool) -> None:
    context.options = context.options | option if on else context.options & ~option


def _load_pair(context: ssl.SSLContext, config: TlsConfig) -> None:
    where = str(config.certificate.path or "cert")
    try:
        with ExitStack() as stack:
            certificate = stack.enter_context(_as_path(config.certificate))
            key = stack.enter_context(_as_path(config.key))
            # The password: without one, OpenSSL would ask for it on the terminal.
            context.load_cert_chain(certificate, key, password=lambda: b"")
    except ssl.SSLError as error:
        hint = "both must be PEM, belong together, and the key must have no passphrase"
        message = f"certificate and key cannot be used: {error.reason or error}"
        raise SiteError(message, where=where, hint=hint) from None
    except (OSError, ValueError) as error:
        path = str(config.key.path or "") if _is_readable(config.certificate) else where
        raise SiteError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=path) from None


def _is_readable(material: Material) -> bool:
    return material.path is None or os.access(material.path, os.R_OK)


def _load_authority(context: ssl.SSLContext, authority: Material) -> None:
    where = str(authority.path or "client_ca")
    try:
        context.load_verify_locations(cadata=authority.path.read_text() if authority.path else authority.text)
    except ssl.SSLError as error:
        raise SiteError(f"client_ca cannot be used: {error.reason or error}", where=where) from None
    except (OSError, ValueError) as error:
        raise SiteError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=where) from None


@contextmanager
def _as_path(material: Material) -> Iterator[str]:
    """Give a path to a material; one from the configuration itself lives in memory only, while it is needed."""
    if material.path is not None:
        yield str(material.path)
        return
    with os.fdopen(os.memfd_create("omc-tls"), "wb") as file:
        file.write(material.text.encode())
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"


def names_of(certificate: Mapping[str, object]) -> frozenset[str]:
    """Return the names of a verified certificate (Python's own form of it): DNS, IP, e-mail and URI."""
    names = certificate.get("subjectAltName", ())
    if not isinstance(names, Sequence):
        return frozenset()
    return frozenset(str(value) for kind, value in names if kind in ("DNS", "IP Address", "email", "URI"))
