"""Queries over a session: as much as can be in SQL, and Python for what is left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

import attrs

from worklattice.lang.condition import Condition
from worklattice.model.rows import TaskRow
from worklattice.query.ast import Query
from worklattice.query.evaluate import compile_filter, matching, run
from worklattice.storage.sql.filters import compile_where, joined
from worklattice.storage.sql.ordering import compile_order
from worklattice.storage.sql.rows import TASKS
from worklattice.storage.sql.session import Dialect, Session, Sql

_NO_LIMIT: Final = (1 << 63) - 1
_NO_PAGE: Final = Sql("")


def select(session: Session, dialect: Dialect, workspace: str, query: Query) -> list[TaskRow]:
    """The query's page."""
    where, rest = compile_where(query.where, dialect)
    order = compile_order(query, dialect)
    if order is None:
        rows = _rows(session, workspace, where)
        return run(attrs.evolve(query, where=rest), rows)
    if order.behind is not None:
        where = joined("AND", [where, order.behind])
    ordered = Sql(f" ORDER BY {order.by.text}", order.by.parameters)
    if rest is None:
        limit = _NO_LIMIT if query.limit is None else query.limit
        page = Sql(f"{ordered.text} LIMIT ? OFFSET ?", (*ordered.parameters, limit, query.offset))
        text, parameters = _statement(workspace, where, page)
        return TASKS.rows(session.all(text, parameters))
    hits = matching(rest, _rows(session, workspace, where, ordered))
    end = None if query.limit is None else query.offset + query.limit
    return list(islice(hits, query.offset, end))


def count(session: Session, dialect: Dialect, workspace: str, where: Condition | None) -> int:
    """How many tasks the condition is true of."""
    sql, rest = compile_where(where, dialect)
    if rest is None:
        text = f"SELECT count(*) FROM tasks WHERE workspace = ? AND ({sql.text})"  # noqa: S608 - values are bound
        record = session.one(text, (workspace, *sql.parameters))
        return 0 if record is None else int(record[0])
    return sum(map(bool, map(compile_filter(rest), _rows(session, workspace, sql))))


def _rows(session: Session, workspace: str, where: Sql, page: Sql = _NO_PAGE) -> Iterator[TaskRow]:
    """The rows that the database finds, one by one as it finds them."""
    text, parameters = _statement(workspace, where, page)
    return map(TASKS.row, session.stream(text, parameters))


def _statement(workspace: str, where: Sql, page: Sql) -> Sql:
    parameters = (workspace, *where.parameters, *page.parameters)
    return Sql(f"{TASKS.select} AND ({where.text}){page.text}", parameters)
