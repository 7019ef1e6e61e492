"""Conditions as text: a printer for property tests, in spellings that mean the same."""

from __future__ import annotations

import json

from worklattice.lang.condition import (
    And,
    Attribute,
    Between,
    Column,
    Compare,
    Condition,
    Expression,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Now,
    Or,
    Shift,
    Truth,
)
from worklattice.lang.names import join_name


def printed(condition: Condition) -> str:
    """The condition as text, in parentheses wherever they are allowed."""
    match condition:
        case Compare(comparator, left, right):
            return f"{_expression(left)} {comparator.value} {_expression(right)}"
        case In(item, members):
            return f"{_expression(item)} in ({', '.join(map(_expression, members))})"
        case Between(item, low, high):
            return f"{_expression(item)} BETWEEN {_expression(low)} AND {_expression(high)}"
        case Like(item, pattern, _):
            return f"{_expression(item)} Like {_quoted(pattern)}"
        case IsNull(item):
            return f"{_expression(item)} IS NULL"
        case Truth(item):
            return _expression(item)
        case Not(item):
            return f"NOT ({printed(item)})"
        case And(items):
            return " AND ".join(f"({printed(item)})" for item in items)
        case Or(items):
            return " or ".join(f"({printed(item)})" for item in items)
        case _:
            raise TypeError(condition)


def _expression(expression: Expression) -> str:
    match expression:
        case Literal(str() as text):
            return _quoted(text)
        case Literal(value):
            return json.dumps(value)
        case Column(name):
            return name
        case Attribute(path):
            return join_name(("attributes", *path))
        case Now(day_only):
            return "curdate()" if day_only else "Now()"
        case Shift(base, amount, unit):
            return f"DATE_ADD({_expression(base)}, INTERVAL {amount} {unit})"
        case _:
            raise TypeError(expression)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
