"""What starting omc costs, what the root command says, and how every error ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from omc import __version__
from omc.cli.main import COMMANDS
from omc.errors import Exit
from tests.unit.cli.running import COMMAND, Omc, on_terminal, program

MODULES = """
import sys
from omc.cli.main import main
main({arguments})
names = {{name.partition(".")[0] for name in sys.modules}} - sys.stdlib_module_names
print(*sorted(name for name in sys.modules if name.split(".")[0] == "omc"), file=sys.stderr)
print(*sorted(name for name in names if not name.startswith("_")), file=sys.stderr)
print(*sorted({{"asyncio", "json", "logging", "socket", "sqlite3"}} & set(sys.modules)), file=sys.stderr)
"""


def imported(*arguments: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path = {sys.path!r}\n{MODULES.format(arguments=arguments)}"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ran.stderr.splitlines()


def test_help_imports_nothing_heavy() -> None:
    """`omc --help` imports click and these modules of omc; whoever makes it import more changes this list."""
    ours, theirs, standard = imported("--help")
    expected = "omc omc.cli omc.cli.command omc.cli.context omc.cli.main omc.cli.numbers omc.cli.output omc.errors"
    assert ours == f"{expected} omc.text"
    assert theirs == "__main__ click omc".removeprefix("__main__ ")
    assert standard == ""


def test_help_names_every_command(omc: Omc) -> None:
    ran = omc("--help")
    assert ran.code == 0
    assert all(f"\n  {name} " in ran.out for name in COMMANDS)


def test_every_command_can_be_imported(omc: Omc) -> None:
    for name in COMMANDS:
        assert omc(name, "--help").code == 0


def test_version(omc: Omc) -> None:
    assert omc("--version").out == f"omc {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("nothing",), "No such command 'nothing'.", "omc --help"),
        (("exporter", "srve"), "No such command 'srve'.", "meant omc exporter serve?"),
        (("audit", "ruels"), "no host and no group is named 'ruels'", "meant omc audit rules?"),
        (("audit", "--rule", "G04", "explian"), "no host and no group is named 'explian'", "meant omc audit explain?"),
        (("capacity", "pols"), "no host and no group is named 'pols'", "meant omc capacity pools?"),
        (("capacity", "kvm1", "pols"), "no host and no group is named 'pols'", "omc site hosts lists"),
        (("capacity", "--limit", "pols"), "no host and no group is named 'pols'", "omc site hosts lists"),
        (("inventory", "--nothing"), "No such option", "omc inventory --help"),
        (("inventory", "guests", "-o", "nothing"), "there is no output format 'nothing'", "one of table, wide, json"),
        (("inventory", "guest"), "no host and no group is named 'guest'", "meant omc inventory guests?"),
        (("inventory", "guests", "--sort", "nothing"), "there is no column nothing", "columns: host, name"),
        (("inventory", "guests", "--columns", "nothing"), "there is no column nothing", "columns: host, name"),
        (("inventory", "guests", "--columns", ""), "the name of a column is missing", "columns: host, name"),
        (("inventory", "guests", "--sort", "-"), "the name of a column is missing", "columns: host, name"),
        (("inventory", "show", "kvm*"), "no guest or host is called 'kvm*'", "one name, and no pattern"),
        (("inventory", "show", "WEB1"), "no guest or host is called 'WEB1'", "meant web1"),
        (("inventory", "show", "kvm4"), "no guest or host is called 'kvm4'", "meant kvm2 or kvm1?"),
        (("inventory", "--max-age", "soon"), "no time span: 'soon'", "number of seconds"),
        (("inventory", "--at", "whenever"), "no such time: 'whenever'", "yesterday"),
        (("inventory", "--at", "2999-01-01"), "in the future", ""),
        (("inventory", "show", "nobody"), "no guest or host is called 'nobody'", "omc inventory guests"),
        (("inventory", "kvm1", "--limit", "kvm2"), "no host is left", "--limit kvm2"),
        ((), "a command is missing, one of inventory, ", "omc --help"),
        (("store",), "a command is missing, one of backup, ", "omc store --help"),
        (("inventory", "export"), "a command is missing, one of ansible, dot", "omc inventory export --help"),
        (("completion",), "Choose from: bash, zsh, fish", "omc completion --help"),
        (("inventory", "sql"), "a statement is missing", "--views lists what there is"),
        (("inventory", "--parallel", "0"), "'--parallel'", "omc inventory --help"),
    ],
)
def test_mistake_of_a_user_is_told_with_a_hint(omc: Omc, arguments: tuple[str, ...], message: str, hint: str) -> None:
    """A mistake on the command line exits 2, says what is wrong and what to type, and shows no traceback."""
    ran = omc(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert hint in ran.err
    assert "Traceback" not in ran.err


def test_mistake_in_the_site_is_told_with_its_place(omc: Omc, site: Path) -> None:
    (site / "inventory" / "hosts.yaml").write_text("all:\n  hostz: {}\n")
    ran = omc("inventory")
    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert "hosts.yaml:2" in ran.err


def test_debug_shows_the_traceback(omc: Omc) -> None:
    assert "Traceback" in omc("inventory", "kvm9", "--debug").err


def test_site_works_before_and_after_the_sub_command(omc: Omc, tmp_path: Path) -> None:
    wrong = str(tmp_path / "nowhere")
    for arguments in (
        ("--site", wrong, "inventory", "guests"),
        ("inventory", "--site", wrong, "guests"),
        ("inventory", "guests", "--site", wrong),
    ):
        ran = omc(*arguments)
        assert ran.code == 1
        assert wrong in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("inventory", "diff", "--since", "yesterday", "--log-format", "json"),
        ("inventory", "--at", "whenever", "--log-format", "json"),
        ("inventory", "--nothing", "--log-format=json"),
        ("nothing", "--log-format", "json"),
    ],
)
def test_log_format_holds_for_all_that_is_said(omc: Omc, arguments: tuple[str, ...]) -> None:
    """Whatever is said about the command line itself is JSON, too, wherever the option stands."""
    lines = omc(*arguments).err.splitlines()
    assert lines
    assert all(json.loads(line)["message"] for line in lines)


def test_what_is_said_about_options_is_without_colour(site: Path) -> None:
    code, text = on_terminal("inventory", "--at", "whenever", "--no-color", columns=80)
    assert code == 2
    assert "no such time" in text
    assert "\x1b" not in text


def test_errors_as_json_lines(omc: Omc) -> None:
    """With `--log-format json` each message is one JSON object a line."""
    ran = omc("--log-format", "json", "inventory", "kvm9")
    (line,) = ran.err.splitlines()
    message = json.loads(line)
    assert message["level"] == "error"
    assert message["hint"]
    assert set(message) <= {"time", "level", "message", "where", "hint"}


def test_reader_that_leaves_is_no_failure(omc: Omc, site: Path) -> None:
    """`omc … | head` ends with 0 and without a word."""
    assert omc("inventory").code == 0
    script = f"set -o pipefail; {' '.join(map(repr, COMMAND))} inventory volumes -o yaml | head -n 1"
    ran = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout.count("\n")) == (0, 1)
    assert "error" not in ran.stderr
    assert "Broken" not in ran.stderr


def test_full_disk_under_stdout_is_a_failure(omc: Omc, site: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COMMAND, "inventory", "guests"], check=False, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert ran.returncode == 1
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_program_runs_as_a_process(site: Path) -> None:
    assert program("--version").out == f"omc {__version__}\n"


def test_every_exit_code_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "exit-codes.md").read_text()
    assert all(f"| {code.value} | `{code.name}` |" in page for code in Exit)


def test_names_beyond_ascii_where_the_locale_knows_only_ascii(omc: Omc, site: Path) -> None:
    path = site / "inventory" / "demo" / "kvm1.xml"
    path.write_text(path.read_text().replace("<name>web1</name>", "<name>größe</name>"), encoding="utf-8")
    omc("inventory")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = program("inventory", "show", "größe", "-o", "json", environ=ascii_only)
    assert json.loads(ran.out)["name"] == "größe"
    assert program("inventory", "guests", "--help", environ=ascii_only).code == 0


def test_argument_that_is_no_text_is_refused(omc: Omc) -> None:
    ran = omc("inventory", "show", "a\udcffb")
    assert ran.code == 2
    assert "not UTF-8" in ran.err
