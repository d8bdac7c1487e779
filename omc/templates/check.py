"""Checks a site's templates without any host: manifests and their files, what hosts choose, providers of secrets.

Whether a variable is set, or has the right type, is known only for a host: `omc template render` says that.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError
from jinja2.exceptions import TemplateNotFound

from omc.site import Sealed, Site
from omc.site.load import variable_places
from omc.site.mistakes import Mistakes
from omc.templates import catalogue
from omc.templates.catalogue import OPT_IN, Template
from omc.templates.choice import choice_fault, for_nobody
from omc.templates.manifest import Value
from omc.templates.manifest.arguments import has_marks
from omc.templates.render.loader import FolderLoader
from omc.templates.secrets import settings


def check(root: Path, site: Site) -> tuple[int, Mistakes]:
    """Return how many templates the site has of its own, and every mistake in what it says of templates."""
    found, mistakes = catalogue.read(root)
    settings.read(root, mistakes)
    environment = Environment(autoescape=False)  # noqa: S701 - it only parses
    for path in sorted((root / catalogue.FOLDER).glob("*/**/*.j2")):
        _parse(environment, path, mistakes)
    own = [template for template in found.templates.values() if template.origin == "site"]
    for template in own:
        _find_files(environment, template, mistakes)
    for template, error in for_nobody(own, site):
        hint = f" ({error.hint})" if error.hint else ""
        mistakes.warn(template.manifest.hosts.pattern.where, f"{template.name} is for no host: {error.message}{hint}")
    _check_choices(root, site, catalogue.names(root), mistakes)
    return len(own), mistakes


def _parse(environment: Environment, path: Path, mistakes: Mistakes) -> None:
    try:
        environment.parse(path.read_text(encoding="utf-8"))
    except TemplateSyntaxError as error:
        mistakes.add(f"{path}:{error.lineno}", error.message or "it is no template")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.add(str(path), f"it cannot be read as UTF-8 text: {error}")


def _find_files(environment: Environment, template: Template, mistakes: Mistakes) -> None:
    """Note the files that a manifest names and that are not there; a name that is worked out is known for a host."""
    loader = FolderLoader((template.folder, *template.shared))
    for name in _names(template):
        try:
            loader.get_source(environment, str(name.raw))
        except TemplateNotFound as error:
            if not (template.folder / str(name.raw)).is_file():  # else it is read, and noted, as a file
                mistakes.add(name.where, error.message or f"there is no file {name.raw!r}")


def _names(template: Template) -> Iterator[Value]:
    for entry in template.manifest.files:
        if not has_marks(str(entry.template.raw)):
            yield entry.template


def _check_choices(root: Path, site: Site, names: Sequence[str], mistakes: Mistakes) -> None:
    """Note what hosts choose and there is not, once a place; what is worked out or sealed is known for a host."""
    places: Callable[[str, str], str] | None = None
    noted = set()
    for host in site.hosts.values():
        wanted = _as_written(host.variables.get(OPT_IN) or [])
        fault = choice_fault(wanted, names) if wanted is not None else None
        if fault is None:
            continue
        places = places or variable_places(root)
        where = places(host.name, OPT_IN)
        if (where, fault) not in noted:
            noted.add((where, fault))
            mistakes.add(where, *fault)


def _as_written(wanted: object) -> object:
    """Return a choice without what is to be worked out; None where that is all of it."""
    if isinstance(wanted, list):
        return [name for name in wanted if not (isinstance(name, str) and has_marks(name))]
    return None if isinstance(wanted, Sealed) or (isinstance(wanted, str) and has_marks(wanted)) else wanted
