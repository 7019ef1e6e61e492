"""Stores beside their limits: the same work written by hand with dicts and sets, or with `sqlite3`.

python -m benchmarks.stores [--sizes 1000 10000 100000] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from sortedcontainers import SortedList

from benchmarks.measuring import Ratio, compared, save, table
from worklattice.lang.condition import And, Attribute, Column, Comparator, Compare, Condition, Literal, Truth
from worklattice.model.rows import Changes, EventRow, TaskRow, WorkspaceRow
from worklattice.query.ast import BY_AGE, BY_PRIORITY, Query
from worklattice.storage.api import Store
from worklattice.storage.memory.store import MemoryStore
from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.testing.rows import task_row

WORKSPACE: Final = "default"
PAGE: Final = 50
BATCH: Final = 10_000
STATUSES: Final = ("pending", "pending", "active", "completed", "blocked")
READY: Final = Truth(Column("ready"))
BLOCKED: Final = Compare(Comparator.EQ, Column("status"), Literal("blocked"))
TEAM: Final = Compare(Comparator.EQ, Attribute(("team",)), Literal("team-9"))


def task(n: int) -> TaskRow:
    """The task number `n`, with three attributes; ids ascend as generated ones do."""
    return task_row(
        f"0197{n:012x}-7000",
        2 * n + 1,
        task_type=("story", "bug", "task")[n % 3],
        parent_id=f"0197{n - n % 10:012x}-7000" if n % 10 else None,
        attributes={"title": f"Do the thing number {n}", "team": f"team-{n % 20}", "points": n % 13},
        created_at=n * 1_000,
        updated_at=n * 1_000,
        status=STATUSES[n % 5],
        ready=n % 5 == 0,
        rank=float(n % 4),
    )


def creation(numbers: range) -> Changes:
    """A commit that creates these tasks, with two events for each."""
    rows = [task(n) for n in numbers]
    events: list[EventRow] = []
    for row in rows:
        made = {"task_type": row.task_type, "attributes": row.attributes}
        events.append(EventRow(row.seq, "task.created", row.task_id, row.created_at, "me", None, made))
        events.append(EventRow(row.seq + 1, "task.ready", row.task_id, row.created_at, "me", None, {}))
    workspace = WorkspaceRow(WORKSPACE, "stream", events[-1].position, rows[-1].created_at)
    return Changes(workspace, {row.task_id: row for row in rows}, {}, {}, {}, [], [], [], [], events)


def commit(store: Store, changes: Changes) -> None:
    with store.write(WORKSPACE) as transaction:
        transaction.commit(changes)


def fill(store: Store, size: int) -> None:
    for start in range(0, size, BATCH):
        commit(store, creation(range(start, min(size, start + BATCH))))


def creations(first: int, batch: int = 1) -> Iterator[Changes]:
    """Commits made beforehand, so that making them is not measured."""
    return iter(
        [creation(range(first + n * batch, first + (n + 1) * batch)) for n in range(8 * max(1, 400 // batch))]
    )


def updates(size: int) -> Iterator[Changes]:
    """Commits that raise the version of one task after the other."""
    for n in count():
        old = task(n * 7_919 % size)
        position = 10_000_000 + n
        event = EventRow(position, "task.updated", old.task_id, position, "me", None, {"version": 2})
        new = old.but(version=2, updated_at=position)
        workspace = WorkspaceRow(WORKSPACE, "stream", position, position)
        yield Changes(workspace, {old.task_id: new}, {old.task_id: old}, {}, {}, [], [], [], [], [event])


def selecting(store: Store, query: Query) -> Callable[[], int]:
    def select() -> int:
        with store.read(WORKSPACE) as view:
            return len(view.select(query))

    return select


def counting(store: Store, where: Condition) -> Callable[[], int]:
    def total() -> int:
        with store.read(WORKSPACE) as view:
            return view.count(where)

    return total


QUERIES: Final = {
    "ready, by priority, 50": Query(where=READY, sort=BY_PRIORITY, limit=PAGE),
    "a status, oldest first, 50": Query(where=BLOCKED, sort=BY_AGE, limit=PAGE),
    "a status and an attribute, oldest first, 50": Query(where=And((BLOCKED, TEAM)), sort=BY_AGE, limit=PAGE),
}


# --- memory -------------------------------------------------------------------------------------------------


class Dicts:
    """What a store in memory must at least do: a dict, four indexes of sets, two in order, a log."""

    def __init__(self) -> None:
        self.rows: dict[str, TaskRow] = {}
        self.sets: dict[tuple[str, Any], set[str]] = {}
        self.by_age: SortedList[tuple[int, str]] = SortedList()
        self.ready: SortedList[tuple[float, int, str]] = SortedList()
        self.log: list[EventRow] = []

    def create(self, row: TaskRow, events: list[EventRow]) -> None:
        self.rows[row.task_id] = row
        for key in (("s", row.status), ("t", row.task_type), ("g", row.stage), ("p", row.parent_id)):
            ids = self.sets.get(key)
            if ids is None:
                self.sets[key] = {row.task_id}
            else:
                ids.add(row.task_id)
        self.by_age.add((row.created_at, row.task_id))
        if row.ready:
            self.ready.add((row.rank, row.created_at, row.task_id))
        self.log.extend(events)

    def fill(self, changes: Changes) -> None:
        for row in changes.tasks.values():
            if row is not None:
                self.create(row, changes.events[:0])
        self.log.extend(changes.events)

    def update(self, changes: Changes) -> None:
        for task_id, row in changes.tasks.items():
            if row is not None:
                self.rows[task_id] = row
        self.log.extend(changes.events)


def memory(size: int) -> Iterator[Ratio]:
    """The store in memory beside dicts, sets and sorted lists."""
    store, dicts = MemoryStore(), Dicts()
    fill(store, size)
    for start in range(0, size, BATCH):
        dicts.fill(creation(range(start, min(size, start + BATCH))))
    rows = dicts.rows
    by_hand: dict[str, Callable[[], object]] = {
        "ready, by priority, 50": lambda: [rows[key[2]] for key in islice(dicts.ready, PAGE)],
        "a status, oldest first, 50": lambda: list(
            islice((r for _, i in dicts.by_age if (r := rows[i]).status == "blocked"), PAGE)
        ),
        "a status and an attribute, oldest first, 50": lambda: list(
            islice(
                (
                    r
                    for _, i in dicts.by_age
                    if (r := rows[i]).status == "blocked" and r.attributes.get("team") == "team-9"
                ),
                PAGE,
            )
        ),
    }
    for what, query in QUERIES.items():
        yield compared(f"memory: {what}", size, selecting(store, query), by_hand[what], times=20)
    blocked = dicts.sets["s", "blocked"]
    yield compared(
        "memory: count of a status", size, counting(store, BLOCKED), lambda: len(blocked), times=500
    )
    ours, theirs = updates(size), updates(size)
    changes = [list(islice(each, 400 * 7)) for each in (ours, theirs)]
    ours, theirs = map(iter, changes)
    yield compared(
        "memory: update a task", size,
        lambda: commit(store, next(ours)), lambda: dicts.update(next(theirs)), times=400,
    )  # fmt: skip
    # Positions go on behind those of the updates, so that the log stays in order.
    ours, theirs = creations(20_000_000), creations(20_000_000)
    yield compared(
        "memory: create a task", size,
        lambda: commit(store, next(ours)), lambda: dicts.fill(next(theirs)), times=400,
    )  # fmt: skip
    store.close()


# --- SQLite ---------------------------------------------------------------------------------------------------

RAW: Final = (
    "CREATE TABLE task (id TEXT PRIMARY KEY, type TEXT, parent TEXT, stage TEXT, status TEXT, attributes TEXT, "
    "version INTEGER, created INTEGER, updated INTEGER, started INTEGER, ended INTEGER, ready INTEGER, rank REAL)",
    "CREATE INDEX by_status ON task (status, created, id)",
    "CREATE INDEX by_type ON task (type, created, id)",
    "CREATE INDEX by_parent ON task (parent, created)",
    "CREATE INDEX by_ready ON task (ready, rank, created, id)",
    "CREATE TABLE event (position INTEGER PRIMARY KEY, type TEXT, task TEXT, at INTEGER, actor TEXT, data TEXT)",
)
INSERT_TASK: Final = f"INSERT INTO task VALUES ({', '.join('?' * 13)})"
INSERT_EVENT: Final = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)"
SELECTED: Final = (
    "SELECT id, type, parent, stage, status, attributes, version, created, updated, ready FROM task "
)
PAGES: Final = {
    "ready, by priority, 50": f"{SELECTED} WHERE ready = 1 ORDER BY rank, created, id LIMIT 50",
    "a status, oldest first, 50": f"{SELECTED} WHERE status = 'blocked' ORDER BY created, id LIMIT 50",
    "a status and an attribute, oldest first, 50": f"{SELECTED} WHERE status = 'blocked' "
    "AND json_extract(attributes, '$.team') = 'team-9' ORDER BY created, id LIMIT 50",
}


class Prepared(NamedTuple):
    """The parameters of raw statements, made beforehand as the rows of a commit are."""

    tasks: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]


def prepared(changes: Changes, *, events: int) -> Prepared:
    rows = [row for row in changes.tasks.values() if row is not None]
    return Prepared(
        [
            (r.task_id, r.task_type, r.parent_id, r.stage, r.status, json.dumps(r.attributes), r.version,
             r.created_at, r.updated_at, None, None, r.ready, r.rank)
            for r in rows
        ],
        [
            (e.position, e.event_type, e.task_id, e.at, e.actor, json.dumps(e.data))
            for e in changes.events
            if e.position % 2 or events > 1
        ],
    )  # fmt: skip


class Raw:
    """Two tables and four secondary indexes, by hand."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *RAW):
            self.connection.execute(statement)

    def create(self, rows: Prepared) -> None:
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        execute(INSERT_TASK, rows.tasks[0])
        execute(INSERT_EVENT, rows.events[0])
        execute("COMMIT")

    def create_many(self, rows: Prepared) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(INSERT_TASK, rows.tasks)
        self.connection.executemany(INSERT_EVENT, rows.events)
        self.connection.execute("COMMIT")

    def page(self, sql: str) -> list[tuple[Any, ...]]:
        return [(*row[:5], json.loads(row[5]), *row[6:]) for row in self.connection.execute(sql)]


