"""Orders as SQL: `ORDER BY`, and the condition that a row comes behind another one.

The order is that of `worklattice.query.order`. It is a list of terms, each an expression with a direction,
nulls last; the last one is the task's id, so that no two rows are equal.
"""

from __future__ import annotations

from datetime import datetime
from types import UnionType
from typing import Any, Final, NamedTuple

from worklattice.lang.condition import Column
from worklattice.lang.values import Value
from worklattice.query.ast import COLUMNS, ColumnType, Query, SortKey
from worklattice.query.order import TYPE_PLACES
from worklattice.storage.sql.filters import FALSE, column, is_bindable, joined
from worklattice.storage.sql.session import Dialect, Sql
from worklattice.types import to_micros

_NULLABLE: Final = frozenset(
    {
        "parent_task_id", "template_id", "template_version", "superseded_by", "claimed_by",
        "run_of", "next_run_at",
        "started_at", "completed_at", "due_at", "breached_at", "not_before",
    }
)  # fmt: skip


class Term(NamedTuple):
    """One expression of an order, and its value in the row that a page begins behind."""

    sql: Sql
    descending: bool = False
    nullable: bool = False
    last: Any = None


class Ordering(NamedTuple):
    """An order, translated."""

    by: Sql
    """What follows `ORDER BY`."""
    behind: Sql | None
    """That a row comes behind `Query.after`."""


def compile_order(query: Query, dialect: Dialect) -> Ordering | None:
    """The order of the query and where its page begins; None where that is for Python to say."""
    terms: list[Term] = []
    for place, key in enumerate(query.sort):
        if query.after is None:
            found = _terms(key, dialect)
        else:
            found = _terms_behind(key, query.after[0][place], dialect)
        if found is None:
            return None
        terms += found
    terms.append(Term(Sql('"task_id"'), last=None if query.after is None else query.after[1]))
    by = Sql(", ".join(map(_direction, terms)), tuple(p for term in terms for p in term.sql.parameters))
    return Ordering(by, None if query.after is None else _behind(terms))


def _direction(term: Term) -> str:
    return term.sql.text + (" DESC" if term.descending else "") + (" NULLS LAST" if term.nullable else "")


def _terms(key: SortKey, dialect: Dialect) -> list[Term] | None:
    """The terms that one field of a sort comes to."""
    if isinstance(key.field, Column):
        name = key.field.name
        return [Term(Sql(column(name)), key.descending, nullable=name in _NULLABLE)]
    path = key.field.path
    if not path or not dialect.can_follow(path):
        return None
    return [Term(sql, key.descending, nullable=True) for sql in dialect.order_at(path)]


def _terms_behind(key: SortKey, value: Value, dialect: Dialect) -> list[Term] | None:
    """The same with the values of the row that the page begins behind; None where no row can have them."""
    terms = _terms(key, dialect)
    if terms is None or not is_bindable(value):
        return None
    if isinstance(key.field, Column):
        kind = COLUMNS[key.field.name][1]
        if value is None:
            fits = terms[0].nullable
        elif isinstance(value, datetime):
            value, fits = to_micros(value), kind == "time"
        else:
            fits = isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")
        return [terms[0]._replace(last=value)] if fits else None
    place = None if value is None else TYPE_PLACES[type(value)]
    value = int(value) if isinstance(value, bool) else value  # which `Dialect.order_at` orders as numbers
    number = dialect.number(value) if isinstance(value, int | float) else None
    text = value if isinstance(value, str) else None
    return [term._replace(last=last) for term, last in zip(terms, (place, number, text), strict=True)]


_TYPES: Final[dict[ColumnType, type | UnionType]] = {
    "text": str,
    "integer": int | float,
    "number": int | float,
    "boolean": bool,
    "time": int | float,
}


def _behind(terms: list[Term]) -> Sql:
    """That a row comes behind the one whose values the terms hold."""
    if not any(term.descending or term.nullable for term in terms):
        left = ", ".join(term.sql.text for term in terms)
        places = ", ".join("?" * len(terms))
        return Sql(f"({left}) > ({places})", tuple(term.last for term in terms))
    ways: list[Sql] = []
    same: list[Sql] = []
    for term in terms:
        ways.append(joined("AND", [*same, _beyond(term)]))
        same.append(_same(term))
    behind = joined("OR", ways)
    first = terms[0]
    if first.nullable:
        return behind
    # Says again of the first term what follows anyway, in a form that an index serves.
    sign = "<=" if first.descending else ">="
    return joined("AND", [Sql(f"{first.sql.text} {sign} ?", (first.last,)), behind])


def _beyond(term: Term) -> Sql:
    (text, parameters), last = term.sql, term.last
    if last is None:
        return FALSE
    beyond = Sql(f"{text} {'<' if term.descending else '>'} ?", (*parameters, last))
    return joined("OR", [beyond, Sql(f"{text} IS NULL", parameters)]) if term.nullable else beyond


def _same(term: Term) -> Sql:
    (text, parameters), last = term.sql, term.last
    return Sql(f"{text} IS NULL", parameters) if last is None else Sql(f"{text} = ?", (*parameters, last))
