"""Deleting tasks, with what is inside them and with the dependencies that others have on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from worklattice.errors import PrerequisitesNotMetError, Unmet, shown
from worklattice.model.answers import TaskDeleted
from worklattice.model.commands import DeleteTask
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import subject, written
from worklattice.model.decide.dependencies import remove_dependency
from worklattice.model.decide.guards import LISTED, counted, refusal
from worklattice.model.dependency import DEPENDENCY_TYPES
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.rows import EdgeRow, TaskRow


def delete_task(command: DeleteTask, draft: Draft) -> Conclude[TaskDeleted]:
    """Delete a task; children before parents."""
    row = subject(command, draft)
    going = [*draft.subtree_upwards(row.task_id), row]
    if len(going) > 1 and not command.cascade:
        raise _has_children(draft, row, inside=len(going) - 1)
    gone = dict.fromkeys(task.task_id for task in going)
    edges = _edges_from_outside(draft, gone)
    _refuse_if_followed(draft, row, going, gone)
    needed = [edge for edge in edges if not DEPENDENCY_TYPES[edge.type].needs_nothing]
    if needed and not command.detach:
        raise _is_needed(row, needed)
    for edge in edges:
        remove_dependency(draft, edge)
    for task in going:
        record(draft, "task.deleted", task.task_id, {"task_type": task.task_type})
    deleted = tuple(gone)
    return lambda after: TaskDeleted(
        task_id=row.task_id, deleted_task_ids=deleted, dependencies_removed=len(edges), **written(after)
    )


def _has_children(draft: Draft, row: TaskRow, *, inside: int) -> PrerequisitesNotMetError:
    children = tuple(child.task_id for child in draft.children(row.task_id))
    has = counted(len(children), "child", "children")
    text = f"it has {has} ({counted(inside, 'task', 'tasks')} inside it)"
    return refusal(
        row.task_id,
        "be deleted",
        [Unmet(kind="has_children", text=text, task_ids=children)],
        field="arguments.cascade",
        hint="Pass cascade true to delete them too.",
    )


def _is_needed(row: TaskRow, needed: Iterable[EdgeRow]) -> PrerequisitesNotMetError:
    others = tuple(dict.fromkeys(edge.task_id for edge in needed))
    need = counted(len(others), "task needs", "tasks need")
    text = f"{need} it: {', '.join(map(shown, others[:LISTED]))}"
    return refusal(
        row.task_id,
        "be deleted",
        [Unmet(kind="is_needed", text=text, task_ids=others)],
        field="arguments.detach",
        hint="Pass detach true to remove these dependencies.",
    )


def _edges_from_outside(draft: Draft, gone: Collection[str]) -> list[EdgeRow]:
    """Edges of tasks that stay, on those that go themselves or following them as replacements."""
    edges = (edge for task_id in gone for edge in draft.edges_of_others(task_id))
    return list({edge.key: edge for edge in edges if edge.task_id not in gone}.values())


def _refuse_if_followed(draft: Draft, row: TaskRow, going: Sequence[TaskRow], gone: Collection[str]) -> None:
    for task in going:
        followers = [other for other in draft.replaced_by(task.task_id) if other not in gone]
        if followers:
            text = f"{shown(task.task_id)} takes the place of {', '.join(map(shown, followers[:LISTED]))}"
            unmet = [Unmet(kind="is_needed", text=text, task_ids=tuple(followers))]
            raise refusal(
                row.task_id,
                "be deleted",
                unmet,
                field="arguments.task_id",
                hint="Delete the superseded tasks first.",
            )
