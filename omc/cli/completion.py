"""`omc completion SHELL`, and what the shell completes: hosts and groups of the site, guests of the store.

Completion never collects, never writes and never complains: where the site or the store cannot be read it has no words.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import OmcError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_MOST = 1000
_SEPARATORS = (":", ",", "!", "&")


def items(words: Iterable[str], incomplete: str) -> "list[CompletionItem]":
    """Return the words that begin like what was typed so far."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.startswith(incomplete)][:_MOST]


def host_patterns(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete the last part of a pattern: `prod:!kv` → `prod:!kvm01`."""
    start = max(incomplete.rfind(separator) for separator in _SEPARATORS) + 1
    run = ctx.find_object(Run)
    try:
        site = run.completion_site() if run else None
    except (OmcError, OSError):
        return []
    return items((incomplete[:start] + name for name in [*site.hosts, *site.groups]), incomplete) if site else []


def names(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete names of hosts and of the guests that the store knows."""
    run = ctx.find_object(Run)
    try:
        known = _known(run, incomplete) if run else []
    except (OmcError, OSError):
        return []
    return items((name for name in known if name.isprintable()), incomplete)


def _known(run: Run, incomplete: str) -> list[str]:
    """Return the site's hosts and the guests of its store that begin like that, `HOST/GUEST` after a slash."""
    from omc.inventory.store import default_url, open_store

    site = run.completion_site()
    if site is None:
        return []
    host, slash, _ = incomplete.partition("/")
    url = site.settings.store or default_url(site.root)
    with open_store(url, create=False, reader_url=site.settings.store_reader or None) as store:
        if slash:
            return [f"{host}/{name}" for (name,) in store.query("guests", columns=("name",), hosts=(host,))]
        return [*site.hosts, *store.names(incomplete)]


@_command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@pass_run
def command(run: Run, shell: str) -> None:
    """Print the script that lets SHELL complete omc's words.

    bash: `omc completion bash >~/.local/share/bash-completion/completions/omc`;
    zsh: `omc completion zsh >"${fpath[1]}/_omc"`; fish: `omc completion fish >~/.config/fish/completions/omc.fish`.
    """
    from click.shell_completion import get_completion_class

    writer = get_completion_class(shell)
    assert writer is not None
    root = click.get_current_context().find_root().command
    run.output.answer(writer(root, {}, "omc", "_OMC_COMPLETE").source())
