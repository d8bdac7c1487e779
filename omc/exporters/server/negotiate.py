"""What a client accepts, from its headers: OpenMetrics or the text format, gzip or plain. Pure."""

import re
import zlib
from collections.abc import Iterable
from typing import NamedTuple

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_LEAST_COMPRESSED = 1_024
_GZIP = zlib.MAX_WBITS + 16  # with the header and the sum of gzip, and no time in them
_PREFERENCE = re.compile(r"\s*([^\s;,]+)\s*((?:;[^,]*)?)")
_QUALITY = re.compile(r";\s*q\s*=\s*([0-9.]{1,6})\s*(?:;|$)", re.IGNORECASE)
_VERSION = re.compile(r";\s*version\s*=\s*\"?([^\s;\"]*)", re.IGNORECASE)


class Wanted(NamedTuple):
    """How a page is to be sent."""

    openmetrics: bool = False
    gzip: bool = False

    @property
    def content_type(self) -> str:
        """The answer's Content-Type."""
        return OPENMETRICS if self.openmetrics else TEXT

    def headers(self) -> dict[str, str]:
        """The answer's headers."""
        encoding = {"Content-Encoding": "gzip"} if self.gzip else {}
        return {"Content-Type": self.content_type, "Vary": "Accept, Accept-Encoding"} | encoding


def wanted(accept: str, accept_encoding: str) -> Wanted:
    """Read the two headers; what cannot be read is as if it were not there."""
    return Wanted(_prefers_openmetrics(accept), _takes_gzip(accept_encoding))


def compressed(pieces: Iterable[bytes | memoryview]) -> bytes:
    """Return the pieces as one in gzip; the fastest level, because a page shrinks to a tenth with it already."""
    packer = zlib.compressobj(1, wbits=_GZIP)
    found = [packer.compress(piece) for piece in pieces]
    return b"".join([*found, packer.flush()])


def worth_compressing(pieces: Iterable[bytes]) -> bool:
    """Tell whether a body is so long that gzip saves anything."""
    return sum(map(len, pieces)) >= _LEAST_COMPRESSED


def _quality(parameters: str) -> float:
    match = _QUALITY.search(parameters)
    try:
        return float(match[1]) if match else 1.0
    except ValueError:
        return 0.0


def _prefers_openmetrics(accept: str) -> bool:
    open_quality = text_quality = 0.0
    for name, parameters in _PREFERENCE.findall(accept):
        quality = _quality(parameters)
        if name.lower() == "application/openmetrics-text":
            version = _VERSION.search(parameters)
            if version is None or version[1] in ("0.0.1", "1.0.0"):
                open_quality = max(open_quality, quality)
        elif name.lower() in ("text/plain", "text/*", "*/*"):
            text_quality = max(text_quality, quality)
    return open_quality > 0 and open_quality >= text_quality


def _takes_gzip(accept_encoding: str) -> bool:
    found = {name.lower(): _quality(parameters) for name, parameters in _PREFERENCE.findall(accept_encoding)}
    return found.get("gzip", found.get("*", 0.0)) > 0
