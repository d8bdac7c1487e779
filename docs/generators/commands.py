"""The page of all commands: what `omc … --help` says for each, in the order in which omc lists them."""

from collections.abc import Iterator

import click

from omc.cli.main import root

WIDTH = 110
COMMON = "\nOn every command:\n"
"""Opens the options that every command has; they are shown once, with `omc` itself."""


def page() -> str:
    """Return the page, one section a command."""
    intro = "Every command, with what its `--help` says. Options of every command may stand before or after its name.\n"
    return "\n".join(
        ["# Commands", "", intro, *(section(context) for context in walk(click.Context(root, info_name="omc")))]
    )


def walk(context: click.Context) -> Iterator[click.Context]:
    """Yield the command of `context` and then everything below it; hidden ones are left out."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                yield from walk(click.Context(command, info_name=name, parent=context))


def section(context: click.Context) -> str:
    """Return one command's heading and its help as it stands in the terminal, without the common options."""
    formatter = click.HelpFormatter(width=WIDTH, max_width=WIDTH)
    context.command.format_help(context, formatter)
    text = formatter.getvalue()
    if context.parent is not None:
        text = text.partition(COMMON)[0]
    return f"## {context.command_path}\n\n```text\n{text.rstrip()}\n```\n"
