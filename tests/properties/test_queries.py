"""Laws of queries: orders, pages, and what has changed since the store was written."""

from collections.abc import Sequence
from itertools import pairwise

import attrs
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.conditions import NOW, conditions, populations, queries, sorts, tasks
from tests.properties.naive import naive
from worklattice.lang.condition import Condition
from worklattice.lang.folding import fold
from worklattice.model.rows import TaskRow
from worklattice.query import overlay
from worklattice.query.ast import Query, SortKey
from worklattice.query.cursor import read_cursor, write_cursor
from worklattice.query.evaluate import matching, run
from worklattice.query.order import order_key, sort_rows, sort_values


class PlainStore:
    """A store that scans."""

    def __init__(self, rows: Sequence[TaskRow]) -> None:
        self._rows = rows
        self.asked: list[Query] = []

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        return {row.task_id: row for row in self._rows if row.task_id in task_ids}

    def select(self, query: Query) -> Sequence[TaskRow]:
        self.asked.append(query)
        return run(query, self._rows)

    def count(self, where: Condition | None) -> int:
        return sum(1 for _ in matching(where, self._rows))


def folded(query: Query) -> Query:
    return query if query.where is None else attrs.evolve(query, where=fold(query.where, NOW))


@given(populations(), sorts)
def test_order_is_total(rows: list[TaskRow], sort: tuple[SortKey, ...]) -> None:
    """Any two tasks compare one way, so that every shuffle sorts to the same."""
    ordered = sort_rows(rows, sort)
    assert sort_rows(reversed(rows), sort) == ordered
    keys = [order_key(sort)(row) for row in ordered]
    assert all(one < other and not other < one for one, other in pairwise(keys))


@given(populations(), queries)
def test_page_is_a_slice_of_all_hits(rows: list[TaskRow], query: Query) -> None:
    """Filtering, ordering and paging are independent: a page is a slice of the ordered hits."""
    query = folded(query)
    hits = [
        row for row in sort_rows(rows, query.sort) if query.where is None or naive(query.where, row) is True
    ]
    end = None if query.limit is None else query.offset + query.limit
    assert run(query, rows) == hits[query.offset : end]


@given(populations(size=9), queries, st.integers(1, 3))
def test_pages_by_cursor_are_all_hits_once(rows: list[TaskRow], query: Query, size: int) -> None:
    """Going on behind the last hit, by a cursor, gives every hit once and in order."""
    query = attrs.evolve(folded(query), limit=None, offset=0)
    paged: list[TaskRow] = []
    page = attrs.evolve(query, limit=size)
    while hits := run(page, rows):
        paged += hits
        cursor = write_cursor(hits[-1], query.sort, "q")
        assert cursor is not None
        page = attrs.evolve(page, after=read_cursor(cursor, query.sort, "q", "p"))
    assert paged == run(query, rows)


@given(populations(size=9), queries, st.data())
def test_rows_not_stored_yet_count_as_stored(
    stored: list[TaskRow], query: Query, data: st.DataObject
) -> None:
    """Laid over a store, changed rows give what a store would that held them; gone ones are gone."""
    query = folded(query)
    ids = data.draw(st.lists(st.sampled_from([f"t{n}" for n in range(9)]), unique=True))
    changed = {task_id: data.draw(st.one_of(st.none(), tasks(task_id))) for task_id in ids}
    union = [row for row in stored if row.task_id not in changed]
    union += [row for row in changed.values() if row is not None]
    last = data.draw(st.none() | st.sampled_from(union + stored)) if union else None
    if last is not None:
        query = attrs.evolve(query, after=(sort_values(query.sort, last), last.task_id))
    store = PlainStore(stored)
    assert overlay.select(store, changed, query) == run(query, union)
    assert overlay.count(store, changed, query.where) == sum(1 for _ in matching(query.where, union))
    for asked in store.asked:
        assert (asked.limit is None) == (query.limit is None)
        assert asked.limit is None or asked.limit <= query.offset + (query.limit or 0) + len(changed)


@given(conditions, populations())
def test_count_is_the_number_of_hits(where: Condition, rows: list[TaskRow]) -> None:
    """Counting and finding agree."""
    where = fold(where, NOW)
    assert len(run(Query(where=where), rows)) == overlay.count(PlainStore(rows), {}, where)
