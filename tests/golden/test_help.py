"""The help of every command, as a user reads it on 80 columns; `make golden` rewrites the files."""

from collections.abc import Callable, Iterator

import click
import pytest

from omc.cli.main import root

WIDTH = 80


def commands(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                yield from commands(click.Context(command, info_name=name, parent=context))


ALL = list(commands(click.Context(root, info_name="omc")))


@pytest.mark.parametrize("context", ALL, ids=lambda context: context.command_path.replace(" ", "-"))
def test_help(context: click.Context, golden: Callable[[str, str], None]) -> None:
    formatter = click.HelpFormatter(width=WIDTH, max_width=WIDTH)
    context.command.format_help(context, formatter)
    golden(f"help/{context.command_path.replace(' ', '-')}.txt", formatter.getvalue())
