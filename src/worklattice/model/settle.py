"""What is due by itself, settled in a draft as events.

A write settles first, so that its decision and its counts are as of its `now`; a read settles in a draft
that it forgets, so that it shows what is due without anyone having called anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from worklattice.model.claims import expire
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.rows import EdgeRow, Micros, TaskRow, WorkspaceRow
from worklattice.model.signals import conclude
from worklattice.types import JsonObject, JsonValue


def now_of(workspace: WorkspaceRow, clock: Micros) -> Micros:
    """The time of a call: the clock's, or that of the last event where the clock went back."""
    return max(clock, workspace.settled_at)


def settle(draft: Draft) -> None:
    """Record, with the signals, that lags, waivers or `not_before` times have passed, and claims expired.

    Cost: a comparison where the workspace does not wake up yet.
    """
    now = draft.now
    if draft.wakes_at is None or draft.wakes_at > now:
        return
    edges, tasks = draft.due_edges(now), draft.due_tasks(now)
    draft.wakes_at = draft.next_moment(now)
    if not edges and not tasks:
        return
    since = draft.begin()
    early = [row for row in tasks if row.not_before is not None and draft.settled_at < row.not_before <= now]
    if edges or early:
        record(draft, "time.passed", None, _data(edges, early))
    for row in tasks:
        if row.claimed_until is not None and row.claimed_until <= now:
            expire(draft, row)
    conclude(draft, since)


def _data(edges: Sequence[EdgeRow], tasks: Sequence[TaskRow]) -> JsonObject:
    """What `time.passed` lists: the edges and tasks whose moment has come."""
    dependencies: list[JsonValue] = [
        {"task_id": edge.task_id, "dependency_task_id": edge.dependency_id, "dependency_type": edge.type}
        for edge in edges
    ]
    task_ids: list[JsonValue] = [row.task_id for row in tasks]
    return {"dependencies": dependencies, "tasks": task_ids}
