"""Conditions at a moment: `NOW()`, and whatever is computed from constants, replaced by literals.

A time moved out of the years 1 to 9999 is null, as in MySQL; so is text moved that is no time.
"""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from worklattice.lang.condition import (
    And,
    Between,
    Compare,
    Condition,
    Expression,
    In,
    Literal,
    Not,
    Now,
    Or,
    Shift,
    TextSearch,
)
from worklattice.lang.times import from_micros, midnight, read_micros, shift, to_micros
from worklattice.lang.values import Value


def fold(condition: Condition, now: datetime) -> Condition:
    """The same condition at the time `now`, which must be aware."""
    match condition:
        case And(items) | Or(items):
            return type(condition)(tuple(fold(item, now) for item in items))
        case Not(item):
            return Not(fold(item, now))
        case Compare(comparator, left, right):
            return Compare(comparator, fold_expression(left, now), fold_expression(right, now))
        case Between(item, low, high):
            return Between(*(fold_expression(part, now) for part in (item, low, high)))
        case In(item, members):
            return In(fold_expression(item, now), tuple(fold_expression(part, now) for part in members))
        case TextSearch():
            return condition
        case _:
            return attrs.evolve(condition, expression=fold_expression(condition.expression, now))


def fold_expression(expression: Expression, now: datetime) -> Expression:
    """The same expression at the time `now`."""
    match expression:
        case Now(day_only):
            moment = now.astimezone(UTC)
            return Literal(midnight(moment.date()) if day_only else moment)
        case Shift(base, amount, unit):
            folded = fold_expression(base, now)
            if not isinstance(folded, Literal):
                return Shift(folded, amount, unit)
            start = time_of(folded.value)
            moved = None if start is None else shift(start, amount, unit)
            return Literal(None if moved is None else from_micros(moved))
        case _:
            return expression


def time_of(value: Value) -> int | None:
    """A constant read as a time, in microseconds since 1970; None where it is none."""
    match value:
        case datetime():
            return to_micros(value)
        case str():
            return read_micros(value)
        case _:
            return None
