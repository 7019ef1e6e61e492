"""What queries promise: the answers of `worklattice.query.evaluate`, however they are found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worklattice.lang.condition import (
    And,
    Attribute,
    Column,
    Comparator,
    Compare,
    Condition,
    In,
    Like,
    Literal,
    Not,
    Or,
    TextSearch,
    Truth,
)
from worklattice.model.rows import TaskRow
from worklattice.query.ast import BY_AGE, BY_PRIORITY, Query, SortKey
from worklattice.query.evaluate import matching, run
from worklattice.query.order import sort_values
from worklattice.storage.api import Store, StoreView
from worklattice.testing.rows import fill, task_row
from worklattice.testing.store_contract.base import Contract, fresh_workspace
from worklattice.testing.strategies import conditions, queries, tasks

NEWEST_FIRST: Final = (SortKey(Column("created_at"), descending=True),)
READY: Final = Truth(Column("ready"))


def equals(name: str, value: str) -> Compare:
    """`name = value` of a column."""
    return Compare(Comparator.EQ, Column(name), Literal(value))


class QueryContract(Contract):
    """Pages, orders and counts."""

    # Hypothesis wants a property to belong to one class; so each of them is made where it is tested.

    def test_select_answers_as_the_reference_does(self, store: Store) -> None:
        """Any filter, order and page, over any rows."""

        @given(data=st.data())
        def agrees(data: st.DataObject) -> None:
            rows = data.draw(tasks())
            workspace = fresh_workspace(store)
            fill(store, workspace, tasks=rows)
            with store.read(workspace) as view:
                for query in data.draw(st.lists(queries(rows), min_size=1, max_size=3)):
                    assert list(view.select(query)) == run(query, rows)

        agrees()

    def test_count_answers_as_the_reference_does(self, store: Store) -> None:
        """How many tasks any condition, and its contrary, is true of."""

        @given(rows=tasks(), where=conditions)
        def agrees(rows: list[TaskRow], where: Condition) -> None:
            workspace = fresh_workspace(store)
            fill(store, workspace, tasks=rows)
            with store.read(workspace) as view:
                for condition in (where, Not(where)):
                    assert view.count(condition) == len(list(matching(condition, rows)))

        agrees()

    @pytest.fixture
    def many(self, store: Store) -> Sequence[TaskRow]:
        """Enough rows, in the workspace `w`, for indexes to be worth walking: 900 in nine moments."""
        rows = [
            task_row(
                f"t{n * 7919 % 1_000:03}",
                n + 1,
                created_at=n // 100 * 1_000,
                parent_id="t000" if n % 3 == 1 else None,
                task_type=("task", "story", "bug")[n % 3],
                status=("pending", "blocked", "completed", "active")[n % 4],
                ready=n % 4 == 0,
                rank=float(n % 5),
                attributes={"points": n % 13, "team": f"team-{n % 7}"},
            )
            for n in range(900)
        ]
        fill(store, tasks=rows)
        return rows

    @pytest.mark.parametrize(
        "where",
        [
            None,
            READY,
            equals("status", "blocked"),
            equals("task_type", "absent"),
            equals("lifecycle_stage", "draft"),
            equals("root_task_id", "t007"),
            equals("parent_task_id", "t000"),
            equals("task_id", "t007"),
            In(Column("status"), (Literal("blocked"), Literal("active"), Literal("blocked"), Literal(None))),
            And((equals("status", "pending"), equals("task_type", "bug"))),
            And((READY, Compare(Comparator.GT, Attribute(("points",)), Literal(10)))),
            And((READY, equals("task_type", "story"), TextSearch(("team-3",)))),
            And((equals("status", "blocked"), Like(Attribute(("team",)), "%-6"))),
            Not(equals("status", "blocked")),
            Or((equals("task_id", "t001"), equals("task_id", "t002"))),
        ],
        ids=str,
    )
    def test_pages_in_every_common_order(
        self, store: Store, many: Sequence[TaskRow], where: Condition | None
    ) -> None:
        """Oldest first, newest first, by priority, by an attribute: each page of a filter, and its size."""
        orders = (BY_AGE, NEWEST_FIRST, BY_PRIORITY, (SortKey(Attribute(("points",)), descending=True),), ())
        with store.read("w") as view:
            assert view.count(where) == len(list(matching(where, many)))
            for sort in orders:
                expected = run(Query(where=where, sort=sort), many)
                assert list(view.select(Query(where=where, sort=sort))) == expected
                for offset in (0, 1, 95, 2_000):
                    page = view.select(Query(where=where, sort=sort, limit=20, offset=offset))
                    assert list(page) == expected[offset : offset + 20]
                assert by_cursor(view, Query(where=where, sort=sort, limit=40)) == expected

    @pytest.mark.usefixtures("many")
    def test_a_page_of_nothing(self, store: Store) -> None:
        """A limit of 0 is an empty page."""
        with store.read("w") as view:
            assert not view.select(Query(limit=0))
            assert not view.select(Query(where=READY, limit=0, offset=3))

    def test_filters_of_many_parts(self, store: Store, many: Sequence[TaskRow]) -> None:
        """Thousands of parts, and parts nested deeply, are only slower."""
        ids = [row.task_id for row in many[::3]]
        nested: Condition = equals("status", "blocked")
        for _ in range(60):
            nested = Not(And((nested, Or((nested,)))) if _ % 20 == 0 else nested)
        wide = (
            Or(tuple(equals("task_id", name) for name in ids * 4)),
            In(Column("task_id"), tuple(map(Literal, ids * 10))),
            In(Attribute(("points",)), tuple(Literal(n / 2) for n in range(3_000))),
        )
        with store.read("w") as view:
            for where in (nested, *wide):
                assert view.count(where) == len(list(matching(where, many)))

    @pytest.mark.parametrize(
        "text", ["' OR 1=1 --", '"', "'); DROP TABLE tasks; --", "\x00", "\ud800", "%", "$.a", "?", "{}"]
    )
    def test_texts_are_only_texts(self, store: Store, text: str) -> None:
        """Whatever stands in a filter, as a value or as a key, is compared and never executed."""
        rows = [task_row("t", attributes={"title": "other"}), task_row("u", 2, attributes={"'": 1})]
        fill(store, tasks=rows)
        for where in (
            Compare(Comparator.EQ, Attribute(("title",)), Literal(text)),
            Compare(Comparator.EQ, Attribute((text, text)), Literal(text)),
            Compare(Comparator.GE, Column("status"), Literal(text)),
            In(Column("task_id"), (Literal(text), Literal("t"))),
            Like(Attribute(("title",)), text),
            TextSearch((text,)),
        ):
            query = Query(where=where, sort=(SortKey(Attribute((text,))),))
            with store.read("w") as view:
                assert list(view.select(query)) == run(query, rows)
                assert view.count(where) == len(list(matching(where, rows)))

    def test_a_query_inside_a_transaction_sees_what_was_there_before(self, store: Store) -> None:
        """Queries of a write answer from the state that it began with."""
        fill(store, tasks=[task_row("t", ready=True)])
        with store.write("w") as transaction:
            assert [row.task_id for row in transaction.select(Query(where=READY, sort=BY_PRIORITY))] == ["t"]
            assert transaction.count(READY) == 1


def by_cursor(view: StoreView, query: Query) -> list[TaskRow]:
    """All pages of the query, each beginning behind the last hit of the one before."""
    found: list[TaskRow] = []
    while page := view.select(query):
        found += page
        query = attrs.evolve(query, after=(sort_values(query.sort, page[-1]), page[-1].task_id))
    return found
