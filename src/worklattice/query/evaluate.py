"""What a query answers: the reference that every store must agree with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nsmallest

from worklattice.lang.condition import Condition
from worklattice.lang.evaluation import compile_condition
from worklattice.model.rows import TaskRow
from worklattice.query.ast import Query
from worklattice.query.fields import source_of
from worklattice.query.order import key_after, order_key


def compile_filter(where: Condition | None) -> Callable[[TaskRow], bool | None]:
    """The condition as a function of a row: a hit where it is true, none where it is false or None."""
    return _every_row if where is None else compile_condition(where, source_of)


def matching(where: Condition | None, rows: Iterable[TaskRow]) -> Iterable[TaskRow]:
    """Those of the rows that the condition is true of."""
    return rows if where is None else filter(compile_filter(where), rows)


def run(query: Query, rows: Iterable[TaskRow]) -> list[TaskRow]:
    """The query's page of the rows.

    Filtered, put in order, from behind `after`, `offset` left out, `limit` of the rest. Cost: one pass, and
    the sorting; with a limit only the best `offset + limit` are kept.
    """
    key = order_key(query.sort)
    hits = matching(query.where, rows)
    if query.after is not None:
        last = key_after(query.sort, *query.after)
        hits = (row for row in hits if key(row) > last)
    if query.limit is None:
        return sorted(hits, key=key)[query.offset :]
    return nsmallest(query.offset + query.limit, hits, key=key)[query.offset :]


def _every_row(_: TaskRow) -> bool:
    return True
