"""What every request passes first: the headers of all answers, the rate limit, the password, and what is too much.

An ASGI middleware: pure ASGI, so that nothing is buffered. bcrypt runs in one thread at a time, with a short queue:
wrong passwords by the thousand cost one core at most, and a credential known good never waits behind them.
"""

import asyncio
import time
from base64 import b64decode
from binascii import Error as Base64Error

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from omc.exporters.server.own import OwnMetrics
from omc.exporters.server.workers import Unserved, Workers
from omc.exporters.webconfig import Loaded, Passwords, WebConfig, WebFile

MOST_CHECKED = 16
"""Passwords that wait for bcrypt at a time."""

CHECK_SECONDS = 30.0
"""So long one check may take."""


class Bucket:
    """A token bucket, as exporter-toolkit's: `burst` requests at once, then one an interval."""

    def __init__(self) -> None:
        self._tokens = -1.0
        self._at = 0.0

    def take(self, config: WebConfig) -> bool:
        """Tell whether a request is let in."""
        if not config.interval_seconds:
            return True
        now = time.monotonic()
        gained = (now - self._at) / config.interval_seconds
        self._tokens = min(float(config.burst), self._tokens + gained) if self._tokens >= 0 else float(config.burst)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Gate:
    """Lets requests through to an application, and counts all of them."""

    def __init__(self, application: ASGIApp, web: WebFile, own: OwnMetrics, handlers: frozenset[str]) -> None:
        self._application = application
        self._web = web
        self._own = own
        self._handlers = handlers
        self._bucket = Bucket()
        self._thread = Workers("omc-bcrypt", 1)
        self._turn = asyncio.Lock()
        self._checking = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        started, code = time.monotonic(), 500
        loaded = self._web.current()

        async def send_on(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                MutableHeaders(scope=message).update(dict(loaded.config.headers))
            await send(message)

        try:
            refusal = await self._refusal(Headers(scope=scope), loaded)
            await (refusal or self._application)(scope, receive, send_on)
        finally:
            handler = scope["path"] if scope["path"] in self._handlers else "other"
            self._own.answered(handler, code, time.monotonic() - started)

    async def _refusal(self, headers: Headers, loaded: Loaded) -> Response | None:
        if not self._bucket.take(loaded.config):
            return self._refuse("rate", 429, "too many requests", {"Retry-After": "1"})
        if loaded.passwords:
            refusal = await self._wrong_password(headers.get("authorization", ""), loaded.passwords)
            if refusal is not None:
                return refusal
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            return self._refuse("body", 413, "no request here has a body", {"Connection": "close"})
        return None

    async def _wrong_password(self, header: str, passwords: Passwords) -> Response | None:
        asked = {"WWW-Authenticate": "Basic"}
        credential = credential_of(header)
        if credential is None:
            return self._refuse("password", 401, "a user and a password are needed", asked)
        if passwords.is_known(*credential):
            return None
        if self._checking >= MOST_CHECKED:
            return self._busy()
        self._checking += 1
        try:
            async with self._turn:
                good = await self._thread.run(lambda: passwords.check(*credential), time.monotonic() + CHECK_SECONDS)
        except Unserved:
            return self._busy()
        finally:
            self._checking -= 1
        return None if good else self._refuse("password", 401, "user or password is wrong", asked)

    def _busy(self) -> Response:
        return self._refuse("busy", 429, "too many passwords to check", {"Retry-After": "1"})

    def _refuse(self, reason: str, code: int, text: str, headers: dict[str, str]) -> Response:
        self._own.refused(reason)
        return PlainTextResponse(f"{text}\n", code, headers)


def credential_of(header: str) -> tuple[str, bytes] | None:
    """Return user and password of an Authorization header; None where it has none that can be read."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(encoded.strip(), validate=True).partition(b":")
    except (Base64Error, ValueError):
        return None
    return (user.decode(errors="surrogateescape"), password) if colon else None
