"""How values compare: the one place that says when two of them are equal, ordered, or neither.

Numbers compare with numbers, text with text (by code point, so that case counts), booleans with booleans
(false before true), times with times. A boolean is no number. Arrays and objects are equal or not, as JSON
values (1 is 1.0, true is not 1), and have no order. Values of different types, and null with anything,
compare as unknown. A time is given as the number of its microseconds; `worklattice.lang.evaluation` knows
beforehand what is a time, and never compares it with a number.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from types import NoneType
from typing import Any, Final

from worklattice.lang.condition import Comparator

OPERATORS: Final[dict[Comparator, Callable[[Any, Any], bool]]] = {
    Comparator.EQ: operator.eq,
    Comparator.NE: operator.ne,
    Comparator.LT: operator.lt,
    Comparator.LE: operator.le,
    Comparator.GT: operator.gt,
    Comparator.GE: operator.ge,
}

MIRRORED: Final = {
    Comparator.EQ: Comparator.EQ,
    Comparator.NE: Comparator.NE,
    Comparator.LT: Comparator.GT,
    Comparator.LE: Comparator.GE,
    Comparator.GT: Comparator.LT,
    Comparator.GE: Comparator.LE,
}
"""What a comparison becomes when its sides change places."""

_TYPES: Final[dict[type, str | None]] = {
    str: "text",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
    NoneType: None,
}

_PYTHON_TYPES: Final = {
    "text": frozenset({str}),
    "boolean": frozenset({bool}),
    "number": frozenset({int, float}),
}


def type_of(value: object) -> str | None:
    """The JSON type: text, number, boolean, array or object; None for null."""
    return _TYPES.get(type(value))


def scalar_types(kind: str | None) -> frozenset[type] | None:
    """The Python types of a type's values; None for those that have no order."""
    return _PYTHON_TYPES.get(kind or "")


def compare(comparator: Comparator, left: object, right: object) -> bool | None:
    """Whether the comparison holds; None where it is unknown."""
    kind = type_of(left)
    if kind is None or kind != type_of(right):
        return None
    if kind in _PYTHON_TYPES:
        return OPERATORS[comparator](left, right)
    if comparator is Comparator.EQ:
        return json_equal(left, right)
    return not json_equal(left, right) if comparator is Comparator.NE else None


def json_equal(left: object, right: object) -> bool:
    """Whether two JSON values are the same: 1 is 1.0, but true is not 1. Recurses as deeply as they nest."""
    if type_of(left) != type_of(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(json_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(json_equal(left[key], right[key]) for key in left)
    return left == right


def like(pattern: str, escape: str) -> Callable[[str], bool]:
    """The test of a LIKE pattern: `%` any characters, `_` one, and what follows `escape` for itself.

    Each part between two `%` is looked for once, from left to right, and never again (atomic groups), so that
    the cost is at most the text times the longest part.
    """
    parts = _like_parts(pattern, escape)
    first, *middle = ["".join(part) for part in parts]
    if not middle:
        expression = first
    else:
        inner = "".join(f"(?>.*?{part})" for part in middle[:-1] if part)
        expression = f"{first}{inner}.*{middle[-1]}"
    match = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: match(text) is not None


def _like_parts(pattern: str, escape: str) -> list[list[str]]:
    """The pattern cut at its `%`, each character as a regular expression."""
    parts: list[list[str]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts[-1].append(re.escape(next(characters, escape)))
        elif character == "%":
            parts.append([])
        else:
            parts[-1].append("." if character == "_" else re.escape(character))
    return parts
