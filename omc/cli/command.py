"""omc's click commands: each has the common options, before or after its sub-command, and shows them in one section."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import click

from omc.cli.context import Run
from omc.cli.numbers import Between
from omc.errors import UsageError

Function = Callable[..., Any]
_SENTENCE = 200


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Store a common option in the Run where it was given; the one nearest to the end of the line wins."""
    run = context.find_object(Run)
    if run is not None and value not in (None, False, 0):
        run.set_option(str(parameter.name), value)


def _common_options() -> list[click.Parameter]:
    # Eager: the values of other options are read, and messages said about them, with the common ones in force.
    kept: dict[str, Any] = {"expose_value": False, "callback": _keep, "is_eager": True}
    seconds, count = Between(0.1, 86_400), click.IntRange(1, 10_000)
    site = "The site to work on; default: $OMC_SITE, the nearest parent folder that is one, /etc/omc."
    timeout = "For the whole collect; hosts not reached by then are named."
    verbose = "Say more on stderr: each host as it is collected; -vv: each issue, too."
    logs = "Messages on stderr as text, or as one JSON object a line."
    return [
        click.Option(["--site"], type=click.Path(file_okay=False), metavar="FOLDER", help=site, **kept),
        click.Option(["--parallel"], type=count, metavar="N", help="Hosts asked at the same time.", **kept),
        click.Option(["--timeout"], type=seconds, metavar="SECONDS", help=timeout, **kept),
        click.Option(["-v", "--verbose"], count=True, help=verbose, **kept),
        click.Option(["--log-format"], type=click.Choice(["text", "json"]), help=logs, **kept),
        click.Option(["--no-color"], is_flag=True, help="No colour; the same as NO_COLOR=1.", **kept),
        click.Option(["--debug"], is_flag=True, help="Show the traceback of an error.", **kept),
    ]


COMMON_OPTIONS = _common_options()
"""The options of every command. Their values land in `Run.options`, not in the command's parameters."""


class PlainCommand(click.Command):
    """A command: its own options first, and the common ones in a section of their own."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params = [*self.params, *COMMON_OPTIONS]

    def get_help_option_names(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the help option."""
        return ["-h", "--help"]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the two sections."""
        own: list[tuple[str, str]] = []
        common: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                (common if parameter in COMMON_OPTIONS else own).append(record)
        with formatter.section("Options"):
            formatter.write_dl(own)
        with formatter.section("On every command"):
            formatter.write_dl(common)


def meant(path: str, commands: Iterable[str], words: Sequence[str], error: UsageError) -> UsageError:
    """Return the error with the sub-command of `path` that the first word was meant for, where there is one."""
    from difflib import get_close_matches

    near = get_close_matches(words[0], commands, n=1) if words else []
    return UsageError(error.message, hint=f"meant {path} {near[0]}?") if near else error


class CommandGroup(click.Group, PlainCommand):
    """A command with sub-commands."""

    command_class = PlainCommand

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **({"no_args_is_help": False} | settings))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Say which commands there are where none is given, instead of the whole help."""
        if not args and not ctx.resilient_parsing:
            commands = ", ".join(self.list_commands(ctx))
            raise UsageError(f"a command is missing, one of {commands}", hint=f"{ctx.command_path} --help")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the sub-command; of a mistyped one say which was meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise meant(
                ctx.command_path,
                self.list_commands(ctx),
                args,
                UsageError(error.message, hint=f"{ctx.command_path} --help"),
            ) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its whole sentence."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(_SENTENCE)) for name, one in found if one is not None])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sub-commands first: they are what a reader of a group's help looks for."""
        self.format_commands(ctx, formatter)
        PlainCommand.format_options(self, ctx, formatter)


class Lazy(NamedTuple):
    """A command that is imported when it is asked for: its module's `command`, and its line in the group's help."""

    module: str
    summary: str


class LazyGroup(CommandGroup):
    """A group whose sub-commands are named in a table, so that each pays for its own imports only."""

    def __init__(self, name: str, table: Mapping[str, Lazy], **settings: Any) -> None:
        super().__init__(name, **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order in which help shows them."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import the command's file."""
        if cmd_name not in self.table:
            return None
        module = import_module(self.table[cmd_name].module)
        loaded: click.Command = module.commands[cmd_name] if hasattr(module, "commands") else module.command
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in self.table.items()])


def command(name: str | None = None, **settings: Any) -> Callable[[Function], PlainCommand]:
    """Make a function a command with the common options; its docstring is the help."""
    return click.command(name, cls=PlainCommand, **settings)


def group(name: str | None = None, **settings: Any) -> Callable[[Function], CommandGroup]:
    """Make a function a group with the common options; `@GROUP.command("NAME")` adds to it."""
    return click.group(name, cls=CommandGroup, **settings)


pass_run = click.make_pass_decorator(Run)
"""Hands the `Run` to a command as its first argument."""
