"""Creating tasks: one, or a batch that refers to one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from worklattice.errors import (
    DuplicateTaskError,
    ParentTaskNotFoundError,
    ValidationError,
    did_you_mean,
    shown,
)
from worklattice.model.answers import BatchCreated, TaskCreated
from worklattice.model.commands import BatchCreate, CreateTask, NewTask
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import (
    check_attributes,
    find,
    join_count,
    remarks,
    show,
    wire_time,
    written,
)
from worklattice.model.decide.dependencies import add_dependency
from worklattice.model.decide.guards import refusal, unmet_by_ancestors, unmet_of_stage
from worklattice.model.draft import Draft
from worklattice.model.lifecycle import SUPERSEDED
from worklattice.model.project import record
from worklattice.model.rows import JOIN_ALL
from worklattice.model.series import SCHEDULE
from worklattice.model.signals import Aftermath
from worklattice.types import ID_RULE, JsonObject, copied, is_id


def create_task(command: CreateTask, draft: Draft) -> Conclude[TaskCreated]:
    """Create one task."""
    task_id = create(draft, command, path="arguments", checks=command.validation_checks)
    return lambda after: task_created(draft, task_id, after)


def task_created(
    draft: Draft, task_id: str, after: Aftermath, *, inside: Sequence[str] = (), **more: Any
) -> TaskCreated:
    """The answer that a task was created, and with it tasks inside it."""
    task = show(draft, task_id)
    return TaskCreated(
        task_id=task_id,
        task_type=task.task_type,
        created_at=task.created_at,
        hierarchy_level=task.hierarchy_level,
        task=task,
        **more,
        **written(after, *remarks(draft, [task_id, *inside])),
    )


def batch_create(command: BatchCreate, draft: Draft) -> Conclude[BatchCreated]:
    """Create many tasks: parents first, then the dependencies, then the guards."""
    tasks, paths = command.tasks, [f"arguments.tasks[{i}]" for i in range(len(command.tasks))]
    task_ids = create_together(draft, tasks, paths, checks=command.validation_checks)
    return lambda after: BatchCreated(
        task_ids=tuple(task_ids),
        tasks=tuple(show(draft, task_id) for task_id in task_ids),
        total_created=len(task_ids),
        **written(after, *remarks(draft, task_ids)),
    )


def create(draft: Draft, new: NewTask, *, path: str, checks: bool) -> str:
    """Create one task with its dependencies; returns its id."""
    task_id = _born(draft, new, path=path, checks=checks)
    draft.prefetch([spec.dependency_task_id for spec in new.dependencies])
    _connected(draft, new, task_id, path=path)
    if checks:
        _guarded(draft, task_id, path=path)
    return task_id


def create_together(
    draft: Draft,
    tasks: Sequence[NewTask],
    paths: Sequence[str],
    *,
    checks: bool,
    made_from: Sequence[tuple[str, int] | None] = (),
    run: JsonObject | None = None,
) -> list[str]:
    """Create tasks that may name one another as parents and in dependencies, in any order; their ids.

    `paths` says where each was given; `made_from` the template and version of each, where there is one; `run`
    of which series, and which run of it, the first one is, where they are one. None of a run gets a schedule,
    for it would make runs in each run; but its attributes are judged as they were given, as those of what is
    scheduled were.
    """
    by_id = {new.task_id: index for index, new in enumerate(tasks) if new.task_id is not None}
    draft.prefetch(_named(tasks))
    task_ids: dict[int, str] = {}
    for start in range(len(tasks)):
        for index in _parents_first(start, tasks, by_id, task_ids, paths):
            template = made_from[index] if made_from else None
            more: JsonObject = {"series": run} if run is not None and index == 0 else {}
            if template is not None:
                more |= {"template_id": template[0], "template_version": template[1]}
            task_ids[index] = _born(
                draft, tasks[index], path=paths[index], checks=checks, more=more, in_run=run is not None
            )
    ordered = [task_ids[index] for index in range(len(tasks))]
    for new, task_id, path in zip(tasks, ordered, paths, strict=True):
        _connected(draft, new, task_id, path=path)
    if checks:
        for task_id, path in zip(ordered, paths, strict=True):
            _guarded(draft, task_id, path=path)
    return ordered


def _named(tasks: Iterable[NewTask]) -> Iterator[str]:
    """The ids that new tasks name: their own, their parents' and those of what they depend on."""
    for new in tasks:
        if new.task_id is not None:
            yield new.task_id
        if new.parent_task_id is not None:
            yield new.parent_task_id
        for spec in new.dependencies:
            yield spec.dependency_task_id


