"""The scripts and what is put into them: plain POSIX shell, and no value that is code."""

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.errors import OmcError
from omc.templates.desired import SetCheck
from omc.templates.remote.job import FileChange, Job
from omc.templates.remote.jobfile import beside, job_text
from omc.templates.remote.quote import folder_name, host_name, quote, run_name, token, untoken, word_of, words
from omc.templates.remote.script import _PARTS, body, script
from tests.required import lacking

SCRIPTS = sorted(Path(str(files("omc.templates.remote"))).glob("*.sh"))
# Globals that other parts set or read, tests that dash, bash and busybox have beyond POSIX, and "a && b || return".
NOT_CHECKED = "SC1010,SC1091,SC2015,SC2030,SC2031,SC2034,SC2154,SC3013"


def test_shellcheck_finds_nothing():
    if not shutil.which("shellcheck"):
        lacking("the scripts are checked by shellcheck: apt-get install shellcheck")
    done = subprocess.run(
        ["shellcheck", "--shell=sh", f"--exclude={NOT_CHECKED}", *SCRIPTS], capture_output=True, text=True, check=False
    )
    assert "" == done.stdout


@pytest.mark.parametrize("step", _PARTS)
@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_every_step_is_read_by_every_shell(step: str, shell: str):
    """Syntax only; without comments and indentation, as it is sent."""
    if not shutil.which(shell):
        lacking(f"the scripts are tried in {shell}: apt-get install {shell}")
    command = [shell, "sh"] if shell == "busybox" else [shell]
    done = subprocess.run([*command, "-n"], input=body(step), capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    assert not [line for line in body(step).splitlines() if line.startswith("#")]


def test_every_script_is_a_part_of_a_step():
    assert {path.stem for path in SCRIPTS} == {part for parts in _PARTS.values() for part in parts}


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=5))
def test_a_shell_reads_back_what_was_quoted(values: list[str]):
    text = f"printf '%s\\0' {words(tuple(values))}"
    done = subprocess.run(["dash", "-c", text], capture_output=True, check=True)
    assert [value.encode() for value in values] or [b""] == done.stdout.split(b"\0")[:-1]


def test_a_value_with_a_nul_is_refused():
    with pytest.raises(OmcError, match="NUL"):
        quote("a\0b")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_hosts_folder_is_one_plain_name_and_tells_the_host(name: str):
    folder = folder_name(name)
    assert name == host_name(folder)
    assert "/" not in folder
    assert not folder.startswith(".")
    assert folder.isascii()
    assert folder == quote(folder) or "%" in folder


@pytest.mark.parametrize("run", ["", "..", "a/b", "-x", "a b", "x" * 65, "ä", "a.b", "a\n"])
def test_what_is_no_identifier_of_a_run_is_refused(run: str):
    with pytest.raises(OmcError, match="no identifier"):
        run_name(run)


@pytest.mark.parametrize("host", ["", "x" * 201])
def test_a_host_without_a_usable_name_is_refused(host: str):
    with pytest.raises(OmcError, match="empty or too long"):
        folder_name(host)


def test_words_are_bounded_and_typed():
    assert ("a", "b c") == untoken(token(("a", "b c")), tuple[str, ...])
    for bad in ("x", word_of("{}"), word_of('["a", 1]'), word_of("\x00"), "A" * (2 << 20)):
        with pytest.raises(OmcError, match="cannot be read"):
            untoken(bad, tuple[str, ...])


def test_a_job_holds_neither_content_nor_secret():
    change = FileChange(path="/etc/a", before=None, content=b"password", template="t")
    assert "password" not in job_text(Job(run="R1", host="h", actor="a", changes=(change,)))


def test_a_hidden_name_keeps_the_suffix_and_fits():
    assert "/etc/x/.omc-R1.a b.conf" == beside("/etc/x/a b.conf", "R1", 1)
    assert "/.omc-R1.7.service" == beside("/" + "é" * 130 + ".service", "R1", 7)


def test_the_root_of_a_check_stands_where_the_manifest_says():
    change = FileChange(path="/etc/a", before=None, content=b"", template="t")
    check = SetCheck(template="t", command=("prog", "-r%s/etc", "%s", "100%", ""))
    text = job_text(Job(run="R1", host="h", actor="a", changes=(change,), checks=(check,)))
    assert """check 1 prog -r"$folder"/tree/etc "$folder"/tree 100% ''""" in text


def test_the_head_of_a_script_gives_every_value_quoted():
    assert script("clean", {"run": "$(x)'"}).startswith("state=/var/lib/omc\nrun='$(x)'\"'\"''\n")
