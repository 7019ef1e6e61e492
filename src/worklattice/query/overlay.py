"""Queries over rows that are not stored yet: a store's answer, corrected by what has changed since.

A read overlays what time has changed, a transaction what it has already done. The store answers for its own
rows; the changed ones are judged here and merged in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Protocol

import attrs

from worklattice.lang.condition import Condition
from worklattice.model.rows import TaskRow
from worklattice.query.ast import Query
from worklattice.query.evaluate import matching, run
from worklattice.query.order import order_key


class Answering(Protocol):
    """What is asked of a store's view: `worklattice.storage.api.StoreView` has it."""

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        """Those of the tasks that exist, by id."""
        ...

    def select(self, query: Query) -> Sequence[TaskRow]:
        """The query's page."""
        ...

    def count(self, where: Condition | None) -> int:
        """How many tasks the condition is true of."""
        ...


def select(view: Answering, changed: Mapping[str, TaskRow | None], query: Query) -> list[TaskRow]:
    """The query's page as if `changed` were stored: each id with its row now, or None where it is gone.

    Cost: the store is asked for at most `offset + limit` rows and as many more as have changed.
    """
    if not changed:
        return list(view.select(query))
    end = None if query.limit is None else query.offset + query.limit
    wider = attrs.evolve(query, offset=0, limit=None if end is None else end + len(changed))
    stored = (row for row in view.select(wider) if row.task_id not in changed)
    mine = run(attrs.evolve(wider, limit=end), (row for row in changed.values() if row is not None))
    return list(islice(merge(stored, mine, key=order_key(query.sort)), query.offset, end))


def count(view: Answering, changed: Mapping[str, TaskRow | None], where: Condition | None) -> int:
    """How many tasks the condition is true of, as if `changed` were stored."""
    total = view.count(where)
    if not changed:
        return total
    before = view.tasks(list(changed)).values()
    now = (row for row in changed.values() if row is not None)
    return total - _size(where, before) + _size(where, now)


def _size(where: Condition | None, rows: Iterable[TaskRow]) -> int:
    return sum(1 for _ in matching(where, rows))
