"""The limits: the same work done by hand, with nothing around it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from attrs import frozen
from sortedcontainers import SortedList

ATTRIBUTES: dict[str, Any] = {"title": "Reset the password", "story_points": 8, "priority": "high"}


@frozen
class Bare:
    """A task with as many fields as a caller sees, and none of the rules."""

    task_id: str
    task_type: str
    parent: str | None
    stage: str
    status: str
    attributes: dict[str, Any]
    version: int
    created_at: int
    updated_at: int
    started_at: int | None
    completed_at: int | None
    depth: int
    template: str | None
    superseded_by: str | None


class BareMemory:
    """A dict, four sets and one sorted list."""

    def __init__(self, size: int) -> None:
        self.tasks: dict[str, Bare] = {}
        self.sets: tuple[dict[str, set[str]], ...] = ({}, {}, {}, {})
        self.order: SortedList[tuple[int, str]] = SortedList()
        for number in range(size):
            self.create(f"old-{number:07}", number)

    def create(self, task_id: str, number: int) -> None:
        """Put a task into everything."""
        task = Bare(
            task_id,
            "story",
            None,
            "draft",
            "pending",
            dict(ATTRIBUTES),
            1,
            number,
            number,
            None,
            None,
            0,
            None,
            None,
        )
        self.tasks[task_id] = task
        for index, key in zip(self.sets, ("story", "draft", "pending", ""), strict=True):
            index.setdefault(key, set()).add(task_id)
        self.order.add((number, task_id))

    def move(self, task_id: str, stage: str) -> None:
        """Put a task into another stage."""
        old = self.tasks[task_id]
        self.tasks[task_id] = Bare(
            old.task_id, old.task_type, old.parent, stage, stage, old.attributes, old.version + 1,
            old.created_at, old.updated_at + 1, old.started_at, old.completed_at, old.depth, old.template,
            old.superseded_by,
        )  # fmt: skip
        for index, before in ((self.sets[1], old.stage), (self.sets[2], old.status)):
            index[before].discard(task_id)
            index.setdefault(stage, set()).add(task_id)


class BareSqlite:
    """A table of tasks with four indexes and a log, written with the driver of the standard library."""

    _SCHEMA = (
        """CREATE TABLE task (
            task_id TEXT PRIMARY KEY, task_type TEXT, parent TEXT, stage TEXT, status TEXT, ready INTEGER,
            rank REAL, attributes TEXT, version INTEGER, created_at INTEGER, updated_at INTEGER,
            started_at INTEGER, completed_at INTEGER, depth INTEGER
        ) WITHOUT ROWID""",
        "CREATE TABLE event (position INTEGER PRIMARY KEY, kind TEXT, task_id TEXT, at INTEGER, data TEXT)",
        "CREATE INDEX by_parent ON task (parent, created_at)",
        "CREATE INDEX by_status ON task (status, created_at, task_id)",
        "CREATE INDEX by_ready ON task (rank, created_at, task_id) WHERE ready",
        "CREATE INDEX by_age ON task (created_at, task_id)",
    )
    _TASK = "INSERT INTO task VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    _EVENT = "INSERT INTO event VALUES (?,?,?,?,?)"

    def __init__(self, path: Path, size: int) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        for statement in self._SCHEMA:
            self.connection.execute(statement)
        self.position = 0
        self.create_many([f"old-{number:07}" for number in range(size)])

    def _task(self, task_id: str) -> tuple[Any, ...]:
        data = json.dumps(ATTRIBUTES)
        now = self.position
        return (task_id, "story", None, "draft", "pending", 1, 1.0, data, 1, now, now, None, None, 0)

    def _event(self, task_id: str) -> tuple[Any, ...]:
        self.position += 1
        return (self.position, "task.created", task_id, self.position, json.dumps(ATTRIBUTES))

    def create(self, task_id: str) -> None:
        """One task and its event in a transaction of their own."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute(self._TASK, self._task(task_id))
        self.connection.execute(self._EVENT, self._event(task_id))
        self.connection.execute("COMMIT")

    def create_many(self, task_ids: list[str]) -> None:
        """Many tasks and their events in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(self._TASK, [self._task(task_id) for task_id in task_ids])
        self.connection.executemany(self._EVENT, [self._event(task_id) for task_id in task_ids])
        self.connection.execute("COMMIT")

    def query(self, where: str, order: str, *parameters: object) -> list[tuple[Any, ...]]:
        """A page of fifty, with their attributes read."""
        sql = f"SELECT * FROM task WHERE {where} ORDER BY {order} LIMIT 50"  # noqa: S608 - literals of ours
        return [(*row, json.loads(row[7])) for row in self.connection.execute(sql, parameters)]

    def count(self, where: str, *parameters: object) -> object:
        """How many there are."""
        sql = f"SELECT COUNT(*) FROM task WHERE {where}"  # noqa: S608 - literals of ours
        return self.connection.execute(sql, parameters).fetchone()
