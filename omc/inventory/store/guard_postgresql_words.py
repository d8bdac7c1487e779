"""Which words SQL of users may have on PostgreSQL, whose server runs any function that a login may call.

Functions can end other sessions, hold locks, change settings and run text as SQL; so what stands before a bracket is a
word of SQL, a name that the statement itself gives, or a function of the list. What PostgreSQL would read otherwise
than `tokens` does (escapes in texts, dollar quotes, comments in /* */) is refused, so that nothing can hide in it.
"""

from collections.abc import Sequence

from omc.errors import UsageError
from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.expression import Token, tokens
from omc.inventory.store.rows import names

FUNCTIONS = frozenset(
    names(
        "abs age array_agg array_length array_to_string avg bool_and bool_or btrim ceil ceiling char_length chr "
        "coalesce concat concat_ws corr count cume_dist date date_bin date_part date_trunc dense_rank every exp "
        "extract first_value floor generate_series greatest initcap json_agg json_build_object json_object_agg "
        "lag last_value lead least left length ln log lower ltrim max md5 min mod now nth_value ntile nullif "
        "octet_length overlay percent_rank percentile_cont percentile_disc position power rank regexp_match "
        "regexp_replace replace reverse right round row_number rtrim sign split_part sqrt starts_with stddev "
        "string_agg string_to_array strpos substr substring sum to_char to_date to_number to_timestamp translate "
        "trim trunc unnest upper variance width_bucket"
    )
)

_BEFORE_BRACKET = frozenset(
    names(
        "all and any array as between by case cast cross cube distinct else end except exists filter from "
        "grouping group having ilike in inner intersect is join lateral like limit materialized not offset on or "
        "over partition returning rollup row select sets similar some then union using values when where with within "
        "char character decimal float interval numeric text time timestamp varchar"
    )
)
_BEFORE_OWN_NAME = frozenset(("as", "recursive", "with"))
_QUERY_BEGINS = frozenset(("select", "table", "with", "("))
_FORBIDDEN_BEGINNINGS = ("pg_", "information_schema")


def check_words(text: str, where: str) -> None:
    """Refuse a statement with a function or a form that is not allowed; UsageError names it."""
    pieces = list(tokens(text))
    for position, token in enumerate(pieces):
        following = pieces[position + 1] if position + 1 < len(pieces) else None
        _check_form(token, following, where)
        name = _name(token)
        if name is None:
            continue
        if name.startswith(_FORBIDDEN_BEGINNINGS):
            raise UsageError(
                f"{name} is not allowed", where=where, hint=f"only the views can be read: {', '.join(VIEWS)}"
            )
        if following is not None and following.text == "(" and not _may_precede_bracket(name, pieces, position):
            hint = f"functions that are allowed: {', '.join(sorted(FUNCTIONS))}"
            raise UsageError(f"the function {name} is not allowed", where=where, hint=hint)


def _check_form(token: Token, following: Token | None, where: str) -> None:
    form = ""
    if token.text == "/*" or (token.kind == "comment" and "\r" in token.text):
        form = "such a comment"
    elif token.text == "$":
        form = "the sign $"
    elif following is not None and following.start == token.start + len(token.text):
        escapes = token.text.lower() == "e" and following.kind == "string"
        if escapes or (token.text.lower() == "u" and following.text == "&"):
            form = f"a text that begins with {token.text}{following.text[0]}"
    if form:
        raise UsageError(f"{form} is not allowed", where=where, hint="write a plain text: 'it''s'; or -- a comment")


def _name(token: Token) -> str | None:
    if token.kind == "word":
        return token.text.lower()
    return token.text[1:-1].replace('""', '"') if token.kind == "quoted" else None


def _may_precede_bracket(name: str, pieces: Sequence[Token], position: int) -> bool:
    if name in FUNCTIONS or (pieces[position].kind == "word" and name in _BEFORE_BRACKET):
        return True
    before = pieces[position - 1].text.lower() if position else ""
    return before in _BEFORE_OWN_NAME or _names_a_query(pieces, position)


def _names_a_query(pieces: Sequence[Token], position: int) -> bool:
    """Tell whether a name with its columns stands before AS (SELECT …), as the later names of WITH do."""
    depth = 0
    for end in range(position + 1, len(pieces)):
        depth += (pieces[end].text == "(") - (pieces[end].text == ")")
        if depth == 0:
            rest = [piece.text.lower() for piece in pieces[end + 1 : end + 6]]
            words = [word for word in rest if word not in ("not", "materialized")]
            return words[:2] == ["as", "("] and words[2:3] != [] and words[2] in _QUERY_BEGINS
    return False
