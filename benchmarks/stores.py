"""The stores alone, without any rules, beside the same work by hand: dicts and sets, or `sqlite3`.

    python -m benchmarks.stores [--sizes 1000 10000 100000] [--rounds N] [--json FILE]

Everything that is written is made beforehand, for the store and for its limit alike.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from sortedcontainers import SortedList

from benchmarks.pairs import Measured, Pair, Work, measure, table
from worklattice.lang.condition import And, Attribute, Column, Comparator, Compare, Condition, Literal, Truth
from worklattice.model.rows import Changes, EventRow, TaskRow, WorkspaceRow
from worklattice.query.ast import BY_PRIORITY, Query
from worklattice.storage.api import Store
from worklattice.storage.memory.store import MemoryStore
from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.testing.rows import task_row
from worklattice.types import JsonObject

WORKSPACE: Final = "default"
PAGE: Final = 50
BATCH: Final = 10_000
STATUSES: Final = ("pending", "pending", "active", "completed", "blocked")
READY: Final = Truth(Column("ready"))
BLOCKED: Final = Compare(Comparator.EQ, Column("status"), Literal("blocked"))
TEAM: Final = Compare(Comparator.EQ, Attribute(("team",)), Literal("team-9"))
QUERIES: Final = {
    "ready": Query(where=READY, sort=BY_PRIORITY, limit=PAGE),
    "status": Query(where=BLOCKED, limit=PAGE),
    "status and attribute": Query(where=And((BLOCKED, TEAM)), limit=PAGE),
}
"""The oldest fifty, but of the ready ones those of the highest priority."""


# --- what is written ------------------------------------------------------------------------------------


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
        made: JsonObject = {"task_type": row.task_type, "attributes": row.attributes}
        events.append(
            EventRow(row.seq, "task.created", row.task_id, row.created_at, "me", None, made, row.seq)
        )
        events.append(
            EventRow(row.seq + 1, "task.ready", row.task_id, row.created_at, "me", None, {}, row.seq)
        )
    workspace = WorkspaceRow(WORKSPACE, "stream", events[-1].position, rows[-1].created_at)
    tasks: dict[str, TaskRow | None] = {row.task_id: row for row in rows}
    return Changes.of_nothing(workspace)._replace(tasks=tasks, events=events)


def update(number: int, size: int) -> Changes:
    """A commit that raises the version of one of the tasks."""
    old = task(number * 7_919 % size)
    position = 2 * size + 1 + number
    event = EventRow(position, "task.updated", old.task_id, position, "me", None, {"version": 2}, position)
    new = old.but(version=2, updated_at=position)
    workspace = WorkspaceRow(WORKSPACE, "stream", position, position)
    return Changes.of_nothing(workspace)._replace(
        tasks={old.task_id: new}, previous_tasks={old.task_id: old}, events=[event]
    )


def batches(size: int) -> Iterator[range]:
    """The numbers of the tasks that are there before anything is measured, in batches."""
    for start in range(0, size, BATCH):
        yield range(start, min(size, start + BATCH))


# --- the stores -----------------------------------------------------------------------------------------


class Ours:
    """A store, and its work by numbers."""

    def __init__(self, store: Store, size: int) -> None:
        self.store = store
        for numbers in batches(size):
            self.commit([creation(numbers)], 0)

    def commit(self, made: Sequence[Changes], number: int) -> None:
        """Commit the changes of this number."""
        with self.store.write(WORKSPACE) as transaction:
            transaction.commit(made[number])

    def select(self, query: Query, _: int) -> int:
        """Answer the query."""
        with self.store.read(WORKSPACE) as view:
            return len(view.select(query))

    def count(self, where: Condition, _: int) -> int:
        """Count."""
        with self.store.read(WORKSPACE) as view:
            return view.count(where)


class Dicts:
    """The least that a store in memory must do: a dict, four indexes of sets, two in order, a log."""

    def __init__(self, size: int) -> None:
        self.rows: dict[str, TaskRow] = {}
        self.sets: dict[tuple[str, str | None], set[str]] = {}
        self.by_age: SortedList[tuple[int, str]] = SortedList()
        self.ready: SortedList[tuple[float, int, str]] = SortedList()
        self.log: list[EventRow] = []
        for numbers in batches(size):
            self.create([creation(numbers)], 0)

    def create(self, made: Sequence[Changes], number: int) -> None:
        """Create the tasks of these changes."""
        for row in filter(None, made[number].tasks.values()):
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
        self.log.extend(made[number].events)

    def update(self, made: Sequence[Changes], number: int) -> None:
        """Put the rows of these changes in place of those before."""
        for row in filter(None, made[number].tasks.values()):
            self.rows[row.task_id] = row
        self.log.extend(made[number].events)

    def first_ready(self, _: int) -> list[TaskRow]:
        """The ready tasks of the highest priority."""
        return [self.rows[key[2]] for key in islice(self.ready, PAGE)]

    def first_blocked(self, team: str | None, _: int) -> list[TaskRow]:
        """The oldest blocked tasks, only of the team where one is given."""
        rows = (self.rows[task_id] for _, task_id in self.by_age)
        found = (row for row in rows if row.status == "blocked")
        if team is not None:
            found = (row for row in found if row.attributes.get("team") == team)
        return list(islice(found, PAGE))


def memory_pairs(size: int, rounds: int) -> Iterator[Pair]:
    """What is measured of the store in memory."""
    ours, by_hand = Ours(MemoryStore(), size), Dicts(size)
    pages: tuple[Work, ...] = (
        by_hand.first_ready,
        partial(by_hand.first_blocked, None),
        partial(by_hand.first_blocked, "team-9"),
    )
    for (what, query), page in zip(QUERIES.items(), pages, strict=True):
        yield Pair(f"memory: fifty by {what}", partial(ours.select, query), page, 20)
    blocked = by_hand.sets["s", "blocked"]
    yield Pair("memory: count of a status", partial(ours.count, BLOCKED), lambda _: len(blocked), 500)
    once = 400
    made = [update(number, size) for number in range(once * (rounds + 1))]
    yield Pair("memory: update a task", partial(ours.commit, made), partial(by_hand.update, made), once)
    first = 10 * size + 10**6
    made = [creation(range(first + n, first + n + 1)) for n in range(once * (rounds + 1))]
    yield Pair("memory: create a task", partial(ours.commit, made), partial(by_hand.create, made), once, 3)


# --- SQLite ---------------------------------------------------------------------------------------------

TABLES: Final = (
    """
    CREATE TABLE task (
        id TEXT PRIMARY KEY, type TEXT, parent TEXT, stage TEXT, status TEXT, attributes TEXT,
        version INTEGER, created INTEGER, updated INTEGER, started INTEGER, ended INTEGER, ready INTEGER,
        rank REAL
    )
    """,
    "CREATE INDEX by_status ON task (status, created, id)",
    "CREATE INDEX by_type ON task (type, created, id)",
    "CREATE INDEX by_parent ON task (parent, created)",
    "CREATE INDEX by_ready ON task (ready, rank, created, id)",
    """
    CREATE TABLE event (
        position INTEGER PRIMARY KEY, type TEXT, task TEXT, at INTEGER, actor TEXT, data TEXT
    )
    """,
)
INSERT_TASK: Final = "INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_EVENT: Final = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)"
PAGES: Final = {
    "ready": "ready = 1 ORDER BY rank, created, id",
    "status": "status = 'blocked' ORDER BY created, id",
    "status and attribute": "status = 'blocked' AND json_extract(attributes, '$.team') = 'team-9' "
    "ORDER BY created, id",
}


class Records(NamedTuple):
    """Parameters for the tables, made beforehand as the rows of a commit are."""

    tasks: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]


def records(changes: Changes) -> Records:
    """The tasks and events of a commit."""
    tasks = [
        (
            *(row.task_id, row.task_type, row.parent_id, row.stage, row.status, json.dumps(row.attributes)),
            *(row.version, row.created_at, row.updated_at, None, None, row.ready, row.rank),
        )
        for row in filter(None, changes.tasks.values())
    ]
    return Records(tasks, [(e[0], e[1], e[2], e[3], e[4], json.dumps(e[6])) for e in changes.events])


class Tables:
    """Two tables with four secondary indexes, by hand."""

    def __init__(self, path: Path, size: int) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *TABLES):
            self.connection.execute(statement)
        for numbers in batches(size):
            self.create_many([records(creation(numbers))], 0)

    def create(self, made: Sequence[Records], number: int) -> None:
        """Two inserts in a transaction: a task and one event."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute(INSERT_TASK, made[number].tasks[0])
        self.connection.execute(INSERT_EVENT, made[number].events[0])
        self.connection.execute("COMMIT")

    def create_many(self, made: Sequence[Records], number: int) -> None:
        """All of the tasks and all of their events."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(INSERT_TASK, made[number].tasks)
        self.connection.executemany(INSERT_EVENT, made[number].events)
        self.connection.execute("COMMIT")

    def page(self, where: str, _: int) -> list[tuple[Any, ...]]:
        """Fifty tasks, their attributes read."""
        columns = "id, type, parent, stage, status, attributes, version, created, updated, ready"
        found = self.connection.execute(
            f"SELECT {columns} FROM task WHERE {where} LIMIT {PAGE}"  # noqa: S608 - only from PAGES
        )
        return [(*row[:5], json.loads(row[5]), *row[6:]) for row in found]

    def count(self, where: str, _: int) -> object:
        """How many there are."""
        counting = f"SELECT count(*) FROM task WHERE {where}"  # noqa: S608 - only what stands below
        return self.connection.execute(counting).fetchone()


def sqlite_pairs(size: int, rounds: int, folder: Path) -> Iterator[Pair]:
    """What is measured of the store in an SQLite file."""
    ours = Ours(SqliteStore(folder / f"ours-{size}.db"), size)
    by_hand = Tables(folder / f"by-hand-{size}.db", size)
    for what, query in QUERIES.items():
        ask, page = partial(ours.select, query), partial(by_hand.page, PAGES[what])
        yield Pair(f"SQLite: fifty by {what}", ask, page, 20, 2)
    counted = partial(by_hand.count, "status = 'blocked'")
    yield Pair("SQLite: count of a status", partial(ours.count, BLOCKED), counted, 20, 2)

    once = 300
    made = [creation(range(size + n, size + n + 1)) for n in range(once * (rounds + 1))]
    by_one = partial(by_hand.create, list(map(records, made)))
    yield Pair("SQLite: create a task", partial(ours.commit, made), by_one, once, 2)
    first = size + len(made)
    made = [creation(range(first + n * BATCH, first + (n + 1) * BATCH)) for n in range(rounds + 1)]
    by_many = partial(by_hand.create_many, list(map(records, made)))
    yield Pair("SQLite: create 10,000 in a commit", partial(ours.commit, made), by_many, 1, 4, per=BATCH)
    by_hand.connection.close()
    ours.store.close()


def main() -> None:
    """Measure, print the tables, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measured: dict[int, list[Measured]] = {}
    with TemporaryDirectory() as folder:
        for size in options.sizes:
            pairs = chain(
                memory_pairs(size, options.rounds), sqlite_pairs(size, options.rounds, Path(folder))
            )
            measured[size] = [measure(pair, rounds=options.rounds) for pair in pairs]
            print(f"\n{size:,} tasks\n\n{table(measured[size])}")
    if options.json:
        lines = [{"size": size, **asdict(line)} for size, found in measured.items() for line in found]
        options.json.write_text(json.dumps(lines))


if __name__ == "__main__":
    main()
