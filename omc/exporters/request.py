"""The seam between who asks for a page (HTTP, the command line) and who makes it: a request, a page, a scraper."""

from collections.abc import Container, Mapping
from typing import Protocol

import msgspec

from omc.exporters.reasons import Down
from omc.site.entities import SiteHost


class ScrapeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What one scrape asks.

    `deadline` is the time.monotonic() of the whole answer. `collectors` None means those that are on; names that no
    collector has are ignored here: whoever reads them from a user compares them with `Scraper.collectors`.
    A guest is served when it matches every filter that is not empty.
    """

    deadline: float
    collectors: frozenset[str] | None = None
    names: tuple[str, ...] = ()  # patterns as a shell's: web*, db[0-9]
    tags: frozenset[str] = frozenset()  # any of them, as in omc's own metadata of the guest
    states: frozenset[str] = frozenset()  # any of them, as `libvirt_domain_state` spells them
    compat: str | None = None  # also the names of this dialect: tinkoff, inovex, kumina


class ScrapeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every scrape of the process."""

    collectors: frozenset[str] | None = None  # None: those that the tables have on
    series_per_guest: int = 2_000
    refresh_seconds: float = 60.0  # between two readings of what no scrape reads: XML, snapshots, pools, networks
    connect_seconds: float = 5.0
    compat: str | None = None  # of a request that names none


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: text format 0.0.4, ending with a newline."""

    body: bytes
    down: Down | None = None  # why libvirt_up is 0

    @property
    def up(self) -> bool:
        """Whether the target was read."""
        return self.down is None

    @property
    def reason(self) -> str:
        """Why it was not, in full; empty where it was."""
        return self.down.message if self.down is not None else ""


class PageMaker(Protocol):
    """What `omc.exporters.scrape.Scraper` gives; one for the process, thread-safe."""

    @property
    def collectors(self) -> Mapping[str, bool]:
        """Every collector that there is, and whether it is on."""

    @property
    def dialects(self) -> frozenset[str]:
        """What `compat` may be."""

    @property
    def states(self) -> tuple[str, ...]:
        """What `state` may be."""

    def scrape(self, target: SiteHost, request: ScrapeRequest) -> Page:
        """Make a page, blocking at most until the deadline; scrapes of one target at a time share one collection."""

    def keep(self, names: Container[str]) -> None:
        """Close the connections to all other targets: the site has them no more."""

    def close(self) -> None:
        """Close every connection."""
