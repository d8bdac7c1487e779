"""Checks a site's own templates without any host: manifests, the syntax of what they render, providers of secrets.

Whether a variable is set, or has the right type, is known only for a host: `omc template render` says that.
"""

from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError

from omc.site.mistakes import Mistakes
from omc.templates import catalogue
from omc.templates.secrets import settings


def check(root: Path) -> tuple[int, Mistakes]:
    """Return how many templates the site has of its own, and every mistake in them and in `secrets.yaml`."""
    found, mistakes = catalogue.read(root)
    settings.read(root, mistakes)
    environment = Environment(autoescape=False)  # noqa: S701 - it only parses
    for path in sorted((root / catalogue.FOLDER).glob("*/**/*.j2")):
        _parse(environment, path, mistakes)
    return sum(template.origin == "site" for template in found.templates.values()), mistakes


def _parse(environment: Environment, path: Path, mistakes: Mistakes) -> None:
    try:
        environment.parse(path.read_text(encoding="utf-8"))
    except TemplateSyntaxError as error:
        mistakes.add(f"{path}:{error.lineno}", error.message or "it is no template")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.add(str(path), f"it cannot be read as UTF-8 text: {error}")
