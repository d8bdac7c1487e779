"""The documents are held to the code: commands, options, pages and examples that they name exist."""

import ast
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from omc.cli.context import Run
from omc.cli.main import root
from omc.cli.patterned import PatternGroup
from omc.errors import OmcError
from omc.inventory.store import open_store

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in DOCS.rglob("*.md") if not {"_build", "_generated"} & set(page.parts)),
]

OTHERS = {
    "--live", "--config", "--set", "--name", "--base", "--shallow", "--metadata", "--migrate-disks", "--undefinesource",
}  # fmt: skip
"""Options in the text that are not omc's: of virsh, and of the lab."""

SHELL = ("", "sh", "console", "ini")
KEYWORDS = {"do", "then", "else", "exec", "time"}


class Example(NamedTuple):
    """A command of omc in a fenced block."""

    place: str
    words: tuple[str, ...]


class Block(NamedTuple):
    """A fenced block and the line that it begins on."""

    language: str
    line: int
    text: str


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"^( *)```([^\n]*)\n(.*?)^\1```", text, re.M | re.S):
        yield Block(match[2].strip("{} "), text.count("\n", 0, match.start(3)) + 1, match[3].replace("\\\n", " "))


def typed(block: Block) -> Iterator[tuple[int, str]]:
    """Yield what a reader types: in a console block the lines behind a prompt that give no error, else every line."""
    lines = [line.strip() for line in block.text.splitlines()]
    for number, (line, answer) in enumerate(zip(lines, [*lines[1:], ""], strict=True), block.line):
        code = re.sub(r"\s#\s.*", "", line)
        if block.language != "console":
            yield number, code.removeprefix("ExecStart=")
        elif code.startswith(("$ ", "# ")) and not answer.startswith("error:"):
            yield number, code[2:]


