"""A group that also does something by itself: `omc inventory [PATTERN]…` beside `omc inventory guests`.

The first word that is no option decides: a sub-command's name wins, else it is a pattern of hosts for the group's own
command. A sub-command's options may stand before its name, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from omc.cli.command import Lazy, LazyGroup, meant
from omc.errors import UnknownNameError

_OWN = "*own*"
_FIRST = "omc.first_word"


class PatternGroup(LazyGroup):
    """The group whose own options and patterns are those of `command` in the module `own`, imported when needed."""

    def __init__(self, name: str, table: Mapping[str, Lazy], *, own: str, **settings: Any) -> None:
        super().__init__(name, table, **settings)
        self._own_module = own

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a sub-command, or the group's own one, which has no name that a user types."""
        return self.own if cmd_name == _OWN else super().get_command(ctx, cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the sub-command's name first: its own where there is none."""
        found = self._sub_command(ctx, args)
        if found is not None:
            args = found
        elif any(word in self.get_help_option_names(ctx) for word in args):
            args = ["--help"]
        elif args or not ctx.resilient_parsing:
            first = _first_word(args, _options(self.own))
            ctx.meta[_FIRST] = None if first is None else args[first]
            args = [_OWN, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command or its own; a first word that is no host may be a sub-command's name, mistyped."""
        try:
            return super().invoke(ctx)
        except UnknownNameError as error:
            if error.name != ctx.meta.get(_FIRST):
                raise
            raise meant(ctx.command_path, self.list_commands(ctx), [error.name], error) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the sub-command; its own is called by the group's name."""
        name, found, rest = super().resolve_command(ctx, args)
        return ("" if name == _OWN else name), found, rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Say in the usage line that patterns may follow."""
        return ["[OPTIONS]", "[PATTERN]..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the sub-commands, then its own options."""
        self.format_commands(ctx, formatter)
        self.own.format_options(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete sub-commands and patterns of hosts."""
        words = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return [*words, *self.own.shell_complete(ctx, incomplete)]
        (patterns,) = (option for option in self.own.params if isinstance(option, click.Argument))
        return [*words, *patterns.shell_complete(ctx, incomplete)]

    @property
    def own(self) -> click.Command:
        """The command that has no name of its own."""
        command: click.Command = import_module(self._own_module).command
        return command

    def _sub_command(self, ctx: click.Context, args: list[str]) -> list[str] | None:
        """Return the line with its sub-command's name first, None where it has none.

        Which word is the name depends on which options take a value, and that on the sub-command: a name counts where
        it is the first word by its own command's options.
        """
        for position, word in enumerate(args):
            command = self.get_command(ctx, word) if word in self.table else None
            if command is None or _first_word(args, [*_options(self.own), *_options(command)]) != position:
                continue
            before, after = args[:position], args[position + 1 :]
            below = 1 if isinstance(command, click.Group) and after and after[0] in command.commands else 0
            return [word, *after[:below], *before, *after[below:]]
        return None


def _options(command: click.Command) -> Iterator[click.Parameter]:
    """Give the parameters of a command and of those below it."""
    yield from command.params
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from _options(below)


def _first_word(args: Sequence[str], parameters: Iterable[click.Parameter]) -> int | None:
    """Return where the first word is that is neither an option nor an option's value."""
    valued = {name for parameter in parameters if _takes_value(parameter) for name in parameter.opts}
    position = 0
    while position < len(args):
        word = args[position]
        if word == "--":
            return position + 1 if position + 1 < len(args) else None
        if not word.startswith("-") or word == "-":
            return position
        position += 2 if word in valued else 1
    return None


def _takes_value(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and not parameter.is_flag and not parameter.count
