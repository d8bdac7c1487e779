"""Which hosts templates are for, as far as names go: those that hosts choose, and those that manifests name. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from omc.errors import UsageError
from omc.select import check_names
from omc.site import Site, SiteHost
from omc.site.mistakes import near
from omc.templates.catalogue import OPT_IN, Template
from omc.templates.manifest.arguments import has_marks
from omc.templates.variables import described


def choice_fault(wanted: object, names: Iterable[str]) -> tuple[str, str] | None:
    """Return what is wrong with the value of `omc_templates`, and a hint; None where it chooses of these templates."""
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        return f"{OPT_IN}: expected a list of templates, found {described(wanted)}", f"{OPT_IN}: [chrony, …]"
    known = frozenset(names)
    unknown = next((name for name in wanted if name not in known), None)
    if unknown is None:
        return None
    return f"{OPT_IN}: no template is named {unknown!r}", near(unknown, known) or "omc template list lists them"


def unchosen(host: SiteHost, templates: Iterable[str]) -> list[str]:
    """Return those that a host does not choose; none where its choice is worked out by a template."""
    chosen = host.variables.get(OPT_IN) or []
    return [name for name in templates if name not in chosen] if isinstance(chosen, list) else []


def choice_with(host: SiteHost, lacking: Sequence[str]) -> str:
    """Return what chooses these templates for a host, and those that it has, as it stands in its variables."""
    chosen = host.variables.get(OPT_IN) or []
    names = [*map(str, chosen if isinstance(chosen, list) else []), *lacking]
    return f"{OPT_IN}: [{', '.join(names)}]"


def for_nobody(templates: Sequence[Template], site: Site) -> Iterator[tuple[Template, UsageError]]:
    """Give the site's own templates whose `hosts` names a host or a group that is not there, so that none is theirs."""
    for template in templates:
        pattern = template.manifest.hosts.pattern.raw
        if template.origin != "site" or not isinstance(pattern, str) or has_marks(pattern):
            continue
        try:
            check_names(site, [pattern])
        except UsageError as error:
            yield template, error