def simple_commands(line: str) -> Iterator[list[str]]:
    """Split a line of shell where one command ends and another begins; a line of a file that is no shell has none."""
    if line.count("'") % 2 or line.count('"') % 2:
        return
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if set(word) <= set("();<>|&"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def without_prefix(words: Sequence[str]) -> list[str]:
    """Leave out what may stand before a program's name: assignments, keywords, a crontab's times, sudo's user."""
    rest = list(words)
    while rest and (rest[0] in KEYWORDS or re.fullmatch(r"\w+=.*|[\d*/,]+", rest[0])):
        del rest[0]
    if rest[:2] == ["sudo", "-u"]:
        del rest[:3]
    return rest


def examples() -> Iterator[Example]:
    for page in PAGES:
        for block in blocks(page):
            if block.language not in SHELL:
                continue
            for number, line in typed(block):
                if "omc" not in line:
                    continue
                for words in map(without_prefix, simple_commands(line)):
                    if words and Path(words[0]).name == "omc" and "…" not in words:
                        yield Example(f"{page.relative_to(ROOT)}:{number}", tuple(words[1:]))


def parse(words: Sequence[str]) -> click.Context:
    """Let click take the words apart as it would, down to the command that would run; nothing runs."""
    context = root.make_context("omc", list(words), obj=Run({}))
    while isinstance(context.command, click.Group):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


@pytest.mark.parametrize(
    "example", list(examples()), ids=lambda example: f"{example.place}: omc {' '.join(example.words)}"
)
def test_omc_understands_every_command_of_the_documents(example):
    """Commands, options and their values in the examples are omc's own."""
    try:
        with suppress(click.exceptions.Exit):  # --help and --version end here
            parse(example.words)
    except (click.UsageError, OmcError) as error:
        pytest.fail(f"{example.place}: {error}")


def test_the_store_understands_every_question_of_the_documents(tmp_path):
    """Columns, expressions and statements in the examples fit the views."""
    contexts = [parse(example.words) for example in examples() if "inventory" in example.words]
    assert contexts
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        for context in contexts:
            asked = context.params
            if "where" in asked:
                columns, sort = (asked[name].split(",") if asked[name] else () for name in ("columns", "sort"))
                list(store.query(context.info_name, columns=columns, where=asked["where"], sort=sort))
            elif "statement" in asked:
                list(store.sql(asked["statement"]))


def test_the_documents_have_examples():
    """The search for examples finds some, so the test above is not empty."""
    places = {example.place.partition(":")[0] for example in examples()}
    assert {"README.md", "docs/how-to/postgresql.md", "docs/tutorial/first-inventory.md"} <= places


def spans() -> Iterator[tuple[str, str]]:
    """Yield every piece of code in the running text, and the page that it is on."""
    for page in PAGES:
        prose = re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
        for match in re.finditer(r"`([^`\n]+)`", prose):
            yield str(page.relative_to(ROOT)), match[1]


def options_of(context: click.Context) -> dict[str, click.Parameter]:
    """Return what may stand behind a command; `omc inventory` has those of the collect, which has no name, too."""
    commands = [context.command]
    if isinstance(context.command, PatternGroup):
        commands.append(context.command.own)
    options = (option for command in commands for option in command.get_params(context))
    return {name: option for option in options for name in (*option.opts, *option.secondary_opts)}


def unknown_word(words: Sequence[str]) -> str | None:
    """Return the first sub-command or option that omc does not have; values of options are passed over."""
    context = click.Context(root, info_name="omc")
    remaining = iter(words)
    for word in remaining:
        command = context.command
        if word.startswith("--") or re.fullmatch("-[a-z]", word):
            option = options_of(context).get(word)
            if option is None:
                return word
            if isinstance(option, click.Option) and not option.is_flag and not option.count:
                next(remaining, None)
        elif isinstance(command, click.Group):
            below = command.get_command(context, word)
            if below is not None:
                context = click.Context(below, info_name=word, parent=context)
            elif not isinstance(command, PatternGroup):  # there it is a pattern of hosts
                return word
    return None


def test_commands_in_the_text_exist():
    """`omc …` in running text names commands and options that there are."""
    commands = ((page, text.partition("…")[0].split()[1:]) for page, text in spans() if text.startswith("omc "))
    assert [] == [(page, words) for page, words in commands if words and unknown_word(words)]


def options_below(context: click.Context) -> Iterator[str]:
    """Yield the options of a command and of all its sub-commands."""
    yield from options_of(context)
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                yield from options_below(click.Context(command, info_name=name, parent=context))


def test_options_in_the_text_exist():
    """An option that running text names is one of omc's, of whatever command, or a known one of another program."""
    known = {*options_below(click.Context(root, info_name="omc"))} | OTHERS
    named = ((page, word) for page, text in spans() if text.startswith("--") for word in text.split())
    assert [] == [(page, word) for page, word in named if word.startswith("--") and word not in known]


def test_links_lead_somewhere():
    """A link to a file of the repository finds it (Sphinx checks the headings)."""
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text("utf-8"))]
    files = [(page, link) for page, link in links if not link.startswith(("http:", "https:"))]
    assert [] == [(str(page), link) for page, link in files if not (page.parent / link).exists()]


def test_every_page_is_reachable():
    """The front page leads to every folder, and the index of each folder to all that is in it."""
    front = (DOCS / "index.md").read_text(encoding="utf-8")
    # Fragments of changes are no pages: towncrier collects them into changes.md.
    folders = {page.parent for page in PAGES if page.is_relative_to(DOCS)} - {DOCS, DOCS / "changes"}
    for folder in folders:
        assert f"{folder.name}/index" in front
        assert ":glob:\n:maxdepth: 1\n\n*\n" in (folder / "index.md").read_text(encoding="utf-8")


def test_pages_that_the_code_names_exist():
    """A hint or a comment that sends a reader to a page sends nobody astray."""
    sources = [*(ROOT / "omc").rglob("*.py"), *(ROOT / "inventory").glob("*.yaml"), *(ROOT / "packaging").rglob("*")]
    named = {
        (str(source.relative_to(ROOT)), name)
        for source in sources
        if source.is_file()
        for name in re.findall(r"docs/[\w./-]+\.md", source.read_text(encoding="utf-8", errors="replace"))
    }
    assert {name for _, name in named}
    assert [] == [(source, name) for source, name in sorted(named) if not (ROOT / name).exists()]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (f"{page.relative_to(ROOT)}:{block.line}", block.text)
        for page in PAGES
        for block in blocks(page)
        if block.language == "python"
    ],
)
def test_python_examples_are_python(place, text):
    """Code that a reader is to take over has no mistake of syntax."""
    lines = text.splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    ast.parse("\n".join(line[indent:] for line in lines), filename=place)
