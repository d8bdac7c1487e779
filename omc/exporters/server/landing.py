"""The page for a person who opens the exporter in a browser. Everything in it is escaped; it loads nothing."""

import time
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from urllib.parse import quote

from omc import __version__
from omc.exporters.server.standing import Standing, Standings
from omc.site import Site
from omc.text import human_age, human_bytes, plural, safe

MOST_TARGETS = 500
MOST_UNBROKEN = 24
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.1rem 1.5rem .1rem 0;text-align:left;vertical-align:top}"
    "tr+tr td{border-top:1px solid #ddd}td.short{white-space:nowrap}.down{color:#a00;font-weight:bold}.hint{color:#555}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}tr+tr td{border-color:#333}"
    ".down{color:#f77}.hint{color:#aaa}}"
)
_PATHS = (
    ("sd", "targets for http_sd_config (sd?role=guest: guests by address)"),
    ("-/healthy", "the process answers"),
    ("-/ready", "requests are let in"),
)


def landing(site: Site, collectors: Mapping[str, bool], standings: Standings, *, single: bool) -> str:
    """Return the page as HTML."""
    what = "one libvirt" if single else plural(len(site.hosts), "host")
    metrics = ("metrics", "metrics" if single else "metrics of this exporter itself")
    paths = "".join(f"<li>{_link(path, path)}: {_text(meaning)}</li>" for path, meaning in (metrics, *_PATHS))
    on_off = ((_text(name), "on" if is_on else "off") for name, is_on in sorted(collectors.items()))
    path = "metrics?" if single else "probe?target=NAME&amp;"
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>omc exporter</title>"
        "<meta name='viewport' content='width=device-width'>"
        f"<style>{_STYLE}</style><h1>omc exporter</h1><p>Version {_text(__version__)}, metrics of {_text(what)}.</p>"
        f"<ul>{paths}</ul><h2>Targets</h2>{_targets(site, standings)}"
        f"<h2>Collectors</h2><p>Only some: <code>{path}collect[]=COLLECTOR</code></p>"
        f"{_table(('collector', 'by default'), on_off)}</html>"
    )


def _targets(site: Site, standings: Standings) -> str:
    """Write the table of targets, those that are down first: they are what a person comes for."""
    found = [(host, standings.of(host.name)) for host in site.hosts.values()]
    found.sort(key=lambda pair: pair[1] is None or pair[1].down is None)
    now = time.time()
    rows = (
        (
            _link(f"probe?target={quote(host.name, safe='')}", host.name),
            _text(" ".join(host.groups)),
            *_standing(standing, now),
        )
        for host, standing in found[:MOST_TARGETS]
    )
    beyond = len(found) - MOST_TARGETS
    more = f"<p>and {beyond} more: {_link('sd', 'sd')} lists them</p>" if beyond > 0 else ""
    return _table(("target", "groups", "at the last scrape", "asked", "took", "page"), rows) + more


def _standing(found: Standing | None, now: float) -> Iterator[str]:
    if found is None:
        yield from ("not asked yet", "", "", "")
        return
    yield _why(found, now)
    yield f"{human_age(now - found.asked_at)} ago"
    yield f"{found.seconds:.2f} s"
    yield human_bytes(found.page_bytes)


def _why(found: Standing, now: float) -> str:
    if found.down is None:
        return f"up for {human_age(now - found.since)}"
    hint = f"<br><span class='hint'>{_text(found.down.hint)}</span>" if found.down.hint else ""
    head = f"<span class='down'>down</span> for {human_age(now - found.since)}, {_text(found.down.code)}"
    return f"{head}<br>{_text(found.down.message)}{hint}"


def _text(text: str) -> str:
    return escape(safe(text))


def _link(address: str, text: str) -> str:
    return f"<a href='{escape(address)}'>{_text(text)}</a>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(cell: str) -> str:
    """Write a cell; a short one is not broken between its number and its unit."""
    return f"<td class='short'>{cell}</td>" if len(cell) < MOST_UNBROKEN else f"<td>{cell}</td>"
