"""Registering task types: a lifecycle of their own, and what their attributes must be and mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from worklattice.errors import Problem, Unmet, ValidationError
from worklattice.model.answers import TaskTypeRegistered
from worklattice.model.commands import RegisterTaskType
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import written
from worklattice.model.decide.guards import refusal
from worklattice.model.draft import Draft
from worklattice.model.lifecycle import DEFAULT, Lifecycle, read_lifecycle
from worklattice.model.meanings import problems_of_defaults, problems_of_names, warnings_of_defaults
from worklattice.model.project import record
from worklattice.types import copied


def register_task_type(command: RegisterTaskType, draft: Draft) -> Conclude[TaskTypeRegistered]:
    """Register a task type anew. What is left out goes back to the default.

    Existing tasks keep their attributes, whatever the schema says; the next change of them is judged by it.
    """
    given = {name: copied(getattr(command, name)) for name in DOCUMENTS if getattr(command, name) is not None}
    lifecycle = checked(draft, given, "arguments")
    data: dict[str, Any] = {"task_type": command.task_type, **given}
    if command.lifecycle is not None:
        data["lifecycle"] = {**given["lifecycle"], "initial": lifecycle.initial}
    if command.strict:
        data["strict"] = True
    refuse_if_stranding(draft, command.task_type, lifecycle)
    record(draft, "task_type.defined", None, data)
    warnings = tuple(warnings_of_defaults(command.attribute_defaults or {}))
    return lambda after: TaskTypeRegistered(
        task_type=command.task_type,
        lifecycle=data.get("lifecycle"),
        attributes_schema=data.get("attributes_schema"),
        attribute_names=data.get("attribute_names"),
        attribute_defaults=data.get("attribute_defaults"),
        strict=command.strict,
        **written(after, *warnings),
    )


DOCUMENTS: Final = ("lifecycle", "attributes_schema", "attribute_names", "attribute_defaults")
"""What a registration may say, each an object."""


def checked(draft: Draft, said: Mapping[str, Any], path: str) -> Lifecycle:
    """The lifecycle that a registration given at `path` says, which is refused where it is faulty."""
    problems: list[Problem] = []
    lifecycle = DEFAULT
    if "lifecycle" in said:
        read = read_lifecycle(said["lifecycle"], f"{path}.lifecycle")
        if isinstance(read, Lifecycle):
            lifecycle = read
        else:
            problems += read
    if "attributes_schema" in said:
        problems += draft.schemas.definition_problems(said["attributes_schema"], f"{path}.attributes_schema")
    problems += problems_of_names(said.get("attribute_names", {}), f"{path}.attribute_names")
    problems += problems_of_defaults(said.get("attribute_defaults", {}), f"{path}.attribute_defaults")
    if problems:
        raise ValidationError.all(problems)
    return lifecycle


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