def sqlite(size: int, folder: Path) -> Iterator[Ratio]:
    """The store in a file beside hand-written SQL."""
    store, raw = SqliteStore(folder / f"ours-{size}.db"), Raw(folder / f"raw-{size}.db")
    for start in range(0, size, BATCH):
        changes = creation(range(start, min(size, start + BATCH)))
        commit(store, changes)
        raw.create_many(prepared(changes, events=2))

    for what, query in QUERIES.items():
        sql = PAGES[what]
        yield compared(
            f"SQLite: {what}", size, selecting(store, query), lambda sql=sql: raw.page(sql), times=20
        )
    counted = "SELECT count(*) FROM task WHERE status = 'blocked'"
    yield compared(
        "SQLite: count of a status", size,
        counting(store, BLOCKED), lambda: raw.connection.execute(counted).fetchone(), times=20,
    )  # fmt: skip

    ours, theirs = creations(size), (prepared(each, events=1) for each in list(creations(size)))
    rows = iter(list(theirs))
    yield compared(
        "SQLite: create a task, a commit each (raw: one event)", size,
        lambda: commit(store, next(ours)), lambda: raw.create(next(rows)), times=300,
    )  # fmt: skip
    first = size + 10 * BATCH
    many, raw_many = creations(first, BATCH), [prepared(each, events=2) for each in creations(first, BATCH)]
    raw_rows = iter(raw_many)
    yield compared(
        "SQLite: create 10,000 tasks in one commit", size,
        lambda: commit(store, next(many)), lambda: raw.create_many(next(raw_rows)), of=BATCH, rounds=5,
    )  # fmt: skip
    raw.connection.close()
    store.close()


def main() -> None:
    """Measure, print, and keep the result if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--json", type=Path, help="also write the ratios to this file")
    arguments = parser.parse_args()
    ratios: list[Ratio] = []
    with TemporaryDirectory(prefix="worklattice-bench-") as folder:
        for size in arguments.sizes:
            ratios += memory(size)
            ratios += sqlite(size, Path(folder))
    print(table(ratios))
    if arguments.json:
        save(ratios, arguments.json)


if __name__ == "__main__":
    main()
