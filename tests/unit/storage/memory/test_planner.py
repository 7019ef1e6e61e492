"""Queries in memory: an index is walked, or its rows are put in order, and nobody can tell which."""

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worklattice.lang.condition import (
    And,
    Column,
    Comparator,
    Compare,
    Condition,
    In,
    IsNull,
    Literal,
    Or,
)
from worklattice.lang.values import Value
from worklattice.model.rows import TaskRow
from worklattice.query.ast import BY_AGE, BY_PRIORITY, Query, SortKey
from worklattice.query.evaluate import run
from worklattice.query.order import sort_values
from worklattice.storage.memory import planner
from worklattice.storage.memory.store import MemoryStore
from worklattice.testing.rows import fill, task_row
from worklattice.testing.store_contract.queries import NEWEST_FIRST, READY, equals
from worklattice.testing.strategies import TIMES, conditions, tasks
from worklattice.types import from_micros


@pytest.fixture(autouse=True)
def few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walk indexes however short they are."""
    monkeypatch.setattr(planner, "_FEW", 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=tasks(max_size=30),
    where=st.none() | conditions,
    sort=st.sampled_from((BY_AGE, NEWEST_FIRST, BY_PRIORITY)),
    data=st.data(),
)
def test_walking_finds_what_the_reference_finds(
    rows: list[TaskRow], where: Condition | None, sort: tuple[SortKey, ...], data: st.DataObject
) -> None:
    """In each order that an index has, from the beginning and from behind any row."""
    if sort is BY_PRIORITY:
        where = And((READY,) if where is None else (where, READY))
    last = data.draw(st.none() | st.sampled_from(rows)) if rows else None
    query = Query(
        where=where, sort=sort, limit=data.draw(st.integers(0, 4)), offset=data.draw(st.integers(0, 2))
    )
    if last is not None:
        query = attrs.evolve(query, after=(sort_values(query.sort, last), last.task_id))
    store = MemoryStore()
    fill(store, tasks=rows)
    with store.read("w") as view:
        assert list(view.select(query)) == run(query, rows)


_OF_LATENESS = ("due_at", "breached_at", "completed_at")


def _until(column: str, comparator: Comparator, moment: int) -> Condition:
    return Compare(comparator, Column(column), Literal(from_micros(moment)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=tasks(max_size=30),
    changed=tasks(max_size=30),
    comparator=st.sampled_from((Comparator.LT, Comparator.LE)),
    moment=st.sampled_from(TIMES),
    other=st.none() | conditions,
)
def test_what_is_late_is_found_by_indexes(
    rows: list[TaskRow], changed: list[TaskRow], comparator: Comparator, moment: int, other: Condition | None
) -> None:
    """Due and not ended, or missed, or either; alone, with another condition, and after changes."""
    store = MemoryStore()
    fill(store, tasks=rows)
    pairs = zip(rows, changed, strict=False)
    after = [old.but(**{name: getattr(new, name) for name in _OF_LATENESS}) for old, new in pairs]
    fill(store, tasks=after)
    now = [*after, *rows[len(after) :]]
    late = And((_until("due_at", comparator, moment), IsNull(Column("completed_at"))))
    missed = _until("breached_at", comparator, moment)
    with store.read("w") as view:
        for asked in (late, missed, Or((missed, late)), Or((late, equals("status", "active")))):
            where = asked if other is None else And((other, asked))
            query = Query(where=where, limit=5)
            assert list(view.select(query)) == run(query, now)
            assert view.count(where) == len(run(Query(where=where), now))


@pytest.fixture
def rows() -> list[TaskRow]:
    """A thousand, one in ten ready, one of them blocked."""
    return [
        task_row(f"t{n}", n + 1, created_at=n, ready=n % 10 == 0, status="blocked" if n == 500 else "pending")
        for n in range(1_000)
    ]


def test_a_walk_that_finds_too_little_gives_way(rows: list[TaskRow]) -> None:
    """Where the ready rows come last in the order of age, their own index finds them."""
    store = MemoryStore()
    late = [row.but(ready=row.created_at > 899) for row in rows]
    fill(store, tasks=late)
    query = Query(where=READY, limit=50)
    with store.read("w") as view:
        assert list(view.select(query)) == run(query, late)


def test_a_page_behind_values_that_no_row_can_have(rows: list[TaskRow]) -> None:
    """A forged position is compared like any other."""
    store = MemoryStore()
    fill(store, tasks=rows)
    with store.read("w") as view:
        forged: list[Value] = ["text", None, True, [], 3, 2.5]
        for value in forged:
            for sort in (BY_AGE, NEWEST_FIRST):
                query = Query(sort=sort, limit=5, after=((value,), "t3"))
                assert list(view.select(query)) == run(query, rows)
            for values in ((value, 7), (0, value)):
                query = Query(where=READY, sort=BY_PRIORITY, limit=5, after=(values, "t3"))
                assert list(view.select(query)) == run(query, rows)


def test_counting_by_two_indexes(rows: list[TaskRow]) -> None:
    """Counts of indexed fields come from the sizes of sets and of what they share."""
    store = MemoryStore()
    fill(store, tasks=rows)
    one_type = equals("task_type", "task")
    with store.read("w") as view:
        assert view.count(And((equals("status", "blocked"), one_type))) == 1
        assert view.count(And((equals("status", "pending"), one_type, READY))) == 99
        assert view.count(In(Column("status"), (Literal("blocked"), Literal("gone")))) == 1
        assert view.count(And(())) == 1_000
