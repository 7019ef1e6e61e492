"""Conditions, tasks and queries for property tests: strategies, a printer, and a naive evaluator.

The evaluator is written from the documented meaning alone, row by row and rule by rule, without looking at the
compiled one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

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
from worklattice.lang.names import join_name
from worklattice.lang.times import UNITS, TimeError, parse_time_or_date
from worklattice.model.rows import TaskRow
from worklattice.query.ast import COLUMNS, CONDITION_NAMES, Query, SortKey
from worklattice.testing.rows import task_row
from worklattice.types import from_micros, to_micros

NOW = datetime(2025, 6, 16, 9, 30, tzinfo=UTC)

# --- what there is to ask ---------------------------------------------------------------------------------

texts = st.sampled_from(
    ["", "a", "A", "ab", "aab", "%", "ß", "SS", "2025-06-16", "2025-06-16T09:30:00Z", "\\", "it's"]
)
numbers = st.sampled_from([-1, 0, 1, 1.0, 0.5, 2**53 + 1, 2.0**53])
scalars = st.one_of(texts, numbers, st.booleans())
structures = st.one_of(st.lists(scalars, max_size=2), st.dictionaries(texts, scalars, max_size=2))
json_values = st.one_of(scalars, st.none(), structures)
moments = st.sampled_from(
    [NOW, NOW - timedelta(days=1), NOW.replace(hour=0, minute=0), NOW + timedelta(days=40)]
)

keys = st.sampled_from(["a", "b", "a.b"])
attributes = st.one_of(keys.map(lambda key: Attribute((key,))), keys.map(lambda key: Attribute(("o", key))))
columns = st.sampled_from(sorted(CONDITION_NAMES)).map(Column)
references = st.one_of(attributes, attributes, columns)
literals = st.one_of(scalars, st.none()).map(Literal)
times = st.one_of(
    st.builds(Now, st.booleans()),
    st.sampled_from(["2025-06-16", "2025-01-31T23:00:00Z"]).map(Literal),
    references,
)
shifts = st.builds(Shift, times, st.sampled_from([-1, 0, 1, 13, -9999, 10**12]), st.sampled_from(UNITS))
expressions: st.SearchStrategy[Expression] = st.one_of(
    references, references, literals, st.builds(Now), shifts
)
comparators = st.sampled_from(Comparator)
patterns = st.lists(st.sampled_from(["%", "_", "a", "b", "ß", "\\%", "\\\\", "!%"]), max_size=4).map("".join)

written_predicates: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, comparators, expressions, expressions),
    st.builds(Compare, comparators, references, literals),
    st.builds(In, expressions, st.lists(expressions, min_size=1, max_size=3).map(tuple)),
    st.builds(In, references, st.lists(literals, min_size=1, max_size=4).map(tuple)),
    st.builds(Between, expressions, expressions, expressions),
    st.builds(Like, st.one_of(references, texts.map(Literal)), patterns),
    st.builds(IsNull, expressions),
    st.builds(
        Truth, st.one_of(references, st.sampled_from([Literal(1), Literal(None), Literal(value=True)]))
    ),
)
"""What a custom filter can say."""

predicates: st.SearchStrategy[Condition] = st.one_of(
    written_predicates,
    st.builds(Compare, comparators, attributes, structures.map(Literal)),
    st.builds(In, attributes, st.lists(json_values.map(Literal), max_size=4).map(tuple)),
    st.builds(Compare, comparators, columns, moments.map(Literal)),
    st.builds(Contains, references, texts),
    st.builds(Has, attributes, json_values),
    st.builds(TextSearch, st.lists(texts.filter(bool), min_size=1, max_size=2).map(tuple)),
)
"""What structured filters can say, too."""


def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        parts,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(And),
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or),
        ),
        max_leaves=5,
    )


written_conditions = combined(written_predicates)
conditions = combined(predicates)

# --- what there is to find --------------------------------------------------------------------------------

moments_or_none = st.one_of(st.none(), moments.map(to_micros))


@st.composite
def tasks(draw: st.DrawFn, task_id: str = "t") -> TaskRow:
    return task_row(
        task_id,
        parent_id=draw(st.sampled_from([None, "p", "a"])),
        task_type=draw(st.sampled_from(["a", "ab"])),
        status=draw(st.sampled_from(["active", "blocked"])),
        stage=draw(st.sampled_from(["draft", "ready"])),
        version=draw(st.integers(1, 3)),
        ready=draw(st.booleans()),
        rank=draw(st.sampled_from([0.0, 1.0, 2.5])),
        children=draw(st.integers(0, 2)),
        edges=draw(st.integers(0, 2)),
        template_version=draw(st.sampled_from([None, 1])),
        created_at=to_micros(draw(moments)),
        due_at=draw(moments_or_none),
        completed_at=draw(moments_or_none),
        attributes=draw(
            st.fixed_dictionaries(
                {"a": scalars, "b": json_values},
                optional={
                    "a.b": json_values,
                    "o": st.one_of(json_values, st.dictionaries(keys, json_values, max_size=3)),
                },
            )
        ),
    )


@st.composite
def populations(draw: st.DrawFn, size: int = 6) -> list[TaskRow]:
    ids = draw(st.lists(st.sampled_from([f"t{n}" for n in range(9)]), max_size=size, unique=True))
    return [draw(tasks(task_id)) for task_id in ids]


sort_keys = st.builds(
    SortKey, st.one_of(attributes, st.sampled_from(sorted(COLUMNS)).map(Column)), st.booleans()
)
sorts = st.lists(sort_keys, min_size=1, max_size=3).map(tuple)
ACTIVE = Compare(Comparator.EQ, Column("status"), Literal("active"))
queries = st.builds(
    Query,
    where=st.one_of(st.none(), st.just(ACTIVE), predicates),
    sort=sorts,
    limit=st.one_of(st.none(), st.integers(1, 5)),
    offset=st.integers(0, 4),
)

# --- printing ---------------------------------------------------------------------------------------------


def printed(condition: Condition) -> str:
    """The condition as text, in the least favourable spelling that means the same."""
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


# --- the naive meaning ------------------------------------------------------------------------------------


class Time(int):
    """A time, as microseconds."""


def naive(condition: Condition, row: TaskRow) -> bool | None:
    """What the condition is of the row, by the book."""
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
        case Compare(comparator, left, right):
            return _compare(comparator.value, _value(left, row), _value(right, row))
        case In(item, members):
            return naive(Or(tuple(Compare(Comparator.EQ, item, member) for member in members)), row)
        case Between(item, low, high):
            return naive(And((Compare(Comparator.GE, item, low), Compare(Comparator.LE, item, high))), row)
        case IsNull(item):
            return _value(item, row) is None
        case Truth(item):
            return _truth(_value(item, row))
        case _:
            return _search(condition, row)


def _search(condition: Condition, row: TaskRow) -> bool | None:
    match condition:
        case Like(item, pattern, escape):
            value = _value(item, row)
            return _like(value, pattern, escape) if isinstance(value, str) else None
        case Contains(item, text):
            value = _value(item, row)
            return text.casefold() in value.casefold() if isinstance(value, str) else None
        case Has(item, member):
            value = _value(item, row)
            return any(_json(member) == _json(each) for each in value) if isinstance(value, list) else None
        case TextSearch(words):
            found = [row.task_id, row.task_type, *_texts(row.attributes)]
            return all(any(word.casefold() in text.casefold() for text in found) for word in words)
        case _:
            raise TypeError(condition)


def _value(expression: Expression, row: TaskRow) -> Any:
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
            value = getattr(row, field)
            return (
                Time(value)
                if kind == "time" and value is not None
                else value > 0
                if kind == "boolean"
                else value
            )
        case Attribute(path):
            value = row.attributes
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            return value
        case _:
            raise TypeError(expression)


def _moved(start: Time | None, amount: int, unit: str) -> Time | None:
    if start is None:
        return None
    moment = from_micros(start)
    try:
        if unit in {"month", "quarter", "year"}:
            months = amount * {"month": 1, "quarter": 3, "year": 12}[unit]
            for day in (moment.day, 30, 29, 28):
                try:
                    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
                    return Time(
                        to_micros(moment.replace(year=year, month=month + 1, day=min(day, moment.day)))
                    )
                except ValueError:
                    continue
            return None
        return Time(to_micros(moment + amount * timedelta(**{f"{unit}s": 1})))
    except OverflowError:
        return None


def _time(value: Any) -> Time | None:
    if isinstance(value, Time):
        return value
    try:
        return Time(to_micros(parse_time_or_date(value))) if isinstance(value, str) else None
    except TimeError:
        return None


def _compare(sign: str, left: Any, right: Any) -> bool | None:
    if isinstance(left, Time) or isinstance(right, Time):
        left, right = _time(left), _time(right)
        if left is None or right is None:
            return None
    for kind in (bool, str, list, dict):
        if isinstance(left, kind) or isinstance(right, kind):
            if not (isinstance(left, kind) and isinstance(right, kind)):
                return None
            if kind in {list, dict}:
                same = _json(left) == _json(right)
                return {"=": same, "!=": not same}.get(sign)
    if left is None or right is None:
        return None
    return bool(
        {
            "=": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[sign]
    )


def _truth(value: Any) -> bool | None:
    if value is None:
        return None
    return not isinstance(value, Time) and isinstance(value, bool | int | float) and value != 0


def _like(text: str, pattern: str, escape: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == escape:
        return text[:1] == pattern[1] and _like(text[1:], pattern[2:], escape)
    if pattern[0] == "%":
        return any(_like(text[start:], pattern[1:], escape) for start in range(len(text) + 1))
    return text[:1] != "" and pattern[0] in {"_", text[0]} and _like(text[1:], pattern[1:], escape)


def _json(value: Any) -> Any:
    """The value in a form of which Python's equality is that of JSON."""
    match value:
        case bool():
            return ("boolean", value)
        case list():
            return [_json(each) for each in value]
        case dict():
            return {key: _json(each) for key, each in value.items()}
        case _:
            return value


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for each in value for text in _texts(each)]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case _:
            return []
