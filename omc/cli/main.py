"""`omc`: the root of all commands, and the one place where an error becomes a message and an exit code.

To add a command: one file in `omc/cli/` whose `command` is a click command, and one line in COMMANDS. The file is
imported only when its command runs, so its imports cost the others nothing. In it:

- `@group()` or `@command()` of `omc.cli.command` instead of click's: they add the options that every command has;
- `@pass_run` hands in the `Run` of `omc.cli.context`: site, selection, store and output, each built once;
- print with `run.output` only, raise an `OmcError` for what a user can mend, return an `Exit` or nothing.
"""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from itertools import pairwise

import click

from omc import __version__
from omc.cli.command import Lazy, LazyGroup
from omc.cli.context import Run
from omc.errors import Exit, OmcError, UsageError

COMMANDS = {
    "inventory": Lazy("omc.cli.inventory", "Hosts and guests: collect, list, show, compare, export."),
    "template": Lazy("omc.cli.template", "Files on hosts: plan, apply, compare, put back."),
    "exporter": Lazy("omc.cli.exporter", "Metrics of guests and hosts for Prometheus."),
    "audit": Lazy("omc.cli.audit", "What is wrong, why it matters, and what to type to mend it."),
    "capacity": Lazy("omc.cli.capacity", "What there is, what guests have, how many more fit, when it is full."),
    "report": Lazy("omc.cli.report", "The whole fleet in one file: a workbook, or a page."),
    "site": Lazy("omc.cli.site", "The site's own files: check them, list its hosts."),
    "store": Lazy("omc.cli.store", "What was collected: upgrade, back up, prune, check."),
    "schema": Lazy("omc.cli.schema", "The JSON Schema of what omc prints as JSON."),
    "init": Lazy("omc.cli.init", "Make a new site in a folder."),
    "completion": Lazy("omc.cli.completion", "Let a shell complete omc's words, host and guest names included."),
}


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    if asked:
        click.echo(f"omc {__version__}")
        context.exit()


root = LazyGroup(
    "omc",
    COMMANDS,
    help="Inventory, templates and metrics for data centers that run KVM. Start with: omc inventory",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version and stop.",
        ),
    ],
)


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Messages go to stderr; nothing is raised."""
    run = Run(os.environ, debug="--debug" in arguments, log_format=_log_format(arguments))
    try:
        try:
            code = _invoke([_as_text(argument) for argument in arguments], run)
            run.output.flush()
        finally:
            run.close()
    except BrokenPipeError:
        # The reader has what it wanted: `omc … | head` is no failure.
        _silence_stdout()
        return Exit.OK
    except KeyboardInterrupt:
        return _interrupted(run)
    except Exception as error:  # the one place where every error ends
        return _failed(run, error)
    return code


def run() -> None:
    """The `omc` program."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 still gets help
    _end(main(sys.argv[1:]))


def _end(code: int) -> None:
    """End the process, at once where a thread may still be in a call of libvirt.

    Such a thread, when it comes back while Python takes itself apart, is ended by Python in the middle of libvirt's own
    code, and the process dies of it. All that is kept has been closed by now.
    """
    threads = sys.modules.get("threading")
    if threads is not None and "libvirt" in sys.modules:
        others = set(threads.enumerate()) - {threads.main_thread()}
        if others and all(thread.daemon for thread in others):
            for stream in filter(None, (sys.stdout, sys.stderr)):
                with suppress(OSError, ValueError):
                    stream.flush()
            os._exit(code)
    gc.freeze()  # what is left goes with the process; Python would first look through all of it for cycles
    sys.exit(code)


def _invoke(arguments: list[str], run: Run) -> int:
    if os.environ.get("_OMC_COMPLETE"):
        from click.shell_completion import shell_complete

        return shell_complete(root, {"obj": run}, "omc", "_OMC_COMPLETE", os.environ["_OMC_COMPLETE"])
    try:
        with root.make_context("omc", arguments, obj=run) as context:
            result = root.invoke(context)
            return int(result) if isinstance(result, int) else Exit.OK
    except click.exceptions.Exit as finished:
        return finished.exit_code


def _log_format(arguments: Sequence[str]) -> str:
    """Return what --log-format says, for what must be told before or instead of parsing the command line."""
    found = "text"
    for word, following in pairwise([*arguments, ""]):
        name, equals, value = word.partition("=")
        if name == "--log-format":
            found = value if equals else following
    return "json" if found == "json" else "text"


def _as_text(argument: str) -> str:
    """Return an argument as the UTF-8 that it is, also where the locale says that there is only ASCII."""
    if argument.isprintable():
        return argument
    try:
        return os.fsencode(argument).decode()
    except UnicodeDecodeError:
        raise UsageError(f"an argument is not UTF-8: {argument!r}") from None


def _failed(run: Run, error: Exception) -> int:
    """Say what went wrong, and return the exit code for it."""
    if isinstance(error, click.exceptions.Abort):
        return _interrupted(run)
    shown = _as_omc_error(error)
    run.output.error(shown.message, where=shown.where, hint=shown.hint)
    if run.options.debug:
        import traceback

        run.output.trace("".join(traceback.format_exception(error)))
    if isinstance(error, OSError):
        _silence_stdout()  # what a full disk did not take would fail again at Python's own flush
    return shown.exit_code


def _as_omc_error(error: Exception) -> OmcError:
    if isinstance(error, OmcError):
        return error
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        hint = f"{' '.join(context.command_path.split())} --help" if context else "omc --help"
        shown = OmcError(" ".join(error.format_message().split()), hint=hint)
        shown.exit_code = Exit(error.exit_code)
        return shown
    if isinstance(error, OSError):
        return OmcError(error.strerror or str(error), where=str(error.filename or ""))
    name = type(error).__name__
    return OmcError(
        f"a fault in omc itself: {name}: {error}", hint="run it again with --debug, and report what it says"
    )


def _interrupted(run: Run) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run.output.error("interrupted; what was done until then is kept")
    return Exit.INTERRUPTED


def _silence_stdout() -> None:
    """Point stdout at nothing, so that Python's own flush at the end has nothing to complain about."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
