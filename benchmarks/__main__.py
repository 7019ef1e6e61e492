"""What the commands cost on both stores, beside the same work done by hand, in one run.

    python -m benchmarks [--size N] [--rounds N] [--json FILE]

`--size` is how many tasks are there before anything is measured. The shapes of the event graph have a program
of their own, `python -m benchmarks.graph_shapes`, and the stores without any rules another,
`python -m benchmarks.stores`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import count
from pathlib import Path

import worklattice
from benchmarks.limits import ATTRIBUTES, BareMemory, BareSqlite
from benchmarks.pairs import Measured, Pair, measure, table
from worklattice import NewTask, Orchestrator
from worklattice.types import LIMITS, JsonObject, JsonValue

_MANY = 1_000


def main() -> None:
    """Measure, print the table, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        for pair in (*memory_pairs(options.size), *sqlite_pairs(Path(folder), options.size)):
            lines.append(measure(pair, rounds=options.rounds))
            print(f"{lines[-1].name}: {lines[-1].ours:.1f} µs, {lines[-1].ratio:.1f} ×", flush=True)
    print(f"\n{options.size:,} tasks, µs a task\n\n{table(lines)}")
    if options.json:
        options.json.write_text(json.dumps({"size": options.size, "lines": [asdict(line) for line in lines]}))


def filled(url: str, size: int) -> Orchestrator:
    """A workspace with so many tasks."""
    wl = worklattice.open(url)
    for first in range(0, size, LIMITS.batch_tasks):
        last = min(first + LIMITS.batch_tasks, size)
        wl.batch_create([_new(f"old-{number:07}") for number in range(first, last)])
    return wl


def _new(task_id: str) -> NewTask:
    return NewTask(task_type="story", task_id=task_id, attributes=ATTRIBUTES)


def memory_pairs(size: int) -> Iterator[Pair]:
    """What is measured in memory."""
    wl, bare = filled("memory:", size), BareMemory(size)
    yield Pair(
        "memory: create a task",
        lambda n: wl.create_generic_task("story", task_id=f"new-{n:07}", attributes=ATTRIBUTES),
        lambda n: bare.create(f"new-{n:07}", size + n),
        _MANY,
        5,
    )
    yield Pair(
        "memory: move it to active",
        lambda n: wl.manage_lifecycle(f"new-{n:07}", "active"),
        lambda n: bare.move(f"new-{n:07}", "active"),
        _MANY,
    )
    yield Pair(
        "memory: complete it",
        lambda n: wl.manage_lifecycle(f"new-{n:07}", "completed"),
        lambda n: bare.move(f"new-{n:07}", "completed"),
        _MANY,
    )
    yield Pair(
        "memory: a dependency between tasks that are there",
        lambda n: wl.manage_dependencies(f"old-{n:07}", [f"old-{n + 1:07}"]),
        lambda n: bare.move(f"old-{n:07}", "blocked"),
        min(_MANY, size // 10),
    )
    arguments = {"task_type": "story", "attributes": ATTRIBUTES}
    payload = {"tool": "orchestrator_create_generic_task", "arguments": arguments}
    yield Pair(
        "memory: dispatch over the call of the method",
        lambda _: wl.dispatch(payload),
        lambda _: wl.create_generic_task("story", attributes=ATTRIBUTES),
        _MANY,
        1.5,
    )
    yield _expansion("memory: ", wl)
    filters = {"status": "pending", "attributes": {"priority": "high"}}
    yield Pair(
        "memory: fifty by status and attribute, over fifty looked up by id",
        lambda _: wl.query_tasks(filters=filters),
        lambda n: wl.get_task(task_ids=[f"old-{(n + i) % size:07}" for i in range(50)]),
        50,
    )


def _expansion(store: str, wl: Orchestrator) -> Pair:
    """A template of nearly a thousand tasks beside a batch of as many like them."""
    step: JsonObject = {
        "task_type": "step",
        "attributes": {"title": "Step {n}"},
        "for_each": "steps",
        "as": "n",
    }
    wl.create_template(
        "wide",
        {"root_task": {"task_type": "root", "children": [step]}},
        parameters_schema={
            "type": "object",
            "properties": {"steps": {"type": "array"}},
            "required": ["steps"],
        },
    )
    steps: list[JsonValue] = [f"{number}" for number in range(999)]
    numbers = count()

    def batch(_: int) -> None:
        root = f"root-{next(numbers)}"
        news = [NewTask(task_type="root", task_id=root)]
        news += [
            NewTask(task_type="step", parent_task_id=root, attributes={"title": f"Step {n}"}) for n in steps
        ]
        wl.batch_create(news)

    return Pair(
        f"{store}a template of 1,000 tasks over a batch of the same",
        lambda _: wl.create_from_template("wide", parameters={"steps": steps}),
        batch,
        1,
        1.5,
        per=1_000,
    )


def sqlite_pairs(folder: Path, size: int) -> Iterator[Pair]:
    """What is measured in an SQLite file."""
    wl = filled(f"sqlite:///{folder / 'ours.db'}", size)
    bare = BareSqlite(folder / "bare.db", size)
    yield Pair(
        "SQLite: create a task",
        lambda n: wl.create_generic_task("story", task_id=f"new-{n:07}", attributes=ATTRIBUTES),
        lambda n: bare.create(f"new-{n:07}"),
        _MANY,
        2,
    )
    yield Pair(
        "SQLite: move it to active",
        lambda n: wl.manage_lifecycle(f"new-{n:07}", "active"),
        lambda n: bare.create(f"moved-{n:07}"),
        _MANY,
    )
    yield Pair(
        "SQLite: a batch of 10,000",
        lambda n: wl.batch_create([_new(f"batch-{n}-{i:05}") for i in range(10_000)]),
        lambda n: bare.create_many([f"batch-{n}-{i:05}" for i in range(10_000)]),
        1,
        4,
        per=10_000,
    )
    yield Pair(
        "SQLite: fifty that are ready",
        lambda _: wl.get_ready_tasks(),
        lambda _: bare.query("ready", "rank, created_at, task_id"),
        50,
        2,
    )
    yield Pair(
        "SQLite: fifty by status",
        lambda _: wl.query_tasks(filters={"status": "pending"}),
        lambda _: (
            bare.query("status = ?", "created_at, task_id", "pending"),
            bare.count("status = ?", "pending"),
        ),
        20,
        2,
    )
    clause = "status = ? AND json_extract(attributes, '$.priority') = ?"
    yield Pair(
        "SQLite: fifty by status and attribute",
        lambda _: wl.query_tasks(filters={"status": "pending", "attributes": {"priority": "high"}}),
        lambda _: (
            bare.query(clause, "created_at, task_id", "pending", "high"),
            bare.count(clause, "pending", "high"),
        ),
        5,
        2,
    )
    yield _expansion("SQLite: ", wl)


if __name__ == "__main__":
    main()
