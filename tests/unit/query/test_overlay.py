from collections.abc import Sequence

import pytest

from worklattice.lang.condition import Column, Comparator, Compare, Condition, Literal
from worklattice.model.rows import TaskRow
from worklattice.query import overlay
from worklattice.query.ast import Query, SortKey
from worklattice.query.evaluate import matching, run
from worklattice.testing.rows import task_row

ACTIVE = Compare(Comparator.EQ, Column("status"), Literal("active"))
NEWEST_FIRST = (SortKey(Column("created_at"), descending=True),)


class FiveStored:
    """A view of a store that holds t0 to t4, created in this order, all active."""

    rows = tuple(task_row(f"t{n}", created_at=n, status="active") for n in range(5))

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        return {row.task_id: row for row in self.rows if row.task_id in task_ids}

    def select(self, query: Query) -> Sequence[TaskRow]:
        self.asked.append(query)
        return run(query, self.rows)

    def count(self, where: Condition | None) -> int:
        return sum(1 for _ in matching(where, self.rows))


LEFT = task_row("t1", created_at=1, status="blocked")
MOVED = task_row("t3", created_at=-1, status="active")
FIRST = task_row("a", created_at=-2, status="active")
NEW = task_row("t9", created_at=2, status="active")


@pytest.mark.parametrize(
    ("changed", "query", "ids"),
    [
        ({}, Query(limit=2), ["t0", "t1"]),
        ({"t0": None}, Query(limit=2), ["t1", "t2"]),
        ({"t0": None, "t1": None, "t2": None}, Query(limit=2), ["t3", "t4"]),
        ({"t1": LEFT}, Query(where=ACTIVE, limit=2), ["t0", "t2"]),
        ({"t3": MOVED}, Query(limit=2), ["t3", "t0"]),
        ({"t3": MOVED}, Query(limit=2, offset=3), ["t2", "t4"]),
        ({"t9": NEW}, Query(limit=3, offset=2), ["t2", "t9", "t3"]),
        ({"t9": NEW, "t0": None}, Query(), ["t1", "t2", "t9", "t3", "t4"]),
        ({"t9": NEW, "t4": None}, Query(sort=NEWEST_FIRST, limit=2), ["t3", "t2"]),
        ({"t9": NEW}, Query(sort=NEWEST_FIRST, limit=2, offset=1), ["t3", "t2"]),
        ({"t0": None}, Query(limit=1, offset=4), []),
        ({"a": FIRST, "t3": MOVED}, Query(limit=1, offset=1), ["t3"]),
        ({"t9": NEW}, Query(after=((FiveStored.rows[2].created_at,), "t2"), limit=2), ["t9", "t3"]),
        ({"missing": None}, Query(limit=1), ["t0"]),
    ],
)
def test_page_over_what_has_changed(changed: dict[str, TaskRow | None], query: Query, ids: list[str]) -> None:
    """What left falls out, what came or moved stands in its place, and the page is as full as it can be."""
    assert [row.task_id for row in overlay.select(FiveStored(), changed, query)] == ids


def test_store_is_asked_for_little_more_than_the_page() -> None:
    """Only as many more rows are read as could fall out."""
    store = FiveStored()
    overlay.select(store, {"t0": None, "t9": NEW}, Query(limit=1, offset=1))
    (asked,) = store.asked
    assert (asked.limit, asked.offset) == (4, 0)


def test_nothing_changed() -> None:
    """Without changes the store's answer is the answer."""
    store = FiveStored()
    query = Query(limit=1, offset=1)
    overlay.select(store, {}, query)
    assert store.asked == [query]


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        ({}, 5),
        ({"t1": LEFT}, 4),
        ({"t1": None}, 4),
        ({"t9": NEW}, 6),
        ({"t3": MOVED}, 5),
        ({"missing": None}, 5),
    ],
)
def test_count_over_what_has_changed(changed: dict[str, TaskRow | None], count: int) -> None:
    """Each changed task counts as it is now, and no longer as it was."""
    assert overlay.count(FiveStored(), changed, ACTIVE) == count
