"""Which names templates speak of: so that a misspelt variable is told instead of being ignored."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from omc.site import SiteHost
from omc.templates.catalogue import Template

_WORD = re.compile(r"[A-Za-z_]\w*")
_MOST_BYTES = 1 << 20


def unmentioned(names: Iterable[str], templates: Sequence[Template], hosts: Sequence[SiteHost]) -> dict[str, list[str]]:
    """Return those of the names that neither a template nor a host's variable speaks of, each with the known ones.

    What is known are the variables that the templates declare and the hosts have. A name that stands anywhere in a
    template's folder, if only in a comment, counts as spoken of.
    """
    wanted = dict.fromkeys(names)
    for text in chain(_texts(templates), _values(hosts)):
        for word in _WORD.findall(text):
            wanted.pop(word, None)
        if not wanted:
            return {}
    known = {name for template in templates for name in template.manifest.variables}
    known |= {name for host in hosts for name in host.variables}
    return {name: sorted(known) for name in wanted if name not in known}


def _texts(templates: Sequence[Template]) -> Iterator[str]:
    folders = dict.fromkeys(folder for template in templates for folder in (template.folder, *template.shared))
    for path in chain.from_iterable(folder.rglob("*") for folder in folders):
        if path.is_file():
            yield _text(path)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _values(hosts: Sequence[SiteHost]) -> Iterator[str]:
    for host in hosts:
        yield str(dict(host.variables))