def _parents_first(
    start: int, tasks: Sequence[NewTask], by_id: dict[str, int], done: dict[int, str], paths: Sequence[str]
) -> list[int]:
    """The task at `start` and its ancestors in the batch that are not made yet, outermost first."""
    chain: list[int] = []
    seen: set[int] = set()
    index: int | None = start
    while index is not None and index not in done:
        if index in seen:
            raise ValidationError.of(
                f"{paths[index]}.parent_task_id",
                "these tasks are inside one another",
                hint="Break the circle.",
            )
        seen.add(index)
        chain.append(index)
        parent = tasks[index].parent_task_id
        index = None if parent is None else by_id.get(parent)
    chain.reverse()
    return chain


def _born(
    draft: Draft,
    new: NewTask,
    *,
    path: str,
    checks: bool,
    more: JsonObject | None = None,
    in_run: bool = False,
) -> str:
    """Record that a task was created, and `more` that the event says; its id."""
    attributes = copied(new.attributes)
    if not new.task_type:
        raise ValidationError.of(f"{path}.task_type", "a task needs a type")
    task_id = _own_id(draft, new.task_id, path)
    if new.parent_task_id is not None:
        find(draft, new.parent_task_id, f"{path}.parent_task_id", error=ParentTaskNotFoundError)
    check_attributes(draft, new.task_type, attributes, f"{path}.attributes")
    if in_run:
        attributes.pop(SCHEDULE, None)
    lifecycle = draft.lifecycle(new.task_type)
    stage_name = new.lifecycle_stage or lifecycle.initial
    stage = lifecycle.stages.get(stage_name)
    if stage is None:
        raise ValidationError.of(
            f"{path}.lifecycle_stage",
            f"{shown(stage_name)} is no stage of the lifecycle of {new.task_type}",
            hint=did_you_mean(stage_name, list(lifecycle.stages)),
        )
    if stage.status == SUPERSEDED:
        raise ValidationError.of(
            f"{path}.lifecycle_stage",
            "a task cannot be born superseded",
            hint="Create it, then supersede it.",
        )
    data: JsonObject = {"task_type": new.task_type, "lifecycle_stage": stage_name, "attributes": attributes}
    if new.parent_task_id is not None:
        data["parent_task_id"] = new.parent_task_id
    if (join := join_count(new.join, f"{path}.join")) != JOIN_ALL:
        data["join"] = join
    if new.not_before is not None:
        data["not_before"] = wire_time(new.not_before, f"{path}.not_before")
    if not checks:
        data["validation_checks"] = False
    record(draft, "task.created", task_id, data | (more or {}))
    return task_id


def _own_id(draft: Draft, given: str | None, path: str) -> str:
    if given is None:
        return draft.new_id()
    if not is_id(given):
        raise ValidationError.of(f"{path}.task_id", f"{shown(given)} is no id: an id has {ID_RULE}")
    if draft.task(given) is not None:
        raise DuplicateTaskError(field=f"{path}.task_id", task_id=given)
    return given


def _connected(draft: Draft, new: NewTask, task_id: str, *, path: str) -> None:
    """Add the dependencies of a task that was just born."""
    for index, spec in enumerate(new.dependencies):
        add_dependency(draft, task_id, spec, path=f"{path}.dependencies[{index}]")


def _guarded(draft: Draft, task_id: str, *, path: str) -> None:
    """Check the guards of a task that was just born: those of its stage, and that it may be where it is."""
    row = draft.known(task_id)
    stage = draft.stage(row)
    action = f"be created as {stage.name}"
    if unmet := unmet_of_stage(draft, row, stage):
        hint = "Let it be born in draft, or skip with validation_checks false."
        raise refusal(task_id, action, unmet, field=f"{path}.lifecycle_stage", hint=hint)
    if not stage.ended and (unmet := unmet_by_ancestors(draft, row.parent_id)):
        raise refusal(task_id, action, unmet, field=f"{path}.parent_task_id")
