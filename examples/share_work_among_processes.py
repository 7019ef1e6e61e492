"""A crew of worker processes that share one file of tasks, and lose none when one of them is killed.

It shows
- claiming: each worker takes the best ready task for itself, with a lease;
- the fencing token, with which a worker moves its task along, and without which nobody does;
- a resource: two tasks that need the same oven are never in work at the same time;
- a crash: the task of a worker that was killed is ready again when its lease has run out.

With a URL of a PostgreSQL store the workers may be on as many machines; nothing else changes.

Run it: `python share_work_among_processes.py`.
"""

import os
import time
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import worklattice
from worklattice import Event, Orchestrator

LEASE = "1 second"
"""How long a worker may be silent. Real work takes a longer one, and renews it."""


UNLUCKY = "cheese.bake"
"""Whoever is the first to work on this dies of it."""


def worker(url: str, name: str) -> None:
    """Work until the whole order is done, or until struck down in the middle of a task."""
    with worklattice.open(url, actor=name) as wl:
        while not is_done(wl):
            taken = wl.claim_task(name, lease=LEASE)
            if taken.task is None or taken.claim is None:
                time.sleep(0.05)  # all that is ready is taken, or waits for an oven
                continue
            task_id, token = taken.task.task_id, taken.claim.token
            wl.manage_lifecycle(task_id, "active", claim_token=token)
            if task_id == UNLUCKY and is_claimed_for_the_first_time(wl, task_id):
                os._exit(1)  # as if the machine had lost its power: nothing is given back
            wl.manage_lifecycle(task_id, "completed", claim_token=token, result={"by": name})


def is_claimed_for_the_first_time(wl: Orchestrator, task_id: str) -> bool:
    """Whether nobody had the task before."""
    kinds = [event.event_type for event in wl.get_history(task_id).events]
    return kinds.count("claim.acquired") == 1


def is_done(wl: Orchestrator) -> bool:
    """Whether nothing is left to do; claims that have run out show at once, whoever looks."""
    return not wl.query_tasks(filters={"status": ["pending", "active", "blocked"]}, limit=1).tasks


def plan(wl: Orchestrator) -> None:
    """An order of cakes: dough first, then an oven of which there is one, then the box."""
    for cake in ("apple", "cheese", "plum"):
        wl.create_generic_task("mix", task_id=f"{cake}.mix")
        wl.create_generic_task(
            "bake",
            task_id=f"{cake}.bake",
            dependencies=[f"{cake}.mix"],
            attributes={"resources": ["oven"], "priority": "high"},
        )
        wl.create_generic_task("box", task_id=f"{cake}.box", dependencies=[f"{cake}.bake"])


def bakings(events: list[Event]) -> list[tuple[str, str]]:
    """What happened to the tasks that need the oven, in order: began and ended."""
    names = {"claim.acquired": "begins", "task.stage_changed": "ends", "claim.expired": "is given up"}
    return [
        (str(event.task_id), names[event.event_type])
        for event in events
        if event.event_type in names and str(event.task_id).endswith(".bake")
        if event.event_type != "task.stage_changed" or event.data["to"] == "completed"
    ]


def main() -> None:
    """Let three workers do the order, one of which is killed while it bakes."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{(Path(folder) / 'bakery.db').as_posix()}?timeout=30"
        with worklattice.open(url) as wl:
            plan(wl)
        context = get_context("spawn")
        crew = [context.Process(target=worker, args=(url, name)) for name in ("ann", "ben", "eve")]
        for process in crew:
            process.start()
        for process in crew:
            process.join()

        with worklattice.open(url) as wl:
            events = list(wl.events())
            done = wl.query_tasks(filters={"status": "completed"}).tasks
            assert len(done) == 9, "all of the order is done, by whomever"
            assert not wl.check(), "and the counts are sound"
    story = bakings(events)
    for task_id, what in story:
        print(f"{task_id} {what}")
    in_the_oven: set[str] = set()
    for task_id, what in story:
        in_the_oven = in_the_oven | {task_id} if what == "begins" else in_the_oven - {task_id}
        assert len(in_the_oven) <= 1, "two in one oven"
    assert sorted(process.exitcode or 0 for process in crew) == [0, 0, 1]
    assert (UNLUCKY, "is given up") in story
    print("One worker of three died while it baked, and nothing was lost.")


if __name__ == "__main__":
    main()
