"""Filters as SQL: the parts that a database judges exactly as the reference does, and the rest.

Conditions are three-valued here as in SQL, so `AND`, `OR` and `NOT` translate word for word once their parts
do. A part translates where its SQL is true, false and null for the very rows of which
`worklattice.lang.evaluation` says so: values of different types compare as null, text by code point, numbers
exactly, booleans as no numbers. What does not translate (letter case ignored, texts read as times, structures
compared with structures, times moved by months) is left for Python to judge, after a coarser condition, where
there is one, has put most rows aside.

Values and keys are parameters. No text that came from outside becomes SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isnan
from typing import Final, NamedTuple

from worklattice.lang.comparing import MIRRORED, type_of
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
    Or,
    TextSearch,
    Truth,
)
from worklattice.lang.folding import time_of
from worklattice.lang.values import Value
from worklattice.query.ast import COLUMNS
from worklattice.storage.conjuncts import conjunction, conjuncts
from worklattice.storage.sql.session import Dialect, Sql

_PARTS: Final = 2_000
"""Parts of a condition beyond which Python judges it: databases limit the size of statements."""
_LEVELS: Final = 10
"""Likewise, the levels to which it may nest."""
_CHAIN: Final = 50
"""So many parts in a row are joined without parentheses, since each deepens the tree that a parser builds."""

TRUE: Final = Sql("TRUE")
FALSE: Final = Sql("FALSE")
UNKNOWN: Final = Sql("NULL")


class Where(NamedTuple):
    """A filter, translated: what the database judges, and what is left to judge of the rows it finds."""

    sql: Sql
    rest: Condition | None


def compile_where(where: Condition | None, dialect: Dialect) -> Where:
    """The filter as SQL and a rest; with no rest, the SQL alone is true of exactly the right rows."""
    translated: list[Sql] = []
    rest: list[Condition] = []
    for part in conjuncts(where):
        try:
            _refuse_too_large(part)
            translated.append(_translate(part, dialect))
        except _Untranslatable:
            translated += _coarser(part, dialect)
            rest.append(part)
    return Where(joined("AND", translated), conjunction(rest))


class _Untranslatable(Exception):  # noqa: N818 - no error: the way a part says that it is for Python
    """The database cannot say this as exactly as the reference."""


def _refuse_too_large(condition: Condition) -> None:
    waiting, count = [(condition, 1)], 0
    while waiting:
        each, level = waiting.pop()
        count += 1 + (len(each.members) if isinstance(each, In) else 0)
        if level > _LEVELS or count > _PARTS:
            raise _Untranslatable
        if isinstance(each, And | Or):
            waiting.extend((item, level + 1) for item in each.items)
        elif isinstance(each, Not):
            waiting.append((each.item, level + 1))


def _translate(condition: Condition, dialect: Dialect) -> Sql:
    match condition:
        case And(items):
            return joined("AND", [_translate(item, dialect) for item in items])
        case Or(items):
            return joined("OR", [_translate(item, dialect) for item in items])
        case Not(item):
            text, parameters = _translate(item, dialect)
            return Sql(f"NOT ({text})", parameters)
        case Compare(comparator, left, right):
            return _compare(comparator, left, right, dialect)
        case Between(item, low, high):
            bounds = ((Comparator.GE, low), (Comparator.LE, high))
            return joined("AND", [_compare(op, item, end, dialect) for op, end in bounds])
        case In(item, members):
            return _in(item, members, dialect)
        case Like(item, pattern, escape):
            return _like(item, pattern, escape, dialect)
        case Has(Attribute(path), str() as member):
            _refuse_unbindable(member)
            return dialect.text_in_array_at(_followed(path, dialect), member)
        case IsNull(item):
            return _is_null(item, dialect)
        case Truth(item):
            return _truth(item, dialect)
        case _:
            raise _Untranslatable


def joined(word: str, parts: Sequence[Sql]) -> Sql:
    """The parts with the word between them, nested where they are many; with no parts, what AND or OR is."""
    if len(parts) <= 1:
        return parts[0] if parts else {"AND": TRUE, "OR": FALSE}[word]
    while len(parts) > _CHAIN:
        parts = [_chained(word, parts[at : at + _CHAIN]) for at in range(0, len(parts), _CHAIN)]
    return _chained(word, parts)


def _chained(word: str, parts: Sequence[Sql]) -> Sql:
    text = f" {word} ".join(f"({part.text})" for part in parts)
    return Sql(text, tuple(parameter for part in parts for parameter in part.parameters))


# --- operands -------------------------------------------------------------------------------------------

_KINDS: Final = {
    "text": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "time": "time",
}
"""Columns by the kind of the values that they hold."""


def column(name: str) -> str:
    """The SQL of a column of queries."""
    field, kind = COLUMNS[name]
    return f'("{field}" > 0)' if kind == "boolean" and field != "ready" else f'"{field}"'


def _kind(expression: Expression) -> str | None:
    """The kind of a column's values; None for other expressions, whose values are of any kind."""
    return _KINDS[COLUMNS[expression.name][1]] if isinstance(expression, Column) else None


