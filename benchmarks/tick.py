"""What it costs to tick, beside reading one task, in turn in one run.

    python -m benchmarks.tick [--size N] [--rounds N] [--json FILE]

First with nothing due, on both stores, among `--size` tasks that all have a deadline and of which each tenth
has a schedule: that is what somebody pays who ticks every second. Then a task whose SLA takes ten years of
working hours, beside one whose SLA takes as long by the clock; and a run of a pipeline of ten tasks, beside a
batch of the same ten.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import worklattice
from benchmarks.pairs import Measured, Pair, measure, table
from worklattice import NewTask, Orchestrator
from worklattice.testing import ManualClock
from worklattice.types import LIMITS, JsonObject

_MANY: Final = 500
_STEPS: Final = 9
_BEGIN: Final = datetime(2025, 1, 1, tzinfo=UTC)


def main() -> None:
    """Measure, print the table, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, url in (("memory", "memory:"), ("SQLite", f"sqlite:///{folder}/work.db")):
            for pair in pairs(name, url, options.size):
                lines.append(measure(pair, rounds=options.rounds))
                print(f"{lines[-1].name}: {lines[-1].ours:.1f} µs, {lines[-1].ratio:.1f} ×", flush=True)
    print(f"\n{options.size:,} tasks, µs a call\n\n{table(lines)}")
    if options.json:
        options.json.write_text(json.dumps({"size": options.size, "lines": [asdict(line) for line in lines]}))


def pairs(name: str, url: str, size: int) -> Iterator[Pair]:
    """What is measured on one store."""
    clock = ManualClock(_BEGIN)
    wl = filled(url, size, clock)
    yield Pair(
        f"{name}: tick with nothing due, over reading a task",
        lambda _: wl.tick(),
        lambda n: wl.get_task(f"old-{n % size:07}"),
        _MANY,
    )
    yield Pair(
        f"{name}: next_tick_at, over reading a task",
        lambda _: wl.next_tick_at(),
        lambda n: wl.get_task(f"old-{n % size:07}"),
        _MANY,
    )
    wl.define_calendar("office", {"time_zone": "Europe/Berlin", "working_hours": {"mon-fri": ["9-17"]}})
    yield Pair(
        f"{name}: a task with an SLA of ten years in working hours, over one by the clock",
        lambda _: wl.create_generic_task("x", attributes={"sla": "20800 hours", "calendar": "office"}),
        lambda _: wl.create_generic_task("x", attributes={"sla": "87600 hours"}),
        _MANY,
    )
    wl.create_generic_task("pipeline", task_id="often", attributes={"schedule": "every minute"})
    steps = [NewTask(task_type="step", task_id=f"s{n}", parent_task_id="often") for n in range(_STEPS)]
    wl.batch_create(steps)

    def run(_: int) -> None:
        clock.advance("1 minute")
        if len(wl.tick().runs) != 1:
            raise ValueError("one run was to be made")

    yield Pair(
        f"{name}: a tick that makes a run of ten tasks, over a batch of ten",
        run,
        lambda n: wl.batch_create([_step(n, step) for step in range(_STEPS + 1)]),
        _MANY // 5,
    )
    wl.close()


def _step(number: int, step: int) -> NewTask:
    parent = f"batch-{number}-0" if step else None
    return NewTask(task_type="step", task_id=f"batch-{number}-{step}", parent_task_id=parent)


def filled(url: str, size: int, clock: ManualClock) -> Orchestrator:
    """A workspace with so many tasks; nothing of it is due for the time of the benchmark."""
    wl = worklattice.open(url, clock=clock)
    for first in range(0, size, LIMITS.batch_tasks):
        numbers = range(first, min(first + LIMITS.batch_tasks, size))
        wl.batch_create([_new(number) for number in numbers])
    return wl


def _new(number: int) -> NewTask:
    attributes: JsonObject = {"title": f"Task {number}", "due_date": f"2025-{number % 12 + 1:02}-28"}
    if number % 10 == 0:
        attributes["schedule"] = f"monthly on the {number % 20 + 8}th at {number % 24}:{number % 60:02}"
    return NewTask(task_type="story", task_id=f"old-{number:07}", attributes=attributes)


if __name__ == "__main__":
    main()
