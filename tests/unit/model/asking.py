"""Short questions and short ways to get somewhere, for tests that are about something else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from worklattice import DependencySpec, Orchestrator, Task
from worklattice.model.task import Claim


def make(wl: Orchestrator, *task_ids: str, **more: Any) -> None:
    """Create tasks of the type `task`, with what more is given."""
    for task_id in task_ids:
        wl.create_generic_task("task", task_id=task_id, **more)


def go(wl: Orchestrator, task_id: str, *stages: str) -> Task:
    """Take a task through stages; the task then."""
    for stage in stages:
        wl.manage_lifecycle(task_id, stage)
    return task(wl, task_id)


def finish(wl: Orchestrator, *task_ids: str) -> None:
    """Start tasks, and complete them."""
    for task_id in task_ids:
        go(wl, task_id, "active", "completed")


def need(wl: Orchestrator, task_id: str, other: str, kind: Any = "completion", **more: Any) -> None:
    """Let a task depend on another."""
    spec = DependencySpec(dependency_task_id=other, dependency_type=kind, **more)
    wl.manage_dependencies(task_id, [spec])


def task(wl: Orchestrator, task_id: str) -> Task:
    """The task as it is now."""
    found = wl.get_task(task_id).task
    assert found is not None
    return found


def status(wl: Orchestrator, *task_ids: str) -> list[str]:
    """The statuses of tasks."""
    return [task(wl, task_id).status for task_id in task_ids]


def ready(wl: Orchestrator) -> list[str]:
    """Ready tasks in the order in which they are offered."""
    return [found.task_id for found in wl.get_ready_tasks().tasks]


def state(wl: Orchestrator, task_id: str) -> str:
    """The state of the only dependency of a task."""
    (edge,) = wl.get_dependencies(task_id).dependencies
    return edge.state


def versions(wl: Orchestrator, *task_ids: str) -> list[int]:
    """The versions of tasks."""
    return [task(wl, task_id).version for task_id in task_ids]


def kinds(wl: Orchestrator, after: int = 0) -> list[tuple[str, str | None]]:
    """The kind and the task of each event behind a position."""
    return [(event.event_type, event.task_id) for event in wl.events(after=after)]


def position(wl: Orchestrator) -> int:
    """The position of the last event."""
    return sum(1 for _ in wl.events())


def times(found: Task) -> tuple[datetime | None, datetime | None]:
    """When a task began and when it ended."""
    return found.started_at, found.completed_at


def claim(wl: Orchestrator, task_id: str | None = None, worker: str = "ann", **more: Any) -> Claim:
    """Claim a task, which must come to pass; the claim."""
    claimed = wl.claim_task(worker, task_id=task_id, **more).claim
    assert claimed is not None
    return claimed


def claimed_ids(wl: Orchestrator, worker: str = "ann", **more: Any) -> list[str]:
    """The tasks that are claimed, in order."""
    return [claimed.task.task_id for claimed in wl.claim_task(worker, **more).claims]
