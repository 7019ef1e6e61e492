"""A program that works on a shared store: `python working.py URL NAME THREADS ROUNDS`.

Its threads share one orchestrator. What was acknowledged it prints at the end, as JSON.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import worklattice
from worklattice import ConflictError, Orchestrator


class Undone(Exception):  # noqa: N818 - no error
    """Leaves a transaction."""


def work(wl: Orchestrator, name: str, rounds: int) -> dict[str, Any]:
    """Commands of all kinds, on tasks of its own and on one that everybody wants."""
    made, deleted, increments, comments = [], [], 0, 0
    for number in range(rounds):
        a, b, c, d = (f"{name}-{number}-{letter}" for letter in "abcd")
        wl.create_generic_task("t", task_id=a, parent_task_id="root", idempotency_key=a)
        wl.create_generic_task("t", task_id=a, parent_task_id="root", idempotency_key=a)
        wl.batch_create(
            [{"task_type": "t", "task_id": b, "dependencies": [a]}, {"task_type": "t", "task_id": c}]
        )
        wl.manage_dependencies(c, [b])
        for stage in ("active", "completed"):
            wl.manage_lifecycle(a, stage)
        with wl.transaction():
            wl.create_generic_task("t", task_id=d)
            wl.manage_dependencies(d, [c])
        with suppress(Undone), wl.transaction():
            wl.create_generic_task("t", task_id=f"{d}-undone")
            raise Undone
        while not incremented(wl):
            pass
        increments += 1
        wl.add_comment("counter", a)
        comments += 1
        assert wl.get_task(b).task is not None
        made += [a, b, c, d]
        if number % 3 == 0:
            wl.delete_task(d)
            deleted.append(d)
    return {"made": made, "deleted": deleted, "increments": increments, "comments": comments}


def incremented(wl: Orchestrator) -> bool:
    """Whether the counter is one further by us; not so where another one was faster."""
    counter = wl.get_task("counter").task
    assert counter is not None
    number = counter.attributes["n"]
    assert isinstance(number, int)
    try:
        wl.update_task("counter", attributes={"n": number + 1}, expected_version=counter.version)
    except ConflictError:
        return False
    return True


def main(url: str, name: str, threads: str, rounds: str) -> None:
    with worklattice.open(url) as wl, ThreadPoolExecutor(int(threads)) as pool:
        done = [pool.submit(work, wl, f"{name}{number}", int(rounds)) for number in range(int(threads))]
        json.dump([each.result() for each in done], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
