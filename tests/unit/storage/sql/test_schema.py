"""The schema fits the rows, and the statistics fit the schema."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from worklattice.errors import StoreError
from worklattice.lang.condition import TextSearch
from worklattice.model.rows import TaskRow
from worklattice.query.ast import Query
from worklattice.storage.sql import sqlite_file
from worklattice.storage.sql.rows import (
    CALENDARS,
    COMMENTS,
    CONSUMERS,
    DELIVERIES,
    EDGES,
    EVENTS,
    HOLDS,
    KEYS,
    TASKS,
    TEMPLATES,
    TYPES,
)
from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.testing.rows import changes_over, edge_row, fill, task_row


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def connection(store: SqliteStore, path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def test_tables_have_the_fields_of_rows_in_their_order(connection: sqlite3.Connection) -> None:
    """The columns of a table are the workspace and then the fields of its row."""
    for table in (
        TASKS,
        EDGES,
        HOLDS,
        EVENTS,
        COMMENTS,
        TEMPLATES,
        TYPES,
        CALENDARS,
        KEYS,
        CONSUMERS,
        DELIVERIES,
    ):
        columns = [name for (_, name, *_) in connection.execute(f"PRAGMA table_info({table.name})")]
        assert columns == ["workspace", *table.fields]


def test_every_index_has_statistics(connection: sqlite3.Connection) -> None:
    """The planner is told of all but those of small tables, and of none that is not there."""
    told = {index for _, index, _ in sqlite_file._STATISTICS}
    indexes = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    kept_by_key = {"workspaces", "edges", "events", "holds"}
    assert told - kept_by_key <= indexes
    small = {"templates", "task_types", "calendars", "idempotency_keys", "consumers"}
    assert {name for name in indexes - told if not any(table in name for table in small)} == set()
    assert connection.execute("SELECT count(*) FROM sqlite_stat1").fetchone() == (len(told),)


def test_a_task_that_others_refer_to_cannot_go(store: SqliteStore) -> None:
    """The database refuses rows that refer to nothing, whatever its caller believes."""
    fill(store, tasks=[task_row("p"), task_row("t", 2, parent_id="p")], edges=[edge_row("p", "t", 3)])
    for gone in ("p", "t"):
        with pytest.raises(StoreError) as caught:
            fill(store, gone_tasks=[gone])
        assert caught.value.kind == "incompatible"
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        fill(store, tasks=[task_row("u", 4, parent_id="absent")])
    with store.read("w") as view:
        assert [row.task_id for row in view.all_tasks()] == ["p", "t"]


def test_a_change_to_a_row_that_is_not_there_is_refused(store: SqliteStore) -> None:
    """An update or a deletion that hits no row is not passed over in silence."""
    for tasks in ([task_row("t", version=2)], []):
        with store.write("w") as transaction:
            changes = changes_over(transaction, "w", tasks=tasks, gone_tasks=[] if tasks else ["t"])
            stale = changes._replace(previous_tasks={"t": task_row("t")})
            with pytest.raises(StoreError, match="not there"):
                transaction.commit(stale)
    with store.read("w") as view:
        assert view.workspace() is None


def test_only_what_changed_is_written() -> None:
    """An update names the fields that differ, so that the indexes on others are left alone."""
    old = task_row("t", attributes={"a": 1}, result=[1])
    new = old.but(version=2, status="blocked", attributes={"a": True})
    places = TASKS.changed(old, new)
    assert [TaskRow._fields[place] for place in places] == ["attributes", "version", "status"]
    assigned, _, condition = TASKS.update(places).partition(" WHERE ")
    assert re.findall(r'"(\w+)" = \?', assigned) == ["attributes", "version", "status"]
    assert re.findall(r'"(\w+)" = \?', condition) == ["workspace", "task_id"]
    assert TASKS.update_parameters(places, "w", new) == ['{"a":true}', 2, "blocked", "w", "t"]
    assert TASKS.changed(old, old.but(version=1)) == ()


def test_a_value_that_no_column_holds_is_refused(store: SqliteStore) -> None:
    """What the driver does not take is told as such, and not taken for a view that was left."""
    with pytest.raises(StoreError, match="do not fit"):
        fill(store, tasks=[task_row("t", stage=object())])


def test_queries_left_half_read_leave_nothing_open(store: SqliteStore) -> None:
    """A page that Python had to find reads no further than it must, and gives its cursor back."""
    fill(store, tasks=[task_row(f"t{n}", n + 1, attributes={"title": "some text"}) for n in range(100)])
    with store.read("w") as view:
        for _ in range(3):
            assert len(view.select(Query(where=TextSearch(("text",)), limit=5))) == 5
        assert not view._session._streams  # type: ignore[attr-defined]
