"""Changing tasks: attributes, place, type, and when they may start; and commenting on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worklattice.errors import (
    CircularDependencyError,
    ParentTaskNotFoundError,
    Problem,
    Unmet,
    ValidationError,
    shown,
)
from worklattice.lang.times import format_time
from worklattice.model.answers import BulkUpdated, Comment, CommentAdded, TaskUpdated
from worklattice.model.commands import AddComment, Keep, TaskUpdates, UpdateTask
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import (
    attribute_problems,
    check_attributes,
    find,
    fit_hint,
    join_count,
    remarks,
    show,
    subject,
    wire_time,
    written,
)
from worklattice.model.decide.guards import refusal, unmet_by_ancestors
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.rows import TaskRow
from worklattice.model.task import moment_of
from worklattice.types import LIMITS, JsonObject, JsonValue, copied, from_micros, identical

_UPDATES = "arguments.updates"


def update_task(command: UpdateTask, draft: Draft) -> Conclude[TaskUpdated]:
    """Change one task."""
    row = subject(command, draft)
    _record_changes(draft, row, command.updates)
    return lambda after: TaskUpdated(
        task_id=row.task_id,
        task=show(draft, row.task_id),
        **written(after, *remarks(draft, [row.task_id])),
    )


def update_tasks(task_ids: Sequence[str], updates: TaskUpdates, draft: Draft) -> Conclude[BulkUpdated]:
    """Make the same change to many tasks."""
    draft.prefetch(task_ids)
    for index, task_id in enumerate(task_ids):
        _record_changes(draft, find(draft, task_id, f"arguments.task_ids[{index}]"), updates)
    return lambda after: BulkUpdated(
        task_ids=tuple(task_ids),
        updated_count=len(task_ids),
        **written(after, *remarks(draft, task_ids)),
    )


def _record_changes(draft: Draft, row: TaskRow, updates: TaskUpdates) -> None:
    """Record what the updates change of the task; nothing where they change nothing."""
    if updates.parent_task_id is not Keep.KEEP and updates.parent_task_id != row.parent_id:
        _move(draft, row, updates.parent_task_id)
        row = draft.known(row.task_id)
    changes: dict[str, Any] = {}
    if updates.attributes is not None:
        changes |= _attributes(draft, row, updates)
    if updates.task_type is not None and updates.task_type != row.task_type:
        if updates.attributes is None:
            _check_fit(draft, row, updates.task_type)
        _check_stage(draft, row, updates.task_type)
        changes |= _change("task_type", updates.task_type, row.task_type)
    if updates.not_before is not Keep.KEEP:
        said = None if updates.not_before is None else wire_time(updates.not_before, f"{_UPDATES}.not_before")
        before = None if row.not_before is None else format_time(from_micros(row.not_before))
        changes |= _change("not_before", said, before)
    if updates.join is not None:
        changes |= _change("join", join_count(updates.join, f"{_UPDATES}.join"), row.join)
    if changes:
        record(draft, "task.updated", row.task_id, {**changes, "version": draft.bump(row)})


def _change(name: str, value: JsonValue, before: JsonValue) -> dict[str, Any]:
    return {} if value == before else {name: value, f"previous_{name}": before}


def _attributes(draft: Draft, row: TaskRow, updates: TaskUpdates) -> dict[str, Any]:
    """The attributes that a merge patch sets and unsets, with what they were."""
    path = f"{_UPDATES}.attributes"
    patch = copied(updates.attributes)
    merged = merge_patch(row.attributes, patch)
    if len(merged) > LIMITS.attribute_keys:
        raise ValidationError.of(path, f"would make more than {LIMITS.attribute_keys:,} attributes")
    check_attributes(draft, updates.task_type or row.task_type, merged, path, of=row)
    now: dict[str, Any] = {"set": {}, "unset": []}
    was: dict[str, Any] = {"set": {}, "unset": []}
    for name in patch:
        _note(now, name, merged)
        _note(was, name, row.attributes)
    if identical(now, was):
        return {}
    return {"attributes": _trimmed(now), "previous_attributes": _trimmed(was)}


def _note(side: dict[str, Any], name: str, attributes: JsonObject) -> None:
    if name in attributes:
        side["set"][name] = attributes[name]
    else:
        side["unset"].append(name)


def _trimmed(side: dict[str, Any]) -> JsonObject:
    return {name: value for name, value in side.items() if value}


def merge_patch(target: JsonValue, patch: JsonObject) -> JsonObject:
    """`target` with the merge patch applied (RFC 7396). As deep as the patch; the patch is bounded."""
    result: JsonObject = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merge_patch(result.get(name), value)
        else:
            result[name] = value
    return result


def _check_fit(draft: Draft, row: TaskRow, task_type: str) -> None:
    """Refuse a type that the attributes of the task do not fit."""
    problems = attribute_problems(draft, task_type, row.attributes, "attributes", of=row)
    if problems:
        blamed = [Problem(field=f"{_UPDATES}.task_type", message=f"{p.field} {p.message}") for p in problems]
        raise ValidationError.all(blamed, hint=fit_hint(task_type, row.task_id))


def _check_stage(draft: Draft, row: TaskRow, task_type: str) -> None:
    stage, lifecycle = draft.stage(row), draft.lifecycle(task_type)
    if lifecycle.stages.get(row.stage) != stage:
        text = f"the lifecycle of {task_type} does not know its stage {row.stage} in the same meaning"
        raise refusal(
            row.task_id,
            f"become a {task_type}",
            [Unmet(kind="stranded", text=text)],
            field=f"{_UPDATES}.task_type",
            hint="Move it to a stage that both lifecycles know first.",
        )


def _move(draft: Draft, row: TaskRow, parent_id: str | None) -> None:
    path = f"{_UPDATES}.parent_task_id"
    if parent_id is not None:
        parent = find(draft, parent_id, path, error=ParentTaskNotFoundError)
        _check_hierarchy(draft, row, parent, path)
        if row.outcome is None and (unmet := unmet_by_ancestors(draft, parent_id)):
            raise refusal(row.task_id, f"move into {shown(parent_id)}", unmet, field=path)
    data: JsonObject = {"from": row.parent_id, "to": parent_id, "version": draft.bump(row)}
    record(draft, "task.moved", row.task_id, data)


def _check_hierarchy(draft: Draft, row: TaskRow, parent: TaskRow, path: str) -> None:
    """Refuse a task as its own parent, or inside what is inside it."""
    chain = [parent.task_id]
    if parent.task_id != row.task_id:
        for ancestor in draft.ancestors(parent):
            chain.append(ancestor.task_id)
            if ancestor.task_id == row.task_id:
                break
        else:
            return
    raise CircularDependencyError(field=path, cycle=tuple(chain), steps=("is inside",) * len(chain))


def add_comment(command: AddComment, draft: Draft) -> Conclude[CommentAdded]:
    """Add a comment to a task."""
    row = subject(command, draft)
    text = copied(command.text)
    if not text.strip():
        raise ValidationError.of("arguments.text", "a comment needs a text")
    event = record(draft, "comment.added", row.task_id, {"text": text, "version": draft.bump(row)})
    comment = Comment(comment_id=str(event.position), text=text, author=event.actor, at=moment_of(event.at))
    return lambda after: CommentAdded(
        task_id=row.task_id, comment=comment, task=show(draft, row.task_id), **written(after)
    )
