"""Gates as text: the parser made from `gate.lark`, and what it says of a text that does not parse.

`worklattice.lang.gate_parsing` imports it, and with it the parser generator, when the first gate is read.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

from lark import Lark, Token

from worklattice.errors import shown
from worklattice.lang.diagnostics import LanguageError, Span
from worklattice.lang.trees import ParseTree, alternatives, parsed, parser_of, span_of

_WITH_BACKQUOTES: Final = "A metric with an unusual name stands in backquotes."

_FOREIGN: Final = (
    (r";", "a gate has no statements after it", "Leave the semicolon out."),
    (r"['\"]", "there are no texts in quotes", _WITH_BACKQUOTES),
    (
        r"`",
        "this backquote is not closed, or nothing stands behind it",
        "Write a backquote inside a name twice.",
    ),
    (r"&|\||!(?!=)|\^|~", "this operator is not known", "Write and, or and not as words."),
    (r"[=<>!≤≥≠]+", "there is no such comparison", "Use <, <=, >, >=, = or !=."),
    (r"[-+−]+", "expected a number behind the sign", "Write one sign at most, and the number."),
    (r"[*/%^]", "there is no arithmetic", "Only change(metric) is computed."),
    (r"[$€£¥₹]", "expected a number behind the currency", "As in $2M."),
    (r"(?![0-9])\d", "only the digits 0 to 9 count", None),
    (r"(?s:.)", "this character means nothing in a gate", _WITH_BACKQUOTES),
)

_EXPECTATIONS: Final = (
    ({"NAME", "NOT"}, "a comparison such as error_rate < 1%", {"_CHANGE", "_LPAR"}),
    ({"NAME"}, "the name of a metric", set[str]()),
    ({"COMPARATOR", "QUANTITY"}, "a target such as > 95%", {"_BETWEEN"}),
    ({"COMPARATOR"}, "a comparison such as < or >=", {"NOT", "_BETWEEN", "_LPAR"}),
    ({"QUANTITY"}, "a quantity such as 200ms or 95%", set[str]()),
    ({"_BETWEEN"}, "between", set[str]()),
    ({"_AND", "_OR"}, "and, or", set[str]()),
    ({"_AND"}, "and", set[str]()),
    ({"_LPAR"}, "an opening parenthesis", set[str]()),
    ({"_RPAR"}, "a closing parenthesis", set[str]()),
    ({"$END"}, "the end", set[str]()),
)

_REVERSED: Final = re.compile(
    r"\s*(?P<left>[<>]=?|=|≤|≥)\s*(?P<name>[^\W\d]\w*(?:[.-]\w+)*)"
    r"(?:\s*(?P<right>[<>]=?|=|≤|≥)\s*(?P<high>[^\s()<>=!]+(?:\s(?!and\b|or\b)[^\s()<>=!]+)*))?"
)
"""What stands behind a quantity where metric and quantity have changed places."""

_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "≤": ">=", "≥": "<="}
_SHORT: Final = 80


def parse_tree(text: str, start: Literal["gate", "target"]) -> ParseTree:
    """The tree of the text by the rules of the grammar. Raises `LanguageError`."""
    return parsed(_parser(), text, _FOREIGN, _misplaced, start)


@cache
def _parser() -> Lark:
    return parser_of("gate.lark", start=["gate", "target"])


def _misplaced(text: str, token: Token, accepts: frozenset[str]) -> LanguageError:
    span = span_of(token)
    reason, hint = (
        f"{shown(str(token))} cannot stand here",
        f"Expected {alternatives(accepts, _EXPECTATIONS)}.",
    )
    if token.type == "$END":
        span, reason = Span(len(text), len(text)), "this ends too early"
    elif token.type == "QUANTITY" and "NAME" in accepts:
        reason = "the metric stands before the quantity"
        hint = _WITH_BACKQUOTES if token.startswith("P") else _turned(text, span) or hint
    elif token.type == "COMPARATOR" and "_AND" in accepts:
        reason, hint = "comparisons cannot be chained", "Join two with and, as in x > 0 and x < 1."
    elif token.type == "_LPAR" and "COMPARATOR" in accepts:
        reason, hint = "there is no such function", "Only change(metric) is computed."
    return LanguageError.at(text, span, reason, hint)


def _turned(text: str, span: Span) -> str | None:
    """How to write a comparison whose quantity stands first, if that is what stands here."""
    match = _REVERSED.match(text, span.end)
    if match is None:
        return None
    quantity, name = text[span.start : span.end], match["name"]
    turned = f"{name} {_MIRRORED[match['left']]} {quantity}"
    if match["right"]:
        turned += f" and {name} {match['right']} {match['high']}"
    return f"Write {turned}." if len(turned) <= _SHORT and turned.isprintable() else None
