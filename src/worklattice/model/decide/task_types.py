"""Registering task types: a lifecycle of their own, a schema for their attributes."""

from __future__ import annotations

from typing import Any

from worklattice.errors import Unmet, ValidationError
from worklattice.model.answers import TaskTypeRegistered
from worklattice.model.commands import RegisterTaskType
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import written
from worklattice.model.decide.guards import refusal
from worklattice.model.draft import Draft
from worklattice.model.lifecycle import DEFAULT, Lifecycle, read_lifecycle
from worklattice.model.project import record
from worklattice.types import copied


def register_task_type(command: RegisterTaskType, draft: Draft) -> Conclude[TaskTypeRegistered]:
    """Register a task type anew. What is left out goes back to the default.

    Existing tasks keep their attributes, whatever the schema says; the next change of them is judged by it.
    """
    data: dict[str, Any] = {"task_type": command.task_type}
    lifecycle = DEFAULT
    if command.lifecycle is not None:
        document = copied(command.lifecycle)
        read = read_lifecycle(document, "arguments.lifecycle")
        if not isinstance(read, Lifecycle):
            raise ValidationError.all(read)
        lifecycle = read
        data["lifecycle"] = {**document, "initial": lifecycle.initial}
    if command.attributes_schema is not None:
        schema = copied(command.attributes_schema)
        if problems := draft.schemas.definition_problems(schema, "arguments.attributes_schema"):
            raise ValidationError.all(problems)
        data["attributes_schema"] = schema
    refuse_if_stranding(draft, command.task_type, lifecycle)
    record(draft, "task_type.defined", None, data)
    return lambda after: TaskTypeRegistered(
        task_type=command.task_type,
        lifecycle=data.get("lifecycle"),
        attributes_schema=data.get("attributes_schema"),
        **written(after),
    )


def refuse_if_stranding(draft: Draft, task_type: str, lifecycle: Lifecycle) -> None:
    """Refuse a lifecycle in which the stage of an existing task is missing, or means something else."""
    present = draft.lifecycle(task_type).stages
    lost = {name for name, stage in present.items() if lifecycle.stages.get(name) != stage}
    stranded: dict[str, str] = {}
    for row in draft.tasks_of_type(task_type) if lost else ():
        if row.stage in lost:
            stranded.setdefault(row.stage, row.task_id)
    if stranded:
        unmet = [
            Unmet(
                kind="stranded",
                text=f"tasks such as {task_id} are in the stage {stage}, which it lacks or changes",
                task_ids=(task_id,),
            )
            for stage, task_id in stranded.items()
        ]
        raise refusal(
            task_type,
            "take this lifecycle",
            unmet,
            field="arguments.lifecycle",
            hint="Keep those stages as they are, or move the tasks to others first.",
        )
