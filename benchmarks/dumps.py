"""A dump of very many tasks restored into a store and dumped again: seconds, and the memory at its peak.

    python benchmarks/dumps.py 1000000 sqlite:////tmp/big.db

Each process does one thing, so that the peak is that of the thing. The tasks are those of projects: a
container, and inside it steps that need one or two earlier steps, now and then one of another project.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import worklattice
from worklattice.codec import canonical

SIZE = 100
"""Tasks of a project."""


def lines(tasks: int) -> Iterator[str]:
    """The dump."""
    chance = Random(7)  # noqa: S311 - no secret
    at = "2025-06-16T09:00:00Z"
    yield canonical({"kind": "worklattice", "format": 1})
    for number in range(tasks):
        project, step = divmod(number, SIZE)
        inside = {"parent_id": f"p{project}-0"} if step else {}
        done = chance.random() < 0.3 if step else False
        ended = {"started_at": at, "completed_at": at, "outcome": "succeeded"} if done else {}
        yield canonical(
            {
                "kind": "task", "task_id": f"p{project}-{step}", "task_type": "step", "attempt": 1, "join": 0,
                "attributes": {"title": f"Step {step} of {project}", "points": step % 8, "priority": "high"},
                "stage": "completed" if done else "draft", "version": 3 if done else 1,
                "created_at": at, "updated_at": at, **inside, **ended,
            }
        )  # fmt: skip
    for number in range(tasks):
        project, step = divmod(number, SIZE)
        if step < 2:
            continue
        others = {f"p{project}-{chance.randrange(1, step)}"}
        if step % 10 == 0 and project:
            others.add(f"p{chance.randrange(project)}-{chance.randrange(1, SIZE)}")
        for other in sorted(others):
            yield canonical(
                {
                    "kind": "dependency", "task_id": f"p{project}-{step}", "dependency_id": other,
                    "type": "completion", "mandatory": True, "outcome": "success", "lag": "PT0S",
                }
            )  # fmt: skip


def _restore(url: str, dump: str) -> None:
    with worklattice.open(url) as wl:
        wl.restore(dump)


def _dump(url: str, dump: str) -> None:
    with worklattice.open(url) as wl:
        wl.dump_to(dump)


PARTS: dict[str, Callable[[str, str], None]] = {"restore": _restore, "dump": _dump}


def main() -> None:
    """Measure, or be what is measured."""
    if sys.argv[1] in PARTS:
        began = time.perf_counter()
        PARTS[sys.argv[1]](*sys.argv[2:])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        took, used = time.perf_counter() - began, time.process_time()
        print(f"{sys.argv[1]}: {took:.0f} s, {used:.0f} s of them computing, {peak:.0f} MiB at the peak")
        return
    tasks, url = int(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="worklattice-") as folder:
        dump, again = Path(folder, "dump.jsonl"), Path(folder, "again.jsonl")
        with dump.open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines(tasks))
        print(f"{tasks:,} tasks, {dump.stat().st_size / 1_048_576:.0f} MiB of dump, {url.partition(':')[0]}")
        for part, path in (("restore", dump), ("dump", again)):
            subprocess.run([sys.executable, __file__, part, url, path], check=True)  # noqa: S603 - ourselves
        assert again.read_bytes() == dump.read_bytes()


if __name__ == "__main__":
    main()
