"""Conditions as text: the parser made from `condition.lark`, and what it says of a text that does not parse.

`worklattice.lang.parsing` imports it, and with it the parser generator, when the first condition is read.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from lark import Lark, Token

from worklattice.errors import shown
from worklattice.lang.diagnostics import LanguageError, Span
from worklattice.lang.trees import ParseTree, alternatives, parsed, parser_of, span_of

_WITHOUT_PLACEHOLDERS: Final = (
    "Write the value itself; nothing in a condition ever reaches a database as text."
)
_WITHOUT_SUBSELECTS: Final = "A condition speaks of one task: its columns and its attributes."
_WITH_LIKE: Final = "Use LIKE, with % for any characters and _ for one."
_WITHOUT_CASTS: Final = "Values of different types compare as NULL; text is case-sensitive."

_UNKNOWN_WORDS: Final = {
    **dict.fromkeys(("select", "exists", "union", "from"), ("there are no subselects", _WITHOUT_SUBSELECTS)),
    **dict.fromkeys(
        ("regexp", "rlike", "glob", "similar"), ("there are no other patterns than those of LIKE", _WITH_LIKE)
    ),
    **dict.fromkeys(
        ("cast", "convert", "collate", "binary"), ("there are no casts and no collations", _WITHOUT_CASTS)
    ),
    **dict.fromkeys(("case", "xor", "div", "mod"), ("this operator is not known", "Use AND, OR and NOT.")),
}
"""Reserved words of SQL that conditions do not know. Quoted, or behind a dot, they are names like others."""

_SPARE_WORDS: Final = frozenset({"_IN", "_BETWEEN", "_LIKE", "_ESCAPE", "_IS", "INTERVAL"})
"""Keywords that where a value belongs are rather meant as names."""

_FOREIGN: Final = (
    (r";", "a condition has no statements after it", "Leave the semicolon out."),
    (r"--|/\*|#", "there are no comments", "Leave the comment out."),
    (r"\?|:|\$|@", "there are no placeholders", _WITHOUT_PLACEHOLDERS),
    (r"(?i:[xbn]|_\w+)['\"]", "there are no prefixed texts", "Write text in plain quotes."),
    (r"0[xXbB]", "there are no hexadecimal or binary literals", "Write a decimal number."),
    (r"\.", "a dot stands between two names", "Put a key that has dots in backquotes."),
    (r"[0-9]", "this is no number", "Write a number such as 5, 0.25 or 1e6."),
    (r"['\"]", "this text is not closed", "End it with the same quote; write a quote inside it twice."),
    (r"`", "this backquote is not closed", "Write a backquote inside the name twice."),
    (r"&|\||!(?!=)|\^|~", "this operator is not known", "Write AND, OR and NOT as words."),
    (r"[=<>!]+", "there is no such comparison", "Use =, !=, <>, <, <=, > or >=."),
    (r"->|\[|\]|\{|\}", "there are no such paths", "Join the keys with dots, as in attributes.owner.team."),
    (r"[*/%]", "there is no arithmetic", "Only times can be moved, as in NOW() - INTERVAL 2 DAY."),
    (r"(?s:.)", "this character means nothing in a condition", "Put text in quotes."),
)
_BEGINS_VALUE: Final = frozenset({"NAME", "STRING", "NUMBER"})
_EXPECTATIONS: Final = (
    (
        _BEGINS_VALUE | {"NOT"},
        "a condition such as status = 'active'",
        {"TRUE", "FALSE", "NULL", "_LPAR", "PLUS", "MINUS"},
    ),
    (
        _BEGINS_VALUE,
        "a name, a text in quotes or a number",
        {"TRUE", "FALSE", "NULL", "_LPAR", "PLUS", "MINUS"},
    ),
    (
        {"COMPARATOR"},
        "a comparison such as = or <",
        {"NOT", "_IN", "_BETWEEN", "_LIKE", "_IS", "PLUS", "MINUS", "_LPAR"},
    ),
    ({"_IN", "_BETWEEN", "_LIKE"}, "IN, BETWEEN or LIKE", set[str]()),
    ({"NULL", "TRUE", "FALSE"}, "NULL, TRUE or FALSE", {"NOT"}),
    ({"_AND", "_OR"}, "AND or OR", {"_ESCAPE", "PLUS", "MINUS", "_LPAR"}),
    ({"_AND"}, "AND", {"PLUS", "MINUS", "_LPAR"}),
    ({"INTERVAL"}, "INTERVAL", set[str]()),
    ({"NUMBER"}, "a whole number", {"PLUS", "MINUS"}),
    ({"NAME"}, "a unit such as DAY", set[str]()),
    ({"_LPAR"}, "an opening parenthesis", set[str]()),
    ({"_COMMA"}, "a comma", {"PLUS", "MINUS"}),
    ({"_RPAR"}, "a closing parenthesis", {"PLUS", "MINUS"}),
    ({"$END"}, "the end", set[str]()),
)


def parse_tree(text: str) -> ParseTree:
    """The tree of the text by the rules of the grammar. Raises `LanguageError`."""
    try:
        return parsed(_parser(), text, _FOREIGN, _misplaced)
    except _UnknownWordError as fault:
        raise _unknown_word(text, fault.token) from None


class _UnknownWordError(Exception):
    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


def _refuse_unknown_word(token: Token) -> Token:
    if token.lower() in _UNKNOWN_WORDS:
        raise _UnknownWordError(token)
    return token


@cache
def _parser() -> Lark:
    return parser_of("condition.lark", lexer_callbacks={"NAME": _refuse_unknown_word})


def _misplaced(text: str, token: Token, accepts: frozenset[str]) -> LanguageError:
    span = span_of(token)
    reason, hint = (
        f"{shown(str(token))} cannot stand here",
        f"Expected {alternatives(accepts, _EXPECTATIONS)}.",
    )
    if token.type == "$END":
        span, reason = Span(len(text), len(text)), "the condition ends too early"
    elif token.type == "COMPARATOR" and "_AND" in accepts:
        reason, hint = "comparisons cannot be chained", "Join two comparisons with AND."
    elif token.type in _SPARE_WORDS and "NAME" in accepts:
        hint = _as_attribute(token)
    elif accepts == frozenset({"INTERVAL"}):
        reason, hint = "there is no arithmetic", "Only times can be moved, by INTERVAL n unit."
    return LanguageError.at(text, span, reason, hint)


def _unknown_word(text: str, token: Token) -> LanguageError:
    reason, hint = _UNKNOWN_WORDS[token.lower()]
    return LanguageError.at(text, span_of(token), reason, f"{hint} {_as_attribute(token)}")


def _as_attribute(token: Token) -> str:
    return f"An attribute of that name is written attributes.{token}."
