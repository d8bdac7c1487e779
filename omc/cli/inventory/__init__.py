"""`omc inventory`: collects and shows the hosts by itself; its sub-commands list, show, compare and export.

The first word that is no option decides: a sub-command's name wins, else it is a pattern of hosts for the collect.
A sub-command's options may stand before its name, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from omc.cli.command import Lazy, LazyGroup

_LISTS = "omc.cli.inventory.lists"
COMMANDS: Mapping[str, Lazy] = {
    "hosts": Lazy(_LISTS, "List hosts."),
    "guests": Lazy(_LISTS, "List guests."),
    "disks": Lazy(_LISTS, "List disks of guests."),
    "nics": Lazy(_LISTS, "List network interfaces of guests."),
    "addresses": Lazy(_LISTS, "List addresses of guests, with who says so."),
    "snapshots": Lazy(_LISTS, "List snapshots of guests."),
    "pools": Lazy(_LISTS, "List storage pools."),
    "volumes": Lazy(_LISTS, "List volumes of storage pools."),
    "networks": Lazy(_LISTS, "List virtual networks."),
    "leases": Lazy(_LISTS, "List DHCP leases."),
    "issues": Lazy(_LISTS, "List what could not be read, and why."),
    "show": Lazy("omc.cli.inventory.show", "Show one guest or host, whole."),
    "diff": Lazy("omc.cli.inventory.diff", "Show what changed since a time."),
    "history": Lazy("omc.cli.inventory.history", "Show all changes of one guest or host."),
    "sql": Lazy("omc.cli.inventory.sql", "Ask the store in SQL, read-only."),
    "export": Lazy("omc.cli.inventory.export", "Export for Ansible or as a graph."),
}
_COLLECT = "collect"


class InventoryGroup(LazyGroup):
    """The group whose own options and patterns are those of the collect."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a sub-command, or the collect, which has no name that a user types."""
        return self._collect() if cmd_name == _COLLECT else super().get_command(ctx, cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the sub-command's name first: the collect's where there is none."""
        found = self._sub_command(ctx, args)
        if found is not None:
            args = found
        elif any(word in self.get_help_option_names(ctx) for word in args):
            args = ["--help"]
        elif args or not ctx.resilient_parsing:
            args = [_COLLECT, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the sub-command; the collect is called by the group's own name."""
        name, found, rest = super().resolve_command(ctx, args)
        return ("" if name == _COLLECT else name), found, rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Say in the usage line that patterns may follow."""
        return ["[OPTIONS]", "[PATTERN]..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the sub-commands, then the collect's options."""
        self.format_commands(ctx, formatter)
        self._collect().format_options(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete sub-commands and patterns of hosts."""
        words = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return [*words, *self._collect().shell_complete(ctx, incomplete)]
        (patterns,) = (option for option in self._collect().params if isinstance(option, click.Argument))
        return [*words, *patterns.shell_complete(ctx, incomplete)]

    def _collect(self) -> click.Command:
        from omc.cli.inventory.collecting import command

        return command

    def _sub_command(self, ctx: click.Context, args: list[str]) -> list[str] | None:
        """Return the line with its sub-command's name first, None where it has none.

        Which word is the name depends on which options take a value, and that on the sub-command: a name counts where
        it is the first word by its own command's options.
        """
        for position, word in enumerate(args):
            command = self.get_command(ctx, word) if word in self.table else None
            if command is None or _first_word(args, [*_options(self._collect()), *_options(command)]) != position:
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


command = InventoryGroup(
    "inventory",
    COMMANDS,
    help="Collect the hosts of the site that the PATTERNs select (Ansible's, `kvm*:!rack3:&prod`; default: all) and "
    "show them. With --max-age, what was collected lately is shown from the store.",
)
