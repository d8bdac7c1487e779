"""A host's answer is read strictly: what is not of the grammar is an error of that host, never one of omc."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.errors import HostError
from omc.ports import Answer
from omc.templates.desired import DesiredFile
from omc.templates.remote.answer import outcome
from omc.templates.remote.job import Outcome
from omc.templates.remote.look import look
from omc.templates.remote.quote import token, word_of

PATHS = ("/etc/a", "/etc/b")


def said(text: str | bytes, status: int = 0) -> Answer:
    return Answer(status, text.encode() if isinstance(text, str) else text, b"")


class Says:
    """A host that answers this, whatever it is asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def run(self, *_: object, **__: object) -> Answer:
        return self._answer

    def close(self) -> None:
        pass


def test_every_line_of_an_answer_is_in_the_outcome():
    handler, file = ("systemctl", "reload", "x y"), word_of("out\n")
    text = (
        f"file 1\nfile 2\nfile 1\nvalidation 2 0 {file}\nhandler {token(handler)} 124 -\nleft 2\nat 2\n"
        f"pending {token(handler)}\nlock R9 h%2F1 {word_of('me & you')} 2026-11-21T08:00:00Z\n"
        f"outcome failed handler {word_of('why')}\nend\n"
    )
    found = outcome(said(text), "it", PATHS, lambda kind, number: (kind, str(number)))
    assert ("failed", "handler", "/etc/b: why", PATHS, (handler,), ("/etc/b",)) == (
        found.status, found.code, found.message, found.paths, found.pending_handlers, found.left,
    )  # fmt: skip
    assert [(("validation", "2"), 0, "out\n", "/etc/b"), (handler, 124, "", "")] == [
        (command.command, command.status, command.output, command.path) for command in found.commands
    ]
    assert found.holder is not None
    assert ("R9", "h/1", "me & you") == (found.holder.run, found.holder.host, found.holder.actor)


@pytest.mark.parametrize(
    "text",
    [
        "", "end\n", "end", "outcome changed - -\n", "outcome odd - -\nend\n", "outcome changed CODE -\nend\n",
        "outcome changed - ***\nend\n", "file x\noutcome changed - -\nend\n", "file\noutcome changed - -\nend\n",
        "read_job x\noutcome changed - -\nend\n", "_ran a b c d\noutcome changed - -\nend\n", "pending bm8=\nend\n",
        "pending e30=\noutcome changed - -\nend\n", "lock ../x h - t\noutcome refused locked -\nend\n",
        "file 99999999999999999999\noutcome changed - -\nend\n", "job !\noutcome changed - -\nend\n",
        "outcome changed - -\nend\nmore\n", " \nend\n",
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_an_error_of_the_host(text: str):
    with pytest.raises(HostError) as caught:
        outcome(said(text), "the change")
    assert "protocol" == caught.value.code


def test_numbers_of_files_that_were_not_asked_for_name_nothing():
    found = outcome(said("file 3\nfile 0\nfile -1\noutcome changed - -\nend\n"), "it", PATHS)
    assert ("",) == found.paths


@given(st.binary(max_size=400))
def test_any_bytes_are_an_outcome_or_an_error_of_the_host(data: bytes):
    for body in (data, b"machine x\n" + data + b"\nend\n", data + b"\noutcome changed - -\nend\n"):
        for read in (
            lambda answer: outcome(answer, "it", PATHS),
            lambda answer: look(Says(answer), [DesiredFile(template="t", path="/a", content=b"")], deadline=0),
        ):
            with suppress(HostError):
                read(said(body))


WORDS = st.sampled_from(
    ["machine", "stat\t81a4", "sum", "content", "immutable", "lock", "unfinished", "pending", "/a", "-", "1", "x", ".",
     "0" * 64, "", "stat\t81a4\t1\t0\t0\troot\troot\t-\t/a", "W10=", "e30="]
)  # fmt: skip


@given(st.lists(st.lists(WORDS, min_size=1, max_size=7), max_size=8))
def test_any_words_are_a_state_or_an_error_of_the_host(rows: list[list[str]]):
    text = "\n".join(["machine m", *(" ".join(row) for row in rows), "end", ""])
    with suppress(HostError):
        found = look(Says(said(text)), [DesiredFile(template="t", path="/a", content=b"")], deadline=0)
        assert ["/a"] == [file.path for file in found.files]


def test_the_last_words_of_a_script_that_failed_are_told():
    with pytest.raises(HostError, match="ended with status 127: sh: base64: not found"):
        outcome(Answer(127, b"file 1\n", b"noise\nsh: base64: not found\n"), "the change")


def test_an_outcome_is_what_the_host_says_and_no_more():
    assert Outcome(status="unchanged") == outcome(said("outcome unchanged - -\nend\n"), "it")
