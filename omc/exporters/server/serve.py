"""Runs the server: uvicorn with our sockets, limits and certificates, until SIGTERM or SIGINT.

The first signal closes the sockets, answers what was asked before, and returns; requests still open after
CLOSING_SECONDS are given up.
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Sequence

import msgspec
import uvicorn

from omc.exporters.request import PageMaker
from omc.exporters.server.application import Application, ServerOptions
from omc.exporters.server.connection import MOST_HEAD_BYTES, Connection, Limits
from omc.exporters.server.gate import Gate
from omc.exporters.server.memory import keep_small
from omc.exporters.server.own import OwnMetrics
from omc.exporters.server.targets import Targets
from omc.exporters.webconfig import WebFile

CLOSING_SECONDS = 20
FAREWELL_SECONDS = 2.0
"""So long a client of TLS may take to say goodbye, too: one that never does must not hold up the end."""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What is served, and how."""

    maker: PageMaker
    targets: Targets
    web: WebFile
    options: ServerOptions = ServerOptions()
    limits: Limits = Limits()


def serve(served: Served, sockets: Sequence[socket.socket], *, ready: Callable[[], None] = lambda: None) -> None:
    """Serve on the sockets until a signal; `ready` is called once connections are taken. Closes nothing of `served`."""
    keep_small()
    own = OwnMetrics()
    application = Application(served.maker, served.targets, own, served.options)
    gate = Gate(application.asgi(), served.web, own, frozenset(application.handlers))
    own.watch(
        "web_config_last_reload_successful",
        "Whether the web configuration in force is what its file says.",
        lambda: served.web.reload_successful,
    )
    server = _Server(_config(gate, served.limits), served, application, own, ready)
    # uvicorn raises the signal again when it is done: then it must find this, and not the end of the process.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        server.run(sockets=list(sockets))
    finally:
        signal.signal(signal.SIGTERM, before)


def _config(gate: Gate, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        gate,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # below, whoever reaches the port could fill the log: what is no request is counted
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=1024,
        timeout_keep_alive=int(limits.idle_seconds),
        timeout_graceful_shutdown=CLOSING_SECONDS,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
    )


class _Server(uvicorn.Server):
    """uvicorn's server with our connections: it has no limit for a TLS handshake, nor certificates that rotate."""

    def __init__(
        self,
        config: uvicorn.Config,
        served: Served,
        application: Application,
        own: OwnMetrics,
        ready: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._served = served
        self._application = application
        self._own = own
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take connections."""
        await super().startup(sockets=[])
        context = self._served.web.rotating_context()
        seconds = self._served.limits.handshake_seconds if context is not None else None
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                self._connection,
                sock=listener,
                ssl=context,
                ssl_handshake_timeout=seconds,
                ssl_shutdown_timeout=FAREWELL_SECONDS if context is not None else None,
            )
            for listener in sockets or []
        ]
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and finish what was begun."""
        self._application.is_closing = True
        await super().shutdown(sockets=sockets)

    def _connection(self) -> Connection:
        return Connection(
            self._served.limits,
            self._served.web,
            self._own.cut,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