def _typed(expression: Expression, kind: str | None, dialect: Dialect) -> Sql | None:
    """The expression where its values are of this kind; None where they never are."""
    match expression:
        case Column(name):
            return Sql(column(name)) if _kind(expression) == kind else None
        case Attribute(path):
            at = {"text": dialect.text_at, "number": dialect.number_at, "boolean": dialect.boolean_at}
            if kind not in at:
                raise _Untranslatable
            return at[kind](_followed(path, dialect))
        case _:
            raise _Untranslatable


def _followed(path: tuple[str, ...], dialect: Dialect) -> tuple[str, ...]:
    if not path or not dialect.can_follow(path):
        raise _Untranslatable
    return path


def is_bindable(value: Value) -> bool:
    """Whether drivers take the value as a parameter and leave it as it is."""
    match value:
        case str():
            return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
        case int():
            return -(1 << 63) <= value < 1 << 63
        case float():
            return not isnan(value)
        case _:
            return True


def _refuse_unbindable(value: Value) -> None:
    if not is_bindable(value):
        raise _Untranslatable


# --- comparisons ----------------------------------------------------------------------------------------


def _compare(comparator: Comparator, left: Expression, right: Expression, dialect: Dialect) -> Sql:
    if isinstance(left, Literal):
        if isinstance(right, Literal):
            raise _Untranslatable
        return _compare(MIRRORED[comparator], right, left, dialect)
    if _is_time(left) or _is_time(right):
        return _compare_times(comparator, left, right)
    if isinstance(right, Literal):
        return _compare_with_constant(comparator, left, right.value, dialect)
    if _kind(left) is None or _kind(right) is None:
        raise _Untranslatable
    one, other = _typed(left, _kind(left), dialect), _typed(right, _kind(left), dialect)
    return (
        UNKNOWN if one is None or other is None else Sql(f"{one.text} {_OPERATORS[comparator]} {other.text}")
    )


_OPERATORS: Final = {
    Comparator.EQ: "=",
    Comparator.NE: "<>",
    Comparator.LT: "<",
    Comparator.LE: "<=",
    Comparator.GT: ">",
    Comparator.GE: ">=",
}


def _is_time(expression: Expression) -> bool:
    return _kind(expression) == "time" or (
        isinstance(expression, Literal) and isinstance(expression.value, datetime)
    )


def _compare_times(comparator: Comparator, left: Expression, right: Expression) -> Sql:
    """A comparison of which at least one side is a time, and the left side no constant."""
    if not (isinstance(left, Column) and _is_time(left)):
        if isinstance(right, Column) and _is_time(right):
            return _compare_times(MIRRORED[comparator], right, left)
        raise _Untranslatable  # a text to be read as a time
    operation = f"{column(left.name)} {_OPERATORS[comparator]}"
    match right:
        case Column(name) if _is_time(right):
            return Sql(f"{operation} {column(name)}")
        case Literal(value):
            micros = time_of(value)
            return UNKNOWN if micros is None else Sql(f"{operation} ?", (micros,))
        case _:
            raise _Untranslatable


def _compare_with_constant(
    comparator: Comparator, left: Expression, constant: Value, dialect: Dialect
) -> Sql:
    if constant is None:
        return UNKNOWN
    _refuse_unbindable(constant)
    typed = _typed(left, type_of(constant), dialect)
    if typed is None:
        return UNKNOWN
    if isinstance(constant, bool) and comparator is Comparator.EQ and isinstance(left, Column):
        return typed if constant else Sql(f"NOT {typed.text}")  # as partial indexes spell it
    return Sql(f"{typed.text} {_OPERATORS[comparator]} ?", (*typed.parameters, _bound(constant, dialect)))


