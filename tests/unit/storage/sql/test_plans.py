"""Which index serves which question: none reads the whole table, the common ones sort nothing."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worklattice.lang.condition import And, Column, Comparator, Compare, In, IsNull, Literal, Or
from worklattice.query.ast import BY_AGE, BY_PRIORITY, Query
from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.testing.rows import fill, task_row
from worklattice.testing.store_contract.queries import NEWEST_FIRST, READY, equals

NOW = Literal(datetime(2025, 1, 1, tzinfo=UTC))
LATE = And((Compare(Comparator.LT, Column("due_at"), NOW), IsNull(Column("completed_at"))))
BREACHED = Or((Compare(Comparator.LE, Column("breached_at"), NOW), LATE))


class Spy:
    """Notes the plan of each statement that the reading of one store runs."""

    def __init__(self, store: SqliteStore, path: Path) -> None:
        self.store = store
        self._explaining = sqlite3.connect(path, isolation_level=None)
        self._explaining.create_function("exact_number", 1, float)

    def plan(self, ask: str, *arguments: object) -> str:
        """The plans of the statements that a question runs, as SQLite explains them."""
        statements: list[str] = []
        with self.store.read("w") as view:
            connection: sqlite3.Connection = view._session._connection  # type: ignore[attr-defined]
            connection.set_trace_callback(statements.append)
            answer = getattr(view, ask)(*arguments)
            if ask.startswith("all_") or ask == "tasks_from_template":
                list(answer)
            connection.set_trace_callback(None)
        plans = [self._explaining.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in statements]
        return "; ".join(step[3] for plan in plans for step in plan)

    def close(self) -> None:
        self.store.close()
        self._explaining.close()


@pytest.fixture(scope="module")
def spy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spy]:
    path = tmp_path_factory.mktemp("plans") / "work.db"
    store = SqliteStore(path)
    fill(store, tasks=[task_row(f"t{n}", n + 1, parent_id="t0" if n else None) for n in range(100)])
    spy = Spy(store, path)
    yield spy
    spy.close()


@pytest.mark.parametrize(
    ("index", "ask", "arguments"),
    [
        ("sqlite_autoindex_tasks_1", "task", ("t",)),
        ("sqlite_autoindex_tasks_1", "tasks", (["t", "u"],)),
        ("sqlite_autoindex_tasks_1", "similar_ids", ("t1", 5)),
        ("tasks_children", "children", ("t",)),
        ("tasks_replaced", "replaced_by", ("t",)),
        ("PRIMARY KEY", "events", (0, 10)),
        ("events_of_task", "events", (0, 10, "t")),
        ("tasks_coming", "next_runs", (5,)),
        ("tasks_coming", "next_runs", (5, 10)),
        ("tasks_runs", "select", (Query(where=equals("run_of", "nightly"), limit=50),)),
        ("tasks_templated", "tasks_from_template", ("x", 1)),
        ("events_undoing", "undone_by", (3,)),
        ("keys_by_use", "keys_used_before", (5, 10)),
        ("sqlite_autoindex_consumers_1", "consumer", ("c",)),
        ("sqlite_autoindex_deliveries_1", "delivery", (("c", 1, 0),)),
        ("deliveries_due", "due_deliveries", ("c", 5, 10)),
        ("deliveries_due", "next_delivery", ("c",)),
        ("deliveries_dead", "dead_letters", ("c", (1, 0), 10)),
        ("tasks_ready", "select", (Query(where=READY, sort=BY_PRIORITY, limit=50),)),
        ("tasks_ready", "count", (READY,)),
        ("tasks_by_age", "select", (Query(sort=BY_AGE, limit=50),)),
        ("tasks_by_age", "select", (Query(sort=BY_AGE, limit=50, after=((5,), "t")),)),
        ("tasks_by_status", "select", (Query(where=equals("status", "blocked"), limit=50),)),
        ("tasks_by_status", "select", (Query(where=equals("status", "blocked"), after=((5,), "t")),)),
        ("tasks_by_status", "count", (equals("status", "blocked"),)),
        ("tasks_by_type", "select", (Query(where=equals("task_type", "bug"), limit=50),)),
        ("tasks_by_type", "count", (equals("task_type", "bug"),)),
    ],
)
def test_an_index_answers_in_its_own_order(
    spy: Spy, index: str, ask: str, arguments: tuple[object, ...]
) -> None:
    """The rows come out of the index as they are wanted."""
    plan = spy.plan(ask, *arguments)
    assert index in plan
    assert not re.search("SCAN (tasks|edges|events|deliveries)|TEMP B-TREE", plan)


@pytest.mark.parametrize(
    ("index", "ask", "arguments"),
    [
        ("tasks_due", "due_tasks", (5,)),
        ("tasks_alarms", "due_alarms", (5,)),
        ("tasks_timed", "timed_tasks", ()),
        ("edges_due", "due_edges", (5,)),
        ("PRIMARY KEY", "edges_of", ("t",)),
        ("edges_awaiting", "edges_on", ("t",)),
        ("edges_naming", "edges_naming", ("t",)),
        ("tasks_by_age", "select", (Query(sort=NEWEST_FIRST, limit=50),)),
        ("tasks_by_age", "select", (Query(sort=NEWEST_FIRST, limit=50, after=((5,), "t")),)),
        (
            "tasks_by_status",
            "select",
            (Query(where=equals("status", "blocked"), sort=NEWEST_FIRST, limit=50),),
        ),
        ("tasks_late", "select", (Query(where=LATE, limit=50),)),
        ("tasks_late", "count", (LATE,)),
        ("tasks_late", "count", (BREACHED,)),
        ("tasks_missed", "count", (BREACHED,)),
        ("tasks_by_status", "count", (In(Column("status"), (Literal("a"), Literal("b"))),)),
        ("tasks_children", "select", (Query(where=equals("parent_task_id", "t"), limit=50),)),
        ("sqlite_autoindex_tasks_1", "select", (Query(where=equals("task_id", "t")),)),
        ("tasks_ready", "select", (Query(where=And((READY, equals("task_type", "x"))), sort=BY_PRIORITY),)),
    ],
)
def test_an_index_finds_the_rows(spy: Spy, index: str, ask: str, arguments: tuple[object, ...]) -> None:
    """Few rows, or ties only, are put in order afterwards."""
    plan = spy.plan(ask, *arguments)
    assert index in plan
    assert not re.search("SCAN (tasks|edges|events)", plan)
