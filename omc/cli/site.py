"""`omc site`: the site's own files, checked whole and listed. No host is asked for anything."""

from pathlib import Path
from typing import TYPE_CHECKING

from omc.cli.command import group, pass_run
from omc.cli.context import Run
from omc.cli.options import output_option, patterns_argument
from omc.errors import Exit, SiteError

if TYPE_CHECKING:
    from omc.inventory.formats import Listing
    from omc.site import SiteHost


@group("site")
def command() -> None:
    """Check the site's own files, and list its hosts."""


@command.command("check")
@pass_run
def check(run: Run) -> Exit:
    """Check every file of the site, and name every mistake.

    Reads the inventory, host_vars/, group_vars/, site.yaml and audit.yaml, works out every host's libvirt URI, and
    reads the site's own templates, what hosts choose by omc_templates, and templates/secrets.yaml. Exits 0 where all is
    well, 1 where there are mistakes.
    """
    from omc.audit.rules import all_rules
    from omc.audit.settings import note_audit_settings
    from omc.site.load import read_site
    from omc.templates.check import check as check_templates

    root = _root(run)
    reading = read_site(root)
    for text in (*reading.site.warnings, *reading.notes):
        run.output.info(text)
    templates, more = check_templates(root, reading.site)
    note_audit_settings(root / "inventory" / "audit.yaml", all_rules(), more, groups=reading.site.groups)
    mistakes = [*reading.mistakes, *more.errors]
    for text in (*more.warnings, *more.notes):
        run.output.info(text)
    for mistake in mistakes:
        run.output.error(mistake.message, where=mistake.where, hint=mistake.hint)
    counts = (
        _counted(len(reading.site.hosts), "host"),
        _counted(len(reading.site.groups.keys() - {"all", "ungrouped"}), "group"),
        *([_counted(templates, "template")] if templates else []),
        _counted(len(mistakes), "mistake"),
    )
    run.output.answer(f"{root}: {', '.join(counts)}")
    return Exit.FAILED if mistakes else Exit.OK


@command.command("hosts")
@patterns_argument
@output_option
@pass_run
def hosts(run: Run, *, patterns: tuple[str, ...], format_name: str | None) -> None:
    """List the hosts that the PATTERNs select, with the URI, groups and variables of each.

    Values are as the files have them: templates are not filled in, and what ansible-vault sealed stays "(sealed)".
    """
    from omc.inventory.formats import find

    selected = run.select(patterns)
    for host in selected:
        if host.problem:
            run.output.warning(host.problem, where=host.name)
    name = run.output.format_or_default(format_name)
    # In a narrow format, for the eye and for `cut`, a column of JSON would only be in the way.
    run.output.listing(_listing(selected, with_variables=find(name).WIDE), name)


def _root(run: Run) -> Path:
    from omc.site import find_site

    root = find_site(Path(run.options.site) if run.options.site else None, run.environ, Path.cwd())
    if root is None:
        raise SiteError("no site here, in no parent folder and in /etc/omc", hint="omc init FOLDER makes a new site")
    return root


def _listing(selected: "list[SiteHost]", *, with_variables: bool) -> "Listing":
    from omc.inventory.formats import Column, Listing

    columns = [Column("name"), Column("uri"), Column("groups"), Column("variables", "json")]
    encoded = [_encoded(host) for host in selected]
    rows = [
        (host.name, host.uri, " ".join(host.groups), variables.decode())
        for host, (variables, _) in zip(selected, encoded, strict=True)
    ]
    if not with_variables:
        return Listing(columns[:-1], [row[:-1] for row in rows])
    return Listing(columns, rows, [document for _, document in encoded])


def _encoded(host: "SiteHost") -> tuple[bytes, bytes]:
    """Return a host's variables, and the whole host, as JSON."""
    import msgspec

    from omc.site.values import plain

    variables = plain(dict(host.variables))
    whole = {
        "name": host.name,
        "uri": host.uri,
        "groups": host.groups,
        "variables": variables,
        "problem": host.problem or None,
    }
    return msgspec.json.encode(variables), msgspec.json.encode(whole)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