def _bound(value: Value, dialect: Dialect) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return dialect.number(value)
    return value


def _in(item: Expression, members: tuple[Expression, ...], dialect: Dialect) -> Sql:
    if _is_time(item) or not all(isinstance(member, Literal) and not _is_time(member) for member in members):
        return joined("OR", [_compare(Comparator.EQ, item, each, dialect) for each in members])
    constants = [member.value for member in members if isinstance(member, Literal)]
    if isinstance(item, Literal):
        raise _Untranslatable
    if not constants:
        return FALSE
    by_kind: dict[str | None, list[Value]] = {}
    for constant in constants:
        _refuse_unbindable(constant)
        by_kind.setdefault(type_of(constant), []).append(constant)
    # Where the value is of one kind, the test for each other kind is null: what is not found is unknown.
    return joined("OR", [_among(item, kind, values, dialect) for kind, values in by_kind.items()])


def _among(item: Expression, kind: str | None, values: Sequence[Value], dialect: Dialect) -> Sql:
    """That the expression is one of the values, which are all of this kind."""
    if kind is None:
        return UNKNOWN
    typed = _typed(item, kind, dialect)
    if typed is None:
        return UNKNOWN
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) > _FEW:
        text, parameters = dialect.is_one_of(typed.text, texts)
        return Sql(text, typed.parameters + parameters)
    if len(values) == 1:
        return Sql(f"{typed.text} = ?", (*typed.parameters, _bound(values[0], dialect)))
    bound = [_bound(value, dialect) for value in values]
    return Sql(f"{typed.text} IN ({', '.join('?' * len(values))})", (*typed.parameters, *bound))


_FEW: Final = 16
"""So many members stand in a statement one by one."""


# --- the other conditions -------------------------------------------------------------------------------


def _like(item: Expression, pattern: str, escape: str, dialect: Dialect) -> Sql:
    if isinstance(item, Literal):
        raise _Untranslatable
    _refuse_unbindable(pattern)
    typed = _typed(item, "text", dialect)
    if typed is None:
        return UNKNOWN
    translated = dialect.is_like(typed, pattern, escape)
    if translated is None:
        raise _Untranslatable
    return translated


def _is_null(item: Expression, dialect: Dialect) -> Sql:
    match item:
        case Column(name):
            return Sql(f"{column(name)} IS NULL")
        case Attribute(path):
            return dialect.nothing_at(_followed(path, dialect))
        case _:
            raise _Untranslatable


def _truth(item: Expression, dialect: Dialect) -> Sql:
    match item:
        case Column(name) if _kind(item) == "boolean":
            return Sql(column(name))
        case Column(name) if _kind(item) == "number":
            return Sql(f"{column(name)} <> 0")
        case Column(name):
            return Sql(f"CASE WHEN {column(name)} IS NOT NULL THEN FALSE END")
        case Attribute(path):
            boolean, number = (at(_followed(path, dialect)) for at in (dialect.boolean_at, dialect.number_at))
            nothing = dialect.nothing_at(path)
            return Sql(
                f"CASE WHEN {nothing.text} THEN NULL "
                f"ELSE coalesce({boolean.text}, {number.text} <> 0, FALSE) END",
                nothing.parameters + boolean.parameters + number.parameters,
            )
        case _:
            raise _Untranslatable


# --- what Python judges ---------------------------------------------------------------------------------

_PLAIN_WORD: Final = 200
"""Characters of a word at most that databases look for."""


def _coarser(condition: Condition, dialect: Dialect) -> Iterable[Sql]:
    """What is true wherever the condition is, so that Python has fewer rows to judge."""
    match condition:
        case TextSearch(words):
            columns, looked_for = ["task_id", "task_type", "attributes"], words
        case Contains(Column(name), text) if _kind(condition.expression) == "text":
            columns, looked_for = [COLUMNS[name][0]], (text,)
        case Contains(Attribute(), text):
            columns, looked_for = ["attributes"], (text,)
        case _:
            return
    for word in looked_for:
        folded = word.casefold()
        if 0 < len(folded) <= _PLAIN_WORD and _stands_for_itself_in_json(folded):
            yield joined("OR", [dialect.may_contain(f'"{each}"', folded) for each in columns])


def _stands_for_itself_in_json(text: str) -> bool:
    return is_bindable(text) and not any(each in '"\\' or each < " " for each in text)
