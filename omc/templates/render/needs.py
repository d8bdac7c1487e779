"""What must be known of the hosts before templates are rendered.

It is found in the templates' syntax, so that nothing is collected for one that reads no facts.
"""

from collections.abc import Iterable, Iterator, Sequence

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateError

from omc.site import Site, Unsafe
from omc.templates.catalogue import OPT_IN, Template
from omc.templates.manifest import Manifest, Value
from omc.templates.manifest.arguments import has_marks
from omc.templates.render.loader import FolderLoader
from omc.templates.render.world import Needs

_OWN = frozenset({"host", "guests"})
_MOST_DEPTH = 50


def needs_facts(templates: Sequence[Template], site: Site) -> Needs:
    """Return what these templates read, variables of the site that they use included.

    A template that cannot be parsed needs nothing: rendering it says what is wrong.
    """
    found = _Found(site)
    for template in templates:
        if not template.opt_in or _is_asked_for(template.name, site):
            found.add_template(template)
    return Needs(own=found.own, fleet=found.fleet)


def _is_asked_for(name: str, site: Site) -> bool:
    """Tell whether any host may ask for a shipped template; what is to be rendered first may be its name."""
    wanted = [host.variables[OPT_IN] for host in site.hosts.values() if OPT_IN in host.variables]
    return any(name in value if isinstance(value, list) else True for value in wanted) or any(
        has_marks(text) for value in wanted for text in _texts(value)
    )


class _Found:
    """What was found so far; each text and each name is looked at once."""

    def __init__(self, site: Site) -> None:
        self.own = False
        self.fleet = False
        self._site = site
        self._environment = Environment(autoescape=False)  # noqa: S701 - it only parses
        self._texts: set[str] = set()
        self._names: set[str] = set()

    def add_template(self, template: Template) -> None:
        for text in _manifest_texts(template.manifest):
            self._add_text(text)
        loader = FolderLoader((template.folder, *template.shared))
        names = [str(entry.template.raw) for entry in template.manifest.files]
        if any(map(has_marks, names)):
            names += [name for name in loader.list_templates() if name.endswith(".j2")]
        seen: set[str] = set()
        while names:
            name = names.pop()
            if name not in seen and not has_marks(name):
                seen.add(name)
                names += self._add_file(loader, name)

    def _add_file(self, loader: FolderLoader, name: str) -> list[str]:
        """Add one file; return the names of those that it includes."""
        try:
            tree = self._environment.parse(loader.get_source(self._environment, name)[0])
        except (TemplateError, RecursionError):
            return []
        self._add_tree(tree)
        return list(_referenced(tree, loader))

    def _add_text(self, text: str) -> None:
        if text in self._texts:
            return
        self._texts.add(text)
        try:
            self._add_tree(self._environment.parse(text))
        except (TemplateError, RecursionError):
            return

    def _add_tree(self, tree: nodes.Template) -> None:
        names = {name.name for name in tree.find_all(nodes.Name)}
        self.own = self.own or bool(names & _OWN)
        # Also `hosts.values() | map(attribute="facts.memory_bytes")`.
        if "hosts" in names and not self.fleet:
            attributes = {node.attr for node in tree.find_all(nodes.Getattr)}
            constants = {str(node.value) for node in tree.find_all(nodes.Const)}
            self.fleet = "facts" in attributes or any("facts" in constant for constant in constants)
        attributes = (
            {node.attr for node in tree.find_all(nodes.Getattr)} if "hostvars" in names or "hosts" in names else set()
        )
        for name in names | attributes:
            self._add_variable(name)

    def _add_variable(self, name: str) -> None:
        """Follow a name into the site's variables, which may read facts, too."""
        if name in self._names:
            return
        self._names.add(name)
        for host in self._site.hosts.values():
            if name in host.variables:
                for text in _texts(host.variables[name]):
                    self._add_text(text)


def _manifest_texts(manifest: Manifest) -> Iterator[str]:
    """Yield what a manifest renders; conditions and patterns as expressions."""
    conditions = [*manifest.hosts.when]
    values: list[Value | None] = [manifest.hosts.pattern]
    for entry in manifest.files:
        conditions += entry.when
        values += [entry.template, entry.path, entry.target, entry.owner, entry.group, entry.mode, entry.context]
        values += [*entry.validate, entry.loop]
    for handler in manifest.handlers:
        conditions += handler.when
        values += handler.command
    for check in manifest.checks:
        conditions += check.when
        values += check.command
    values += [path for check in manifest.checks for path in check.beside]
    values += [variable.default for variable in manifest.variables.values()]
    for condition in conditions:
        text = str(condition.raw)
        yield text if has_marks(text) else f"{{{{ {text} }}}}"
    for value in values:
        if value is not None:
            yield from _texts(value.raw)


def _texts(raw: object) -> Iterator[str]:
    if isinstance(raw, str):
        if has_marks(raw) and not isinstance(raw, Unsafe):
            yield raw
    elif isinstance(raw, dict):
        for item in raw.values():
            yield from _texts(item)
    elif isinstance(raw, list):
        for item in raw:
            yield from _texts(item)


def _referenced(tree: nodes.Template, loader: FolderLoader) -> Iterable[str]:
    """Yield the files that a file includes, imports or extends; all of them where that is worked out at run time."""
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        target = node.template  # type: ignore[attr-defined]
        if isinstance(target, nodes.Const):
            yield from [target.value] if isinstance(target.value, str) else target.value
        elif isinstance(target, nodes.List | nodes.Tuple):
            yield from (item.value for item in target.items if isinstance(item, nodes.Const))
        else:
            yield from (name for name in loader.list_templates() if name.endswith(".j2"))
