"""What each path answers. Blocking work runs in threads of its own, as many as scrapes are let in at a time.

A target that cannot be read is an answer (200, `libvirt_up 0`); a request that makes no sense is refused (400) with
what is known; a page that is not there in time, or no free thread, is 503.
"""

import time
from collections.abc import Callable, Sequence

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
from omc.exporters.server.pieces import Pieces
from omc.exporters.server.standing import Standings
from omc.exporters.server.targets import Targets
from omc.exporters.server.workers import Unserved, Workers
from omc.site import Site, SiteHost

MOST_OTHERS = 4
OTHER_SECONDS = 10.0
"""What is no scrape: so many pages at a time, and so long."""


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
        self._standings = Standings()
        self._served = targets.last
        self._scrapes = Workers("omc-scrape", options.scrapes)
        # Threads of their own: what tells of a fleet that hangs must not wait behind it.
        self._others = Workers("omc-page", MOST_OTHERS)
        self.is_closing = False
        self.handlers = {
            "/": self._landing,
            "/metrics": self._metrics,
            "/probe": self._probe,
            "/sd": self._discovery,
            "/-/healthy": self._healthy,
            "/-/ready": self._ready,
        }
        own.watch("scrapes_in_flight", "Pages being made.", lambda: self._scrapes.busy)
        own.watch("targets", "Hosts of the site.", lambda: len(targets.last.hosts))
        own.watch(
            "site_last_reload_successful",
            "Whether the site in force is what its files say.",
            lambda: targets.reload_successful,
        )

    def asgi(self) -> Starlette:
        """Return the application for a server."""
        routes = [Route(path, handler, methods=["GET"]) for path, handler in self.handlers.items()]
        return Starlette(
            routes=routes, exception_handlers={Refusal: _refused, OmcError: _failed, Unserved: self._unserved}
        )

    async def _site(self) -> Site:
        """Give the site in force, and let go of hosts that it has lost."""
        site = await self._targets.site()
        if site is not self._served:
            self._served = site
            self._standings.keep(site.hosts)
            self._maker.keep(site.hosts)
        return site

    async def _landing(self, _: Request) -> Response:
        site = await self._site()
        page = landing(site, self._maker.collectors, self._standings, single=self._options.single is not None)
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"})

    async def _healthy(self, _: Request) -> Response:
        return PlainTextResponse("healthy\n")

    async def _ready(self, _: Request) -> Response:
        return PlainTextResponse("closing\n", 503) if self.is_closing else PlainTextResponse("ready\n")

    async def _metrics(self, request: Request) -> Response:
        single = self._options.single
        if single is None:
            return await self._other(request, lambda how: self._sent([self._own.page()], how))
        return await self._scraped(request, single, with_own=True)

    async def _probe(self, request: Request) -> Response:
        return await self._scraped(request, target_of(request, await self._site()))

    async def _scraped(self, request: Request, host: SiteHost, *, with_own: bool = False) -> Response:
        asked = scrape_request(request, self._maker, self._options.offset_seconds)
        how = _how(request)

        def work() -> Response:
            page = self._page(host, asked)
            return self._sent([page, self._own.page()] if with_own else [page], how)

        return await self._scrapes.run(work, asked.deadline)

    async def _other(self, request: Request, work: Callable[[Wanted], Response]) -> Response:
        how = _how(request)
        return await self._others.run(lambda: work(how), time.monotonic() + OTHER_SECONDS)

    def _page(self, host: SiteHost, asked: ScrapeRequest) -> bytes:
        started = time.monotonic()
        try:
            page = self._maker.scrape(host, asked)
        except Exception:
            self._own.scraped("failed")
            raise
        self._own.scraped("up" if page.up else "down")
        self._standings.notice(host.name, page, time.monotonic() - started)
        return page.body

    def _sent(self, pages: list[bytes], how: Wanted) -> Response:
        """Bring pages into the form that was asked for, as one; a page of megabytes is copied no more than it must."""
        how = how._replace(gzip=how.gzip and worth_compressing(pages))
        pieces = openmetrics(pages) if how.openmetrics else pages
        return Pieces([compressed(pieces)] if how.gzip else pieces, how.headers())

    async def _discovery(self, request: Request) -> Response:
        role = request.query_params.get("role", "host")
        site = await self._site()
        if role not in self._roles():
            raise Refusal(f"unknown role {role[:200]!r}: known are {', '.join(self._roles())}")
        return await self._other(request, lambda how: _json(self._groups(site, role), how))

    def _roles(self) -> tuple[str, ...]:
        return ("host",) if self._options.guests is None else ("host", "guest")

    def _groups(self, site: Site, role: str) -> list[TargetGroup]:
        if role == "guest" and self._options.guests is not None:
            return list(guest_groups(site, self._options.guests()))
        return list(host_groups(site))

    async def _unserved(self, _: Request, error: Exception) -> Response:
        if isinstance(error, Unserved):
            self._own.refused(error.reason)
        return PlainTextResponse(f"{error}\n", 503, {"Retry-After": "1"})


def _how(request: Request) -> Wanted:
    return wanted(request.headers.get("accept", ""), request.headers.get("accept-encoding", ""))


def _json(groups: list[TargetGroup], how: Wanted) -> Response:
    body = msgspec.json.encode(groups)
    packed = how.gzip and worth_compressing([body])
    headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
    return Response(compressed([body]) if packed else body, media_type="application/json", headers=headers)


async def _refused(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 400)


async def _failed(_: Request, error: Exception) -> Response:
    """Say what a person can mend, without the place: paths of this machine are nobody's business."""
    hint = f" ({error.hint})" if isinstance(error, OmcError) and error.hint else ""
    message = error.message if isinstance(error, OmcError) else type(error).__name__
    return PlainTextResponse(f"{message}{hint}\n", 503)
