"""What conditions mean, by the book: an evaluator for property tests.

Written from the documented meaning alone, rule by rule, without a look at the compiled form.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from tests.properties.conditions import NOW
from worklattice.lang.condition import (
    And,
    Attribute,
    Between,
    Column,
    Comparator,
    Compare,
    Condition,
    Contains,
    Expression,
    Has,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Now,
    Or,
    Shift,
    TextSearch,
    Truth,
)
from worklattice.lang.times import TimeError, parse_time_or_date
from worklattice.lang.values import Value
from worklattice.model.rows import TaskRow
from worklattice.query.ast import COLUMNS
from worklattice.types import from_micros, to_micros


class Time(int):
    """A time, as microseconds."""


Operand: TypeAlias = Time | Value

_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def naive(condition: Condition, row: TaskRow) -> bool | None:
    """What the condition is of the row."""
    match condition:
        case Not(item):
            result = naive(item, row)
            return None if result is None else not result
        case And(items):
            results = [naive(item, row) for item in items]
            return False if False in results else None if None in results else True
        case Or(items):
            results = [naive(item, row) for item in items]
            return True if True in results else None if None in results else False
        case In(item, members):
            return naive(Or(tuple(Compare(Comparator.EQ, item, member) for member in members)), row)
        case Between(item, low, high):
            return naive(And((Compare(Comparator.GE, item, low), Compare(Comparator.LE, item, high))), row)
        case TextSearch(words):
            found = [row.task_id, row.task_type, *_texts(row.attributes)]
            return all(any(word.casefold() in text.casefold() for text in found) for word in words)
        case Compare(comparator, left, right):
            return _compare(comparator.value, _value(left, row), _value(right, row))
        case _:
            return _judge(condition, _value(condition.expression, row))


def _judge(condition: Like | Contains | Has | IsNull | Truth, value: Operand) -> bool | None:
    match condition, value:
        case IsNull(), _:
            return value is None
        case _, None:
            return None
        case Truth(), _:
            return not isinstance(value, Time) and isinstance(value, bool | int | float) and value != 0
        case Like(_, pattern, escape), str():
            return _like(value, pattern, escape)
        case Contains(_, text), str():
            return text.casefold() in value.casefold()
        case Has(_, member), list():
            return any(_json(member) == _json(each) for each in value)
        case _:
            return None


def _value(expression: Expression, row: TaskRow) -> Operand:
    match expression:
        case Literal(datetime() as moment):
            return Time(to_micros(moment))
        case Literal(value):
            return value
        case Now(day_only):
            return Time(to_micros(NOW.replace(hour=0, minute=0) if day_only else NOW))
        case Shift(base, amount, unit):
            return _moved(_time(_value(base, row)), amount, unit)
        case Column(name):
            field, kind = COLUMNS[name]
            stored = getattr(row, field)
            if kind == "boolean":
                return bool(stored > 0)
            return Time(stored) if kind == "time" and stored is not None else stored
        case Attribute(path):
            found: Value = row.attributes
            for key in path:
                found = found.get(key) if isinstance(found, dict) else None
            return found
        case _:
            raise TypeError(expression)


def _moved(start: Time | None, amount: int, unit: str) -> Time | None:
    if start is None:
        return None
    moment = from_micros(start)
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months is None:
        with suppress(OverflowError):
            return Time(to_micros(moment + amount * timedelta(**{f"{unit}s": 1})))
        return None
    year, month = divmod(moment.year * 12 + moment.month - 1 + amount * months, 12)
    for day in range(moment.day, moment.day - 4, -1):
        with suppress(ValueError, OverflowError):
            return Time(to_micros(moment.replace(year=year, month=month + 1, day=day)))
    return None


def _time(value: Operand) -> Time | None:
    if isinstance(value, Time):
        return value
    if isinstance(value, str):
        with suppress(TimeError):
            return Time(to_micros(parse_time_or_date(value)))
    return None


def _compare(sign: str, left: Operand, right: Operand) -> bool | None:
    if isinstance(left, Time) or isinstance(right, Time):
        left, right = _time(left), _time(right)
    if left is None or right is None:
        return None
    for kind in (bool, str, list, dict):
        if isinstance(left, kind) is not isinstance(right, kind):
            return None
    if isinstance(left, list | dict):
        return _HOLDS[sign](_json(left), _json(right)) if sign in {"=", "!="} else None
    return _HOLDS[sign](left, right)


def _like(text: str, pattern: str, escape: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == escape:
        return text[:1] == pattern[1] and _like(text[1:], pattern[2:], escape)
    if pattern[0] == "%":
        return any(_like(text[start:], pattern[1:], escape) for start in range(len(text) + 1))
    return text != "" and pattern[0] in {"_", text[0]} and _like(text[1:], pattern[1:], escape)


def _json(value: object) -> object:
    """The value in a form of which Python's equality is that of JSON."""
    match value:
        case bool():
            return "boolean", value
        case list():
            return [_json(each) for each in value]
        case dict():
            return {key: _json(each) for key, each in value.items()}
        case _:
            return value


def _texts(value: Value) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for each in value for text in _texts(each)]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case _:
            return []
