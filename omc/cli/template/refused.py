"""Options that Ansible has and omc does not: each is refused with what does the same here."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

import click

from omc.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


class _Refused(NamedTuple):
    names: tuple[str, ...]
    hint: str
    is_flag: bool = True


_REFUSED = (
    _Refused(("-C", "--check"), "omc template plan shows what would change, and changes nothing"),
    _Refused(("-D", "--diff"), "plan and apply show differences without it"),
    _Refused(("-b", "--become"), "ansible_become: true in the inventory; -K asks for sudo's password"),
    _Refused(("-l",), "write --limit {value}", is_flag=False),
    _Refused(("-i", "--inventory"), "--site FOLDER, with inventory/ in it", is_flag=False),
    _Refused(("--forks",), "write --parallel {value}", is_flag=False),
    _Refused(("-t", "--tags"), "name templates behind the hosts", is_flag=False),
)


def refused_options(function: Function) -> Function:
    """Add them to a command; they are in no help."""
    for option in _REFUSED:
        name = f"refused_{option.names[-1].strip('-')}"
        function = click.option(
            *option.names,
            name,
            is_flag=option.is_flag,
            hidden=True,
            expose_value=False,
            is_eager=True,
            callback=partial(_refuse, option),
        )(function)
    return function


def _refuse(option: _Refused, context: click.Context, parameter: click.Parameter, value: object) -> None:  # noqa: ARG001
    if value not in (None, False):
        raise UsageError(f"no such option: {' or '.join(option.names)}", hint=option.hint.format(value=value))
