"""What the command lines of `omc template` have in common: hosts, templates, variables, and their completion."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from omc.cli import completion, options
from omc.cli.context import Run
from omc.cli.template.refused import refused_options
from omc.errors import OmcError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from omc.site import SiteHost
    from omc.templates.catalogue import Template

Function = TypeVar("Function", bound=Callable[..., Any])


class Asked(NamedTuple):
    """Which hosts and templates, and with which variables."""

    pattern: str | None = None
    templates: tuple[str, ...] = ()
    limit: str | None = None
    variables: tuple[str, ...] = ()
    disruptive: bool = False

    @property
    def selection(self) -> str:
        """The hosts in the user's own words."""
        return " ".join([self.pattern or "all", *([f"--limit {self.limit}"] if self.limit else [])])


def work_options(function: Function) -> Function:
    """Add `[PATTERN] [TEMPLATE]...`, `--limit` and `-e`."""
    for decorate in (
        refused_options,
        variables_option,
        options.limit_option,
        click.argument("templates", nargs=-1, metavar="[TEMPLATE]...", shell_complete=template_names),
        click.argument("pattern", required=False, shell_complete=completion.host_patterns),
    ):
        function = decorate(function)
    return function


def variables_option(function: Function) -> Function:
    """Add `-e`."""
    help_text = "A variable that wins over the site's; @FILE reads many from a YAML mapping."
    return click.option("-e", "--extra-vars", "variables", multiple=True, metavar="NAME=VALUE|@FILE", help=help_text)(
        function
    )


def disruptive_option(function: Function) -> Function:
    """Add `--disruptive`."""
    return click.option(
        "--disruptive",
        is_flag=True,
        help="Restart the networks, pools and guests whose change takes effect only so; a network's guests are cut off "
        "for a moment.",
    )(function)


def extra_variables(given: tuple[str, ...]) -> dict[str, object]:
    """Return the variables of all `-e`; a later one wins. Raise UsageError for what is none."""
    found: dict[str, object] = {}
    for text in given:
        found |= _from_file(Path(text[1:])) if text.startswith("@") else _from_word(text)
    _refuse_connection(found)
    return found


def _refuse_connection(names: Iterable[str]) -> None:
    """Refuse variables that say how a host is reached: -e has no say in that, and a password no place in it."""
    from omc.site.endpoints import BECOME_PASSWORD_NAMES, OWN_NAMES

    for name in names:
        if name in BECOME_PASSWORD_NAMES:
            raise UsageError(f"{name} is not taken from -e, where others could read it", hint="-K asks for it")
        if name in OWN_NAMES:
            raise UsageError(f"{name} is not taken from -e", hint="set it in the inventory: it says how omc gets there")


def _from_word(text: str) -> Mapping[str, object]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise UsageError(f"not a variable: {text!r}", hint="write -e NAME=VALUE or -e @FILE")
    return {name: value}


def _from_file(path: Path) -> Mapping[str, object]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the variables cannot be read: {error.strerror}", where=str(path)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"the variables are no YAML: {' '.join(str(error).split())}", where=str(path)) from error
    if not isinstance(found, dict) or not all(isinstance(name, str) and name.isidentifier() for name in found):
        raise UsageError("expected a mapping of names to values", where=str(path), hint="ntp_servers: [a, b]")
    return found


def chosen_hosts(run: Run, asked: Asked) -> "list[SiteHost]":
    """Return the hosts that are asked for. Raise UsageError where that is none."""
    hosts = _selected(run, asked)
    if not asked.limit:
        return hosts
    limited = {host.name for host in run.select([asked.limit])}
    hosts = [host for host in hosts if host.name in limited]
    if not hosts:
        raise UsageError("no host is left", hint=f"--limit {asked.limit} and the pattern have none in common")
    return hosts


def _selected(run: Run, asked: Asked) -> "list[SiteHost]":
    try:
        return run.select([asked.pattern] if asked.pattern else [])
    except UsageError as error:
        context = click.get_current_context(silent=True)
        if context is None or not (meant := _meant(run, asked, context.params)):
            raise
        hint = f"{asked.pattern} is a template: {context.command_path} {' '.join(meant)}"
        raise UsageError(error.message, hint=hint) from None


def _meant(run: Run, asked: Asked, parameters: Mapping[str, object]) -> tuple[str, ...]:
    """Return the arguments in their right order where a template stands in the place of the hosts."""
    from omc.templates import catalogue

    if asked.pattern not in catalogue.names(site_root(run)):
        return ()
    if "templates" in parameters:
        return "all", asked.pattern, *asked.templates
    return (asked.pattern, *asked.templates) if "template" in parameters else ()


def chosen_templates(run: Run, names: tuple[str, ...]) -> "tuple[Template, ...]":
    """Return the templates of these names, all that the site is to have without any."""
    from omc.templates import catalogue

    return catalogue.load(site_root(run), names).choose(names)


def site_root(run: Run) -> Path | None:
    """Return the site's folder; None for "this machine", which has none."""
    return None if run.site.root == Path("/") else run.site.root


def template_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete names of templates."""
    from omc.templates import catalogue

    run = ctx.find_object(Run)
    try:
        site = run.completion_site() if run else None
        names = catalogue.names(site.root if site else None)
    except (OmcError, OSError):
        return []
    return completion.items(names, incomplete)


def run_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete names of runs, newest first."""
    run = ctx.find_object(Run)
    try:
        return completion.items(_run_names(run), incomplete) if run else []
    except (OmcError, OSError):
        return []


def _run_names(run: Run) -> list[str]:
    from omc.inventory.store import default_url, open_store

    site = run.completion_site()
    if site is None:
        return []
    with open_store(site.settings.store or default_url(site.root), create=False) as store:
        return [one.run for one in store.template_runs.runs(200)]
