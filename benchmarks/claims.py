"""Claims per second on PostgreSQL with 1, 4 and 8 workers, beside a bare `SKIP LOCKED` loop, in one run.

    python -m benchmarks.claims [--url URL] [--size N] [--seconds N] [--rounds N] [--json FILE]

Each worker is a process that claims tasks by tens until its time is over; workers of this library share one
workspace, or have one each. The bare loop updates rows of a table of tasks and reads them back, and keeps no
log. Without a URL, a server of its own starts in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psycopg

import worklattice
from benchmarks.limits import ATTRIBUTES
from benchmarks.postgres import BarePostgres, server
from worklattice import NewTask
from worklattice.types import LIMITS

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

WORKERS = (1, 4, 8)
AT_ONCE = 10

_BARE = """
    UPDATE bare.task SET ready = false, status = 'claimed', version = version + 1
    WHERE task_id IN (
        SELECT task_id FROM bare.task WHERE ready ORDER BY rank, created_at, task_id
        LIMIT 10 FOR UPDATE SKIP LOCKED
    ) RETURNING *
"""

Worker = Callable[[str, int, float, "Barrier"], int]
"""Claims for so many seconds from when all are at the barrier; how many tasks it got."""


@dataclass(frozen=True)
class Line:
    """Claims per second, medians; the ratio is that of each round."""

    name: str
    workers: int
    ours: float
    bare: float
    ratio: float


def ours_in_one(url: str, number: int, seconds: float, together: Barrier) -> int:
    """Claims in a workspace that all workers share."""
    return _ours(url, "shared", number, seconds, together)


def ours_in_many(url: str, number: int, seconds: float, together: Barrier) -> int:
    """Claims in a workspace of the worker's own."""
    return _ours(url, f"own-{number}", number, seconds, together)


def _ours(url: str, workspace: str, number: int, seconds: float, together: Barrier) -> int:
    claimed = 0
    with worklattice.open(url, workspace=workspace) as wl:
        wl.get_ready_tasks(limit=1)
        together.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            found = len(wl.claim_task(f"worker-{number}", count=AT_ONCE, lease="1 hour").claims)
            assert found == AT_ONCE, "nothing is left to claim: begin with more tasks"
            claimed += found
    return claimed


def bare(url: str, number: int, seconds: float, together: Barrier) -> int:
    """The bare loop, on a table that all workers share."""
    claimed = 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT 1")
        together.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            found = len(connection.execute(_BARE).fetchall())
            assert found == AT_ONCE, f"nothing is left for worker {number}: begin with more tasks"
            claimed += found
    return claimed


def per_second(worker: Worker, url: str, workers: int, seconds: float) -> float:
    """Claims per second of so many workers together."""
    context = get_context("spawn")
    with context.Manager() as manager:
        together = manager.Barrier(workers)
        with context.Pool(workers) as pool:
            arguments = [(url, number, seconds, together) for number in range(workers)]
            return sum(pool.starmap(worker, arguments)) / seconds


def fill(url: str, schema: str, size: int, workspaces: int) -> None:
    """Fresh tasks for a round."""
    bare_table = BarePostgres(url)
    bare_table.copy([f"t-{number:07}" for number in range(size)])
    bare_table.connection.execute("ANALYZE bare.task")
    bare_table.connection.execute("DROP SCHEMA IF EXISTS benchmark CASCADE")
    bare_table.connection.close()
    names = ["shared"] if workspaces == 1 else [f"own-{number}" for number in range(workspaces)]
    for name in names:
        with worklattice.open(url + schema, workspace=name) as wl:
            many = max(size // workspaces, AT_ONCE)
            for first in range(0, many, LIMITS.batch_tasks):
                last = min(first + LIMITS.batch_tasks, many)
                news = [
                    NewTask(task_type="story", task_id=f"t-{number:07}", attributes=ATTRIBUTES)
                    for number in range(first, last)
                ]
                wl.batch_create(news)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def line(url: str, workers: int, workspaces: int, options: argparse.Namespace) -> Line:
    """One line of the table: rounds of both in turn."""
    schema = f"{'&' if '?' in url else '?'}schema=benchmark"
    worker = ours_in_one if workspaces == 1 else ours_in_many
    found: list[tuple[float, float]] = []
    for _ in range(options.rounds):
        fill(url, schema, options.size, workspaces)
        mine = per_second(worker, url + schema, workers, options.seconds)
        found.append((mine, per_second(bare, url, workers, options.seconds)))
    name = "one workspace" if workspaces == 1 else f"{workspaces} workspaces"
    return Line(
        name,
        workers,
        median(mine for mine, _ in found),
        median(limit for _, limit in found),
        median(mine / limit for mine, limit in found),
    )


def main() -> None:
    """Measure, print the table, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url")
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines: list[Line] = []
    print("| | workers | this library, claims/s | SKIP LOCKED, claims/s | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with server(options.url) as url:
        for workers, workspaces in (*((count, 1) for count in WORKERS), (8, 8)):
            lines.append(line(url, workers, workspaces, options))
            it = lines[-1]
            print(
                f"| {it.name} | {it.workers} | {it.ours:,.0f} | {it.bare:,.0f} | {it.ratio:.2f} |", flush=True
            )
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in lines]))


if __name__ == "__main__":
    main()
