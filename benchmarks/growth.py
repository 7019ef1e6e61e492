"""Whether a call costs the same among a million tasks as among ten thousand, and what a task takes to keep.

    python -m benchmarks.growth [--sizes 10000 1000000] [--store memory|sqlite] [--json FILE]

Each size is measured in a process of its own. Tasks stand in groups of a parent and nine children, each
child after the one before it; every other group has an edge to an older one. The last column is the cost at
the largest size over that at the smallest. Bytes are the growth of the process while the tasks are created,
the log included.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import worklattice
from benchmarks.limits import ATTRIBUTES
from worklattice import DependencySpec, NewTask, Orchestrator
from worklattice.types import LIMITS

GROUP = 10
_ROUNDS = 7
_MANY = 300


def main() -> None:
    """Measure each size, print the table, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--store", choices=("memory", "sqlite"), default="memory")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.store, options.one)))
        return
    columns = {size: _in_a_process(options.store, size) for size in options.sizes}
    print(table(columns))
    if options.json:
        options.json.write_text(json.dumps({"store": options.store, "columns": columns}))


def _in_a_process(store: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.growth", "--store", store, "--one", str(size)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def measure(store: str, size: int) -> dict[str, float]:
    """What each kind of work costs in µs, and a task in bytes, among so many tasks."""
    with tempfile.TemporaryDirectory() as folder:
        url = "memory:" if store == "memory" else f"sqlite:///{folder}/work.db"
        with worklattice.open(url) as wl:
            gc.collect()
            before, began = _resident(), perf_counter()
            fill(wl, size)
            figures = {"create in a batch": (perf_counter() - began) / size * 1e6}
            if store == "memory":
                figures["bytes a task"] = (_resident() - before) / size
            for name, work in operations(wl, size).items():
                figures[name] = _median(work)
            return figures


def fill(wl: Orchestrator, size: int) -> None:
    """Create the tasks, a batch at a time."""
    for first in range(0, size, LIMITS.batch_tasks):
        wl.batch_create(list(_tasks(first, min(first + LIMITS.batch_tasks, size))))


def _tasks(first: int, end: int) -> Iterator[NewTask]:
    for number in range(first, end):
        group, place = divmod(number, GROUP)
        needs = () if place < 2 else (DependencySpec(dependency_task_id=name(number - 1)),)
        if place == 0 and group % 2:
            needs = (DependencySpec(dependency_task_id=name(group // 2 * GROUP)),)
        parent = None if place == 0 else name(group * GROUP)
        yield NewTask(
            task_type="story",
            task_id=name(number),
            attributes=ATTRIBUTES,
            parent_task_id=parent,
            dependencies=needs,
        )


def name(number: int) -> str:
    """The id of the task with this number."""
    return f"task-{number:08}"


def operations(wl: Orchestrator, size: int) -> dict[str, Callable[[int], object]]:
    """Each kind of work, as a function of a number that is never given twice."""
    chance = random.Random(1)  # noqa: S311 - a benchmark is no secret
    last_group = size // GROUP - 1
    pairs = [sorted(chance.sample(range(last_group), 2)) for _ in range(_MANY * _ROUNDS)]
    return {
        "create": lambda n: wl.create_generic_task("story", task_id=f"new-{n:08}", attributes=ATTRIBUTES),
        "move to active": lambda n: wl.manage_lifecycle(f"new-{n:08}", "active"),
        "complete": lambda n: wl.manage_lifecycle(f"new-{n:08}", "completed"),
        "add a dependency": lambda n: wl.manage_dependencies(
            name(pairs[n][1] * GROUP + 1), [name(pairs[n][0] * GROUP + 1)]
        ),
        "look up": lambda n: wl.get_task(name(n * 7919 % size)),
        "fifty ready": lambda _: wl.get_ready_tasks(),
        "history of a task": lambda n: wl.get_history(name(n * 7919 % size)),
    }


def _median(work: Callable[[int], object]) -> float:
    work_of_a_round: list[float] = []
    for first in range(0, _MANY * _ROUNDS, _MANY):
        gc.collect()
        gc.disable()
        began = perf_counter()
        for number in range(first, first + _MANY):
            work(number)
        work_of_a_round.append((perf_counter() - began) / _MANY * 1e6)
        gc.enable()
    return statistics.median(work_of_a_round)


def _resident() -> int:
    """The most memory that this process has had so far, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def table(columns: dict[int, dict[str, float]]) -> str:
    """The figures as a Markdown table."""
    sizes = sorted(columns)
    lines = [
        f"| µs a call | {' | '.join(f'{size:,} tasks' for size in sizes)} | growth |",
        f"| --- | {'---: | ' * len(sizes)}---: |",
    ]
    for line, smallest in columns[sizes[0]].items():
        figures = [columns[size][line] for size in sizes]
        shown = " | ".join(f"{figure:,.1f}" for figure in figures)
        lines.append(f"| {line} | {shown} | {figures[-1] / smallest:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
