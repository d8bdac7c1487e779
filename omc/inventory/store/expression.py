"""Reads SQL that a user wrote just far enough to hold it together: words, strings, numbers, brackets.

It is not what keeps the database safe (the guards of `guard_sqlite` and `guard_postgresql` are); it keeps one
expression one expression, finds the place of a mistake, and says what is meant by text in double quotes.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from omc.errors import UsageError
from omc.inventory.store.views import View

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>--[^\n]*|/\*)
  | (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_BEFORE_FIRST_WORD = re.compile(r"(?:[\s(]|--[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_QUESTIONS = ("select", "with", "values", "table")


class Token(NamedTuple):
    """One piece of an expression and where it begins."""

    kind: str
    text: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Return the pieces of SQL text; spaces are left out."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind != "space":
            yield Token(kind, match[0], match.start())


def check_question(text: str, where: str) -> None:
    """Refuse a statement that does not begin like a question."""
    first = next(tokens(text[_BEFORE_FIRST_WORD.match(text).end() :]), None)  # type: ignore[union-attr]  # always fits
    if first is None or first.text.lower() not in _QUESTIONS:
        raise UsageError("this is not a question", where=where, hint="write SELECT …; nothing can be changed with SQL")


def check_parameters(text: str, where: str) -> None:
    """Refuse what a database takes for a parameter: omc's own values must not land there, and others there are none."""
    last, before = Token("space", "", 0), Token("space", "", 0)
    for token in tokens(text):
        named = token.kind in ("word", "number") and token.start == last.start + 1
        cast = last.text == ":" and (before.text == ":" or token.kind == "number")  # of PostgreSQL: x::text, x[1:2]
        if token.text == "?" or (named and last.text in (":", "@", "$") and not cast):
            shown = "?" if token.text == "?" else last.text + token.text
            place = token.start + 1 if token.text == "?" else last.start + 1
            raise UsageError(
                f"{shown} stands for a value that nobody gives, at character {place}",
                where=where,
                hint="write the value itself; text stands in single quotes",
            )
        before, last = last, token


def check_expression(text: str, view: View) -> None:
    """Refuse what is not one expression over the view's columns; UsageError says where."""
    check_parameters(text, "--where")
    depth = 0
    for token in tokens(text):
        depth += (token.text == "(") - (token.text == ")")
        if depth < 0:
            raise _mistake(text, token.start, "a bracket closes that never opened")
        if token.text == ";" or token.kind == "comment":
            raise _mistake(text, token.start, f"{token.text[:2]!r} has no place in an expression")
        if token.text in ("'", '"'):
            raise _mistake(text, token.start, f"a text that begins with {token.text} never ends")
        if token.kind == "quoted" and token.text[1:-1] not in view.names:
            hint = f"text stands in single quotes: '{token.text[1:-1]}'"
            raise _mistake(text, token.start, f"no column is called {token.text}", hint)
    if depth:
        raise _mistake(text, len(text), "a bracket is not closed")
    if not text.strip():
        raise UsageError("the expression is empty", where="--where", hint="write for example: state = 'running'")


def _mistake(text: str, position: int, what: str, hint: str = "") -> UsageError:
    near = text[position : position + 20].split("\n", maxsplit=1)[0]
    where = f"character {position + 1}" + (f" (near {near!r})" if near else " (the end)")
    return UsageError(f"{what}, at {where}", where="--where", hint=hint)
