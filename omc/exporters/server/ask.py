"""What a client asks for: the URL and headers of a request, read into a ScrapeRequest or refused with what is known."""

import time
from collections.abc import Mapping
from difflib import get_close_matches

from starlette.requests import Request

from omc.exporters.request import PageMaker, ScrapeRequest
from omc.site import Site, SiteHost
from omc.text import safe

TIMEOUT_HEADER = "x-prometheus-scrape-timeout-seconds"
PARAMETERS = ("target", "collect[]", "exclude[]", "guest", "tag", "state", "compat")
DEFAULT_SECONDS = 10.0
MOST_SECONDS = 300.0
MOST_NAMED = 30


class Refusal(Exception):
    """A request that cannot be answered; the text is the answer's body."""


def target_of(request: Request, site: Site) -> SiteHost:
    """Return the host that `target` names; raise Refusal where the site has none of that name."""
    given = request.query_params.getlist("target")
    if len(given) != 1:
        found = "none" if not given else f"{len(given)} of them"
        raise Refusal(f"expected one target, found {found}: /probe?target=NAME\n{known_hosts(site)}")
    host = site.hosts.get(given[0])
    if host is None:
        near = get_close_matches(given[0], site.hosts, n=2)
        meant = f" (meant {' or '.join(near)}?)" if near else ""
        raise Refusal(f"no host of the site is named {given[0][:200]!r}{meant}\n{known_hosts(site)}")
    return host


def known_hosts(site: Site) -> str:
    """Return a line with the names of the hosts, the first ones where there are many."""
    names = [safe(name) for name in list(site.hosts)[:MOST_NAMED]]
    more = f", and {len(site.hosts) - MOST_NAMED} more: /sd lists them" if len(site.hosts) > MOST_NAMED else ""
    return f"known are {', '.join(names)}{more}" if names else "the site has no hosts"


def scrape_request(request: Request, maker: PageMaker, offset: float) -> ScrapeRequest:
    """Return what one scrape asks; raise Refusal for a parameter, collector, dialect or state that there is not."""
    query = request.query_params
    for name in query:
        if name not in PARAMETERS:
            raise Refusal(f"unknown parameter {name[:200]!r}: known are {', '.join(PARAMETERS)}")
    compat = query.get("compat") or None
    if compat is not None and compat not in maker.dialects:
        raise Refusal(f"unknown dialect {compat[:200]!r}: known are {', '.join(sorted(maker.dialects))}")
    return ScrapeRequest(
        deadline=time.monotonic() + seconds_of(request.headers, offset),
        collectors=_collectors(query.getlist("collect[]"), query.getlist("exclude[]"), maker.collectors),
        names=tuple(filter(None, query.getlist("guest"))),
        tags=frozenset(filter(None, query.getlist("tag"))),
        states=_states(query.getlist("state"), maker.states),
        compat=compat,
    )


def seconds_of(headers: Mapping[str, str], offset: float) -> float:
    """Return how long the answer may take: Prometheus's own timeout less an offset for the way back."""
    text = headers.get(TIMEOUT_HEADER, "")
    try:
        asked = float(text) if text else DEFAULT_SECONDS
    except ValueError:
        raise Refusal(f"{TIMEOUT_HEADER}: expected a number, found {text[:50]!r}") from None
    if not 0 < asked < float("inf"):
        raise Refusal(f"{TIMEOUT_HEADER}: expected a number above 0, found {text[:50]!r}")
    asked = min(asked, MOST_SECONDS)
    # A timeout that the offset would eat up still leaves half of it to collect in.
    return max(asked - offset, asked / 2)


def _states(asked: list[str], known: tuple[str, ...]) -> frozenset[str]:
    unknown = [word for word in asked if word and word not in known]
    if unknown:
        raise Refusal(f"unknown state {unknown[0][:200]!r}: known are {', '.join(known)}")
    return frozenset(filter(None, asked))


def _collectors(collect: list[str], exclude: list[str], known: Mapping[str, bool]) -> frozenset[str] | None:
    if collect and exclude:
        raise Refusal("expected collect[] or exclude[], found both")
    unknown = [name for name in (*collect, *exclude) if name not in known]
    if unknown:
        raise Refusal(f"unknown collector {unknown[0][:200]!r}: known are {', '.join(sorted(known))}")
    if exclude:
        return frozenset(name for name, is_on in known.items() if is_on) - frozenset(exclude)
    return frozenset(collect) or None
