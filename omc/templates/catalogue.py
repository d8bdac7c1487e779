"""The catalogue: every template there is, the shipped ones and the site's own.

One folder a template, `templates/NAME/manifest.yaml` with its `*.j2`. A site's folder wins over the shipped one of the
same name, whole. Names that begin with "_" or "." are no templates; `_shared/` holds files that all templates of the
same origin may include. Nothing is rendered here.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from omc.errors import UsageError
from omc.site.find import reference_root
from omc.site.mistakes import Mistakes, near
from omc.templates.manifest import Manifest
from omc.templates.manifest.read import NAME as MANIFEST
from omc.templates.manifest.read import read_manifest

FOLDER = "templates"
SHARED = "_shared"
OPT_IN = "omc_templates"
"""The variable of a host that names the shipped templates that it is to have, or the site's copies of them."""

_LIST_HINT = "omc template list lists them"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One template. `origin` is "site" or "shipped"; `hides` is the shipped folder that the site's own stands before.

    With `opt_in` it is only for hosts whose variable `omc_templates` names it.
    """

    name: str
    folder: Path
    manifest: Manifest
    origin: str
    shared: tuple[Path, ...] = ()
    hides: Path | None = None
    opt_in: bool = False

    @property
    def by_choice(self) -> bool:
        """Whether it is only for hosts that choose it, unless it is named: the shipped ones, and a site's copies."""
        return self.origin == "shipped" or self.hides is not None


class Catalogue(msgspec.Struct, frozen=True):
    """All templates by name, in the order of their names."""

    templates: Mapping[str, Template]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all templates."""
        return tuple(self.templates)

    def get(self, name: str) -> Template:
        """Return one template; raise UsageError where there is none of that name."""
        if name not in self.templates:
            raise UsageError(f"no template is named {name!r}", hint=near(name, self.templates) or _LIST_HINT)
        return self.templates[name]

    def choose(self, names: Sequence[str] = ()) -> tuple[Template, ...]:
        """Return the templates of these names, each once, in this order.

        Without a name: all of the site's own, and those that a host's `omc_templates` asks for of the shipped ones,
        of a site's copies of them as well: what comes with omc, or was copied to be looked at, must not change a host
        that nobody chose it for.
        """
        if names:
            return tuple(self.get(name) for name in dict.fromkeys(names))
        return tuple(
            msgspec.structs.replace(template, opt_in=template.by_choice) for template in self.templates.values()
        )


def load(root: Path | None = None, only: Sequence[str] = ()) -> Catalogue:
    """Read the shipped templates and a site's; raise SiteError with file and line of the first mistake.

    With `only`, just the templates of these names are read, which is quicker; the others are not in it.
    """
    catalogue, mistakes = read(root, only)
    mistakes.raise_any()
    return catalogue


def read(root: Path | None = None, only: Sequence[str] = ()) -> tuple[Catalogue, Mistakes]:
    """Read the shipped templates and a site's, and note every mistake."""
    mistakes = Mistakes()
    shipped = {folder.name: folder for folder in _folders(reference_root() / FOLDER)}
    own = {folder.name: folder for folder in _folders(root / FOLDER)} if root is not None else {}
    if root is not None and (root / FOLDER).resolve() == (reference_root() / FOLDER).resolve():
        own = {}
    places = [reference_root() / FOLDER / SHARED]
    templates = {}
    for name in sorted({*shipped, *own}):
        if only and name not in only:
            continue
        template = _template(own.get(name, shipped.get(name, Path())), "site" if name in own else "shipped", mistakes)
        if template is not None and name in own:
            shared = (own[name].parent / SHARED, *places)
            template = msgspec.structs.replace(template, hides=shipped.get(name), shared=shared)
        if template is not None:
            templates[name] = template
    if only and (unknown := [name for name in only if name not in shipped and name not in own]):
        known = {*shipped, *own}
        raise UsageError(f"no template is named {unknown[0]!r}", hint=near(unknown[0], known) or _LIST_HINT)
    return Catalogue(templates), mistakes


def names(root: Path | None = None) -> list[str]:
    """Return the templates' names without reading any of them, for the shell's completion."""
    folders = [reference_root() / FOLDER, *([root / FOLDER] if root else [])]
    return sorted({folder.name for parent in folders for folder in _folders(parent)})


def own_names(root: Path | None = None) -> list[str]:
    """Return the names of the templates that the site alone has, without reading any of them."""
    shipped = {folder.name for folder in _folders(reference_root() / FOLDER)}
    return [] if root is None else [folder.name for folder in _folders(root / FOLDER) if folder.name not in shipped]


def _template(folder: Path, origin: str, mistakes: Mistakes) -> Template | None:
    if not _NAME.fullmatch(folder.name):
        mistakes.add(str(folder), "expected letters, digits, - and _ as a template's name", "rename the folder")
        return None
    manifest = read_manifest(folder / MANIFEST, mistakes)
    if manifest is None:
        return None
    shared = (folder.parent / SHARED,)
    return Template(name=folder.name, folder=folder, manifest=manifest, origin=origin, shared=shared)


def _folders(parent: Path) -> list[Path]:
    """Return the folders that are templates: those with a manifest, and those that only lack one."""
    if not parent.is_dir():
        return []
    folders = [path for path in sorted(parent.iterdir()) if path.name[0] not in "._" and path.is_dir()]
    return [path for path in folders if (path / MANIFEST).exists() or any(path.glob("*.j2"))]
