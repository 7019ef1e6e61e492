"""Tasks and dependencies made by hand: what a renderer draws need not come from a store."""

from datetime import UTC, datetime
from typing import Any

from worklattice import Dependency
from worklattice.model.answers import TaskNode

_THEN = datetime(2025, 6, 3, 9, tzinfo=UTC)


def task(task_id: str, *children: TaskNode, title: str | None = None, **more: Any) -> TaskNode:
    """A task; children given as theirs are its own, whatever parent they name."""
    facts: dict[str, Any] = {
        "task_id": task_id,
        "task_type": "step",
        "parent_task_id": None,
        "attributes": {} if title is None else {"title": title},
        "lifecycle_stage": "draft",
        "status": "pending",
        "version": 1,
        "hierarchy_level": 0,
        "created_at": _THEN,
        "updated_at": _THEN,
        "join": "all",
        "attempt": 1,
        "children": children,
    }
    absent = ("template_id", "template_version", "superseded_by", "started_at", "completed_at", "due_at")
    facts |= dict.fromkeys((*absent, "not_before", "result", "error"))
    return TaskNode(**facts | more)


def child(parent: str, task_id: str, *children: TaskNode, **more: Any) -> TaskNode:
    """A task inside another."""
    return task(task_id, *children, parent_task_id=parent, **more)


def need(task_id: str, other: str, kind: str = "completion", **more: Any) -> Dependency:
    """A dependency of `task_id` on `other`."""
    facts: dict[str, Any] = {
        "task_id": task_id,
        "dependency_task_id": other,
        "effective_task_id": other,
        "dependency_type": kind,
        "state": "pending",
        "mandatory": True,
        "outcome": "success",
    }
    absent = ("conditions", "lag", "artifact", "description", "waiver")
    facts |= dict.fromkeys(absent)
    return Dependency(**facts | more)
