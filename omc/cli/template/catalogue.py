"""`omc template list` and `show`: what templates there are, and what one of them manages."""

from typing import TYPE_CHECKING

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.options import output_option
from omc.cli.template.asking import site_root, template_names

if TYPE_CHECKING:
    from omc.templates.catalogue import Template


@_command("list")
@output_option
@pass_run
def list_command(run: Run, *, format_name: str | None) -> None:
    """List all templates: what each manages, for which hosts, and whether it comes with omc or from the site.

    A site's template wins over that of omc with the same name. "chosen" are the hosts whose omc_templates names it. No
    host is asked for anything.
    """
    import msgspec

    from omc.cli.template.described import as_object
    from omc.inventory.formats import Column, Listing
    from omc.templates import catalogue

    found = catalogue.load(site_root(run)).templates.values()
    columns = [
        Column("name", "key"),
        Column("origin"),
        Column("hosts", "prose"),
        Column("manages", "prose"),
        Column("description", "prose"),
        Column("folder", wide=True),
    ]
    documents = [msgspec.json.encode(as_object(template)) for template in found]
    run.output.listing(Listing(columns, [_row(template) for template in found], documents), format_name)


def _row(template: "Template") -> tuple[str, ...]:
    from omc.cli.template.described import for_hosts, places

    manifest = template.manifest
    targets = (entry.path or entry.target for entry in manifest.files)
    managed = dict.fromkeys(places(str(target.raw)) for target in targets if target is not None)
    hosts = for_hosts(template) + (", some" if manifest.hosts.when else "")
    return template.name, template.origin, hosts, " ".join(managed), manifest.description, str(template.folder)


@_command("show")
@click.argument("name", metavar="TEMPLATE", shell_complete=template_names)
@click.option(
    "-o", "--output", "form", type=click.Choice(["text", "json", "yaml"]), default="text", help="Default: text."
)
@pass_run
def show_command(run: Run, *, name: str, form: str) -> None:
    """Show one template: its files, handlers and variables with their types and defaults, and which folder won."""
    from omc.cli.template.described import as_object, in_words
    from omc.templates import catalogue

    template = catalogue.load(site_root(run)).get(name)
    if form == "text":
        run.output.answer(in_words(template))
        return
    import msgspec

    from omc.inventory.formats import structure

    shown = structure(form)
    assert shown is not None
    run.output.write([shown.one(msgspec.json.encode(as_object(template)))])


commands = {"list": list_command, "show": show_command}
