"""What a web configuration says, once it is read and checked."""

from collections.abc import Mapping
from pathlib import Path

import msgspec


class Material(msgspec.Struct, frozen=True):
    """A certificate or a key: in a file, or in the configuration itself."""

    path: Path | None = None
    text: str = ""


class TlsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`tls_server_config`. Names are the file's own: Go's for ciphers and curves."""

    certificate: Material
    key: Material
    client_ca: Material | None = None
    client_auth: str = "NoClientCert"
    allowed_names: frozenset[str] = frozenset()  # client_allowed_sans; empty: any verified certificate
    minimum: str = "TLS12"
    maximum: str = "TLS13"
    ciphers: tuple[str, ...] = ()  # empty: OpenSSL's own choice
    prefer_own_order: bool = True
    curve: str = ""  # empty: OpenSSL's own choice


class WebConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. Without TLS it is plain HTTP, without users everybody may ask."""

    tls: TlsConfig | None = None
    headers: tuple[tuple[str, str], ...] = ()
    users: Mapping[str, bytes] = {}
    interval_seconds: float = 0.0  # between two requests; 0: no limit
    burst: int = 0
