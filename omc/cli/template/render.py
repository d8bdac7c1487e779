"""`omc template render`: what a template gives for a host, without asking the host for its files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from omc.cli import completion
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.asking import Asked, chosen_hosts, template_names, variables_option
from omc.cli.template.working import name_failed, rendered_for, tell_left_out
from omc.errors import Exit, OmcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omc.templates.desired import Desired


@_command("render")
@click.argument("template", shell_complete=template_names)
@click.argument("pattern", required=False, metavar="[PATTERN]", shell_complete=completion.host_patterns)
@click.option(
    "--diff-golden",
    "golden",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Compare with FOLDER/HOST/PATH instead of printing; exits 4 where they differ.",
)
@click.option("--update-golden", is_flag=True, help="With --diff-golden: write what differs into the folder.")
@click.option("--show-secrets", is_flag=True, help="Print secrets as they are, for a host's own console.")
@variables_option
@pass_run
def command(  # noqa: PLR0913 - the options of a command, each of which stands alone
    run: Run,
    *,
    template: str,
    pattern: str | None,
    golden: Path | None,
    update_golden: bool,
    show_secrets: bool,
    variables: tuple[str, ...],
) -> Exit:
    """Print the files that TEMPLATE gives for the hosts of PATTERN (default: all it is for).

    One file of one host is printed exactly as it is; of several each has a line with its host and path before it.
    Secrets are hidden.
    """
    asked = Asked(pattern, (template,), None, variables)
    rendered = rendered_for(run, asked, chosen_hosts(run, asked))
    code = name_failed(run, rendered.failed)
    texts = [_Text(one.host, path, content) for one in rendered.desired for path, content in _texts(one, show_secrets)]
    if golden is not None:
        return _compare(run, texts, golden, update=update_golden) or code
    if len(texts) == 1:
        run.output.write([texts[0].content])
    for text in texts if len(texts) > 1 else ():
        run.output.heading(f"{text.host}:{text.path}")
        run.output.write([text.content])
    if not texts and not rendered.failed and rendered.left_out:
        tell_left_out(run, rendered)
    elif not texts and not rendered.failed:
        run.output.note(f"the template is for none of these hosts: {', '.join(rendered.idle)}")
    return code


class _Text:
    """One file of one host as it is printed."""

    def __init__(self, host: str, path: str, content: bytes) -> None:
        self.host, self.path, self.content = host, path, content


def _texts(desired: "Desired", plain: bool) -> "Iterable[tuple[str, bytes]]":  # noqa: FBT001 - the option's value
    from omc.templates.redact import Redactor

    for file in desired.files:
        hidden = Redactor(file.secrets).text(file.content.decode("utf-8", "surrogateescape"))
        yield file.path, file.content if plain else hidden.encode("utf-8", "surrogateescape")
    for one in desired.objects:
        yield f"libvirt:{one.kind}/{one.name}", (one.xml if plain else Redactor(one.secrets).text(one.xml)).encode()


def _compare(run: Run, texts: "Sequence[_Text]", folder: Path, *, update: bool) -> Exit:
    """Show how the texts differ from the files of a folder, which hold no secrets either."""
    from omc.templates.differences import difference

    differing = 0
    for text in texts:
        path = folder / text.host / text.path.lstrip("/")
        before = path.read_bytes() if path.exists() else None
        if before == text.content:
            continue
        differing += 1
        shown = difference(before, text.content)
        run.output.difference([f"--- {path if before is not None else '/dev/null'}", f"+++ {text.host}:{text.path}"])
        run.output.difference(shown.lines or [shown.omitted])
        if update:
            _write(path, text.content)
    run.output.info(f"{len(texts)} rendered, {differing} {'written' if update else 'differ'}")
    return Exit.CHANGES if differing and not update else Exit.OK


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise OmcError(f"the file cannot be written: {error.strerror}", where=str(path)) from error
