"""What each path answers. Blocking work runs in threads of its own, as many as scrapes are let in at a time.

A target that cannot be read is an answer (200, `libvirt_up 0`); a request that makes no sense is refused (400) with
what is known; a page that is not there in time, or no free thread, is 503.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from omc.errors import OmcError
from omc.exporters.discovery import GuestAddress, TargetGroup, guest_groups, host_groups
from omc.exporters.exposition import openmetrics
from omc.exporters.request import PageMaker, ScrapeRequest
from omc.exporters.server.ask import Refusal, scrape_request, target_of
from omc.exporters.server.landing import POLICY, landing
from omc.exporters.server.negotiate import Wanted, compressed, wanted, worth_compressing
from omc.exporters.server.own import OwnMetrics
from omc.exporters.server.targets import Targets
from omc.site import Site, SiteHost

GRACE_SECONDS = 0.25
"""How long after its deadline a page is still waited for."""


class ServerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How the server answers. `single` is the one host of a server without a fleet: its page is /metrics."""

    single: SiteHost | None = None
    scrapes: int = 64  # at a time
    offset_seconds: float = 0.5  # of Prometheus's timeout, for the way back
    guests: Callable[[], Sequence[GuestAddress]] | None = None  # for /sd?role=guest


class Application:
    """The paths of one server."""

    def __init__(self, maker: PageMaker, targets: Targets, own: OwnMetrics, options: ServerOptions) -> None:
        self._maker = maker
        self._targets = targets
        self._own = own
        self._options = options
        self._threads = ThreadPoolExecutor(options.scrapes, "omc-scrape")
        self._busy = 0
        self.is_closing = False
        self.handlers = {
            "/": self._landing,
            "/metrics": self._metrics,
            "/probe": self._probe,
            "/sd": self._discovery,
            "/-/healthy": self._healthy,
            "/-/ready": self._ready,
        }
        own.watch("scrapes_in_flight", "Pages being made.", lambda: self._busy)
        own.watch("targets", "Hosts of the site.", lambda: len(targets.last.hosts))
        own.watch(
            "site_last_reload_successful",
            "Whether the site in force is what its files say.",
            lambda: targets.reload_successful,
        )

    def asgi(self) -> Starlette:
        """Return the application for a server."""
        routes = [Route(path, handler, methods=["GET"]) for path, handler in self.handlers.items()]
        return Starlette(routes=routes, exception_handlers={Refusal: _refused, OmcError: _failed})

    def close(self) -> None:
        """Let go of the threads; scrapes that still run end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _landing(self, _: Request) -> Response:
        site = await self._targets.site()
        page = landing(site, self._maker.collectors, single=self._options.single is not None)
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"})

    async def _healthy(self, _: Request) -> Response:
        return PlainTextResponse("healthy\n")

    async def _ready(self, _: Request) -> Response:
        return PlainTextResponse("closing\n", 503) if self.is_closing else PlainTextResponse("ready\n")

    async def _metrics(self, request: Request) -> Response:
        single = self._options.single
        if single is None:
            return await self._in_thread(lambda how: self._sent(self._own.page(), how), request, time.monotonic() + 10)
        return await self._scraped(request, single, with_own=True)

    async def _probe(self, request: Request) -> Response:
        return await self._scraped(request, target_of(request, await self._targets.site()))

    async def _scraped(self, request: Request, host: SiteHost, *, with_own: bool = False) -> Response:
        asked = scrape_request(request, self._maker, self._options.offset_seconds)
        return await self._in_thread(
            lambda how: self._sent(self._page(host, asked) + (self._own.page() if with_own else b""), how),
            request,
            asked.deadline,
        )

    def _page(self, host: SiteHost, asked: ScrapeRequest) -> bytes:
        try:
            page = self._maker.scrape(host, asked)
        except Exception:
            self._own.scraped("failed")
            raise
        self._own.scraped("up" if page.up else "down")
        return page.body

    def _sent(self, body: bytes, how: Wanted) -> Response:
        """Bring a page into the form that was asked for."""
        if how.openmetrics:
            body = openmetrics(body)
        how = how._replace(gzip=how.gzip and worth_compressing(body))
        return Response(compressed(body) if how.gzip else body, headers=how.headers())

    async def _discovery(self, request: Request) -> Response:
        role = request.query_params.get("role", "host")
        site = await self._targets.site()
        if role not in self._roles():
            raise Refusal(f"unknown role {role[:200]!r}: known are {', '.join(self._roles())}")
        return await self._in_thread(lambda how: _json(self._groups(site, role), how), request, time.monotonic() + 10)

    def _roles(self) -> tuple[str, ...]:
        return ("host",) if self._options.guests is None else ("host", "guest")

    def _groups(self, site: Site, role: str) -> list[TargetGroup]:
        if role == "guest" and self._options.guests is not None:
            return list(guest_groups(site, self._options.guests()))
        return list(host_groups(site))

    async def _in_thread(self, work: Callable[[Wanted], Response], request: Request, deadline: float) -> Response:
        """Run blocking work in a thread; a thread is busy until its work ends, waited for or not."""
        if self._busy >= self._options.scrapes:
            self._own.refused("busy")
            return PlainTextResponse("too many scrapes at a time\n", 503, {"Retry-After": "1"})
        headers = request.headers
        how = wanted(headers.get("accept", ""), headers.get("accept-encoding", ""))
        self._busy += 1
        future = self._threads.submit(work, how)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda done: self._freed(loop, done))
        try:
            async with asyncio.timeout(max(deadline + GRACE_SECONDS - time.monotonic(), 0)):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError:
            self._own.refused("late")
            return PlainTextResponse("the page was not there in time\n", 503)

    def _freed(self, loop: asyncio.AbstractEventLoop, _: Future[Response]) -> None:
        with suppress(RuntimeError):  # the loop is gone: the process ends
            loop.call_soon_threadsafe(self._count_freed)

    def _count_freed(self) -> None:
        self._busy -= 1


def _json(groups: list[TargetGroup], how: Wanted) -> Response:
    body = msgspec.json.encode(groups)
    packed = how.gzip and worth_compressing(body)
    headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
    return Response(compressed(body) if packed else body, media_type="application/json", headers=headers)


async def _refused(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 400)


async def _failed(_: Request, error: Exception) -> Response:
    """Say what a person can mend, without the place: paths of this machine are nobody's business."""
    hint = f" ({error.hint})" if isinstance(error, OmcError) and error.hint else ""
    message = error.message if isinstance(error, OmcError) else type(error).__name__
    return PlainTextResponse(f"{message}{hint}\n", 503)
