"""Options that several commands share, and the types of their values. `@output_option` adds `-o` to any command."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import click

from omc.cli import completion, moments
from omc.cli.context import Run
from omc.errors import UsageError
from omc.inventory.formats import BUILT_IN, find

Function = TypeVar("Function", bound=Callable[..., Any])


class FormatName(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """The name of an output format, a built-in one or another package's."""

    name = "format"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Refuse a name that no format has."""
        find(value)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        """Complete the built-in names."""
        return completion.items(BUILT_IN, incomplete)


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A time in words, as the store writes it."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return RFC 3339 UTC, and say which time it was taken for."""
        now = datetime.fromtimestamp(time.time(), UTC)
        when = moments.moment(value, now)
        if when > now:
            raise UsageError(f"{value!r} is in the future: {moments.said(when)}")
        run = ctx.find_object(Run) if ctx else None
        if run is not None and param is not None:
            run.output.info(f"--{param.name} {value}: {moments.said(when)}")
        return moments.rfc3339(when)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        """Complete the words that stand alone."""
        return completion.items(("now", "today", "yesterday", "monday"), incomplete)


class Span(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A time span, in seconds."""

    name = "span"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ARG002
        """Return seconds."""
        return value if isinstance(value, float) else moments.span(str(value))


def patterns_argument(function: Function) -> Function:
    """Add the patterns of hosts."""
    return click.argument("patterns", nargs=-1, metavar="[PATTERN]...", shell_complete=completion.host_patterns)(
        function
    )


def become_option(function: Function) -> Function:
    """Add `-K`; the answer lands in `Run.endpoints`."""

    def keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
        run = context.find_object(Run)
        if run is not None and value:
            run.set_option(str(parameter.name), value)

    help_text = "Ask for the password of sudo, for hosts with ansible_become."
    return click.option("-K", "--ask-become-pass", is_flag=True, help=help_text, expose_value=False, callback=keep)(
        function
    )


def output_option(function: Function) -> Function:
    """Add `-o`."""
    names = ", ".join(BUILT_IN)
    help_text = f"{names}. Default: table on a terminal, tsv in a pipe."
    return click.option("-o", "--output", "format_name", type=FormatName(), metavar="FORMAT", help=help_text)(function)


def limit_option(function: Function) -> Function:
    """Add `--limit`: patterns that no sub-command's name can hide."""
    return click.option(
        "--limit", metavar="PATTERN", shell_complete=completion.host_patterns, help="Only these of the selected hosts."
    )(function)


def max_age_option(*, default: str = "5m") -> Callable[[Function], Function]:
    """Add `--max-age`; `default` is what help says of it."""
    help_text = f"Answer from the store when it is younger, else collect first; 0 always collects. Default: {default}."
    return click.option("--max-age", type=Span(), metavar="SPAN", help=help_text)


def at_option(function: Function) -> Function:
    """Add `--at`."""
    help_text = "Show what the store knew then: yesterday, '2 hours ago', RFC 3339; collects nothing."
    return click.option("--at", type=Moment(), metavar="TIME", help=help_text)(function)


def query_options(view: str) -> Callable[[Function], Function]:
    """Add `--where`, `--sort` and `--columns` over the columns of a view."""
    names: dict[str, Any] = {"metavar": "COLUMN,…", "shell_complete": partial(_complete_columns, view=view)}
    where_help = f"Only rows for which this SQL expression over the columns of {view} holds."
    where = click.option("--where", metavar="EXPR", help=where_help)
    sort = click.option("--sort", help="Sort by these columns; `-` in front turns the order round.", **names)
    columns = click.option("--columns", help="Show these columns; `-o wide` shows all.", **names)

    def add(function: Function) -> Function:
        for decorate in reversed((where, sort, columns)):
            function = decorate(function)
        return function

    return add


def _complete_columns(ctx: click.Context, param: click.Parameter, incomplete: str, *, view: str) -> list[Any]:  # noqa: ARG001
    """Complete the last of the columns."""
    from omc.inventory.store.catalogue import VIEWS

    done, comma, last = incomplete.rpartition(",")
    sign = "-" if last.startswith("-") else ""
    return completion.items((f"{done}{comma}{sign}{name}" for name in VIEWS[view].names), incomplete)


def read_options(function: Function) -> Function:
    """Add what makes a collect read more."""
    function = click.option(
        "--agent/--no-agent",
        default=None,
        help="Also ask the guest agents; collects now, with a read-write connection. "
        "Default: collect_agent in site.yaml.",
    )(function)
    return click.option(
        "--read-write/--no-read-write",
        default=None,
        help="Also read what needs a read-write connection (domain capabilities); collects now. "
        "Default: collect_read_write in site.yaml.",
    )(function)
