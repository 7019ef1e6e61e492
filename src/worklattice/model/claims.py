"""Claims: that a worker has a task for a time, and how a claim ends without the task being done.

A claim has a *fencing token*: the position in the log of the event that gave it, so that each token of a
workspace is larger than all before it. It ends with the task, by release, or when its lease runs out.

Not here: how tasks are chosen and claimed (`worklattice.model.decide.claims`), what claims hold beside the
task (`worklattice.model.resources`).
"""

from __future__ import annotations

from worklattice.lang.times import format_time
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.rows import Micros, TaskRow
from worklattice.types import JsonObject, from_micros


def expire(draft: Draft, row: TaskRow) -> None:
    """Record that the claim of a task has run out."""
    record(draft, "claim.expired", row.task_id, {"token": row.token, "worker": row.claimed_by})
    hand_back(draft, row.task_id, since=row.claimed_until)


def hand_back(draft: Draft, task_id: str, *, since: Micros | None = None) -> None:
    """Let a task that was started under a claim be handed out again, where its lifecycle leads back.

    One that was handed in already (`review`) stays where it is. `since` is when that came by itself, where it
    is noticed later only: from then on the task's clock has stood still, where it stands still there.
    """
    row = draft.known(task_id)
    stage, lifecycle = draft.stage(row), draft.lifecycle(row.task_type)
    if stage.startable or not stage.started:
        return
    for name in lifecycle.next_stages(row.stage):
        if lifecycle.stages[name].startable:
            data: JsonObject = {"from": row.stage, "to": name, "version": draft.bump(row)}
            if since is not None and since != draft.now:
                data["since"] = format_time(from_micros(since))
            record(draft, "task.stage_changed", task_id, data)
            return
