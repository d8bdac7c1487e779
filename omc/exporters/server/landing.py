"""The page for a person who opens the exporter in a browser. Everything in it is escaped; it loads nothing."""

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote

from omc import __version__
from omc.site import Site
from omc.text import plural, safe

MOST_TARGETS = 500
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "td,th{padding:0 1rem 0 0;text-align:left}"
)
_PATHS = (
    ("metrics", "metrics"),
    ("sd", "targets for http_sd_config (sd?role=guest: guests by address)"),
    ("-/healthy", "the process answers"),
    ("-/ready", "requests are let in"),
)


def landing(site: Site, collectors: Mapping[str, bool], *, single: bool) -> str:
    """Return the page as HTML."""
    what = "one libvirt" if single else plural(len(site.hosts), "host")
    paths = "".join(f"<li>{_link(path, path)}: {_text(meaning)}</li>" for path, meaning in _PATHS)
    on_off = ((_text(name), "on" if is_on else "off") for name, is_on in sorted(collectors.items()))
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>omc exporter</title>"
        f"<style>{_STYLE}</style><h1>omc exporter</h1><p>Version {_text(__version__)}, metrics of {_text(what)}.</p>"
        f"<ul>{paths}</ul><h2>Targets</h2>{_targets(site)}"
        "<h2>Collectors</h2><p>Only some: <code>probe?target=NAME&amp;collect[]=COLLECTOR</code></p>"
        f"{_table(('collector', 'by default'), on_off)}</html>"
    )


def _targets(site: Site) -> str:
    hosts = list(site.hosts.values())
    rows = (
        (_link(f"probe?target={quote(host.name, safe='')}", host.name), _text(" ".join(host.groups)))
        for host in hosts[:MOST_TARGETS]
    )
    beyond = len(hosts) - MOST_TARGETS
    more = f"<p>and {beyond} more: {_link('sd', 'sd')} lists them</p>" if beyond > 0 else ""
    return _table(("target", "groups"), rows) + more


def _text(text: str) -> str:
    return escape(safe(text))


def _link(address: str, text: str) -> str:
    return f"<a href='{escape(address)}'>{_text(text)}</a>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
