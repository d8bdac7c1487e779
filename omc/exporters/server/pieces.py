"""An answer whose body is sent as it lies in memory: a page of megabytes is not put together once more to be sent."""

from collections.abc import Iterable, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_SLICE_BYTES = 256 * 1024
"""So much is handed on at a time: what the client has not taken yet is copied by the transport."""


class Pieces(Response):
    """A body in pieces."""

    def __init__(self, pieces: Iterable[bytes | memoryview], headers: Mapping[str, str]) -> None:
        self._pieces = list(pieces)
        length = sum(map(len, self._pieces))
        super().__init__(headers={**headers, "Content-Length": str(length)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send the head and each piece."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for piece in self._pieces:
            view = memoryview(piece)
            for start in range(0, len(view), _SLICE_BYTES):
                body = bytes(view[start : start + _SLICE_BYTES])
                await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
