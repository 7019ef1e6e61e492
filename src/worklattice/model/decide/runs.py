"""Runs of a series: the copy of a scheduled task, and of what is inside it, for one instant.

What is copied is what the tasks are to be: types, attributes, joins and the dependencies among them. What has
become of them is not: each copy begins in the first stage of its lifecycle, without times, results, claims or
waivers. What was withdrawn (cancelled or superseded) is left out with all that is inside it, and so are the
runs of tasks inside. Schedules are left out in the end (`worklattice.model.decide.create`).

Not here: runs that expand a template (`worklattice.templates.commands`), and which runs are to be made
(`worklattice.orchestrator.ticking`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from worklattice.errors import LimitExceededError
from worklattice.lang.durations import format_duration
from worklattice.lang.times import format_time
from worklattice.model.commands import DependencySpec, DependencyTypeName, NewTask, OutcomeName
from worklattice.model.decide.create import create_together
from worklattice.model.draft import Draft
from worklattice.model.rows import JOIN_ALL, NEW_EDGE, EdgeRow, Micros, TaskRow
from worklattice.types import LIMITS, JsonObject, from_micros, is_id

_WITHDRAWN: Final = "withdrawn"


def run_said(row: TaskRow, at: Micros) -> JsonObject:
    """What the root of a run says of its series."""
    return {"of": row.task_id, "at": format_time(from_micros(at))}


def id_for(draft: Draft, task_id: str, at: Micros) -> str:
    """The id of a task's copy: its own, and the instant; a new one where that is taken or too long."""
    shown = from_micros(at)
    instant = f"{shown:%Y%m%dT%H%M%S}{f'.{shown:%f}' if shown.microsecond else ''}Z"
    wanted = f"{task_id}:{instant}"
    return wanted if is_id(wanted) and draft.task(wanted) is None else draft.new_id()


def copy_run(draft: Draft, row: TaskRow, at: Micros) -> str:
    """Make the run of a scheduled task for an instant; the id of its root.

    Cost: what is copied.

    Raises:
        LimitExceededError: it is more than one call may make.
        ValidationError: the schema of a type does not allow the attributes by now.
        PrerequisitesNotMetError: an ancestor of the scheduled task has completed.
    """
    members = [row, *_inside(draft, row)]
    if len(members) > LIMITS.batch_tasks:
        raise LimitExceededError(
            what="tasks in one run", limit=LIMITS.batch_tasks, actual=len(members), field=row.task_id
        )
    ids = {member.task_id: id_for(draft, member.task_id, at) for member in members}
    tasks = [_copied(draft, member, ids) for member in members]
    made_from = [
        None if m.template_id is None or m.template_version is None else (m.template_id, m.template_version)
        for m in members
    ]
    paths = [member.task_id for member in members]
    create_together(draft, tasks, paths, checks=True, made_from=made_from, run=run_said(row, at))
    return ids[row.task_id]


def _inside(draft: Draft, row: TaskRow) -> Iterator[TaskRow]:
    """What of the inside of a scheduled task is copied, each task before what is inside it."""
    waiting = [row]
    while waiting:
        task = waiting.pop()
        if task is not row:
            yield task
        inside = draft.children(task.task_id) if task.children else ()
        kept = [each for each in inside if each.outcome != _WITHDRAWN and each.run_of is None]
        waiting += reversed(kept)


def _copied(draft: Draft, row: TaskRow, ids: dict[str, str]) -> NewTask:
    return NewTask(
        task_type=row.task_type,
        attributes=row.attributes,
        task_id=ids[row.task_id],
        parent_task_id=None if row.parent_id is None else ids.get(row.parent_id, row.parent_id),
        join=None if row.join == JOIN_ALL else row.join,
        dependencies=tuple(
            _spec(edge, ids[edge.effective_id])
            for edge in draft.edges_of(row.task_id)
            if edge.effective_id in ids
        ),
    )


def _spec(edge: EdgeRow, on: str) -> DependencySpec:
    return DependencySpec(
        dependency_task_id=on,
        dependency_type=cast("DependencyTypeName", edge.type),
        mandatory=None if edge.mandatory == NEW_EDGE.mandatory else edge.mandatory,
        outcome=None if edge.outcome == NEW_EDGE.outcome else cast("OutcomeName", edge.outcome),
        conditions=edge.conditions,
        lag=format_duration(edge.lag) if edge.lag else None,
        artifact=edge.artifact,
        description=edge.description,
    )
