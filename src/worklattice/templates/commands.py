"""Commands about templates: defining, deleting, reading them, and creating tasks from them.

A workspace's own templates and the shipped ones are found in one place, `find_template`. A shipped template
is version 1 of its id in every workspace; whoever defines the id again makes version 2.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, cast

from worklattice.errors import (
    ParentTaskNotFoundError,
    TemplateNotFoundError,
    ValidationError,
)
from worklattice.model.answers import (
    ExpandedTask,
    TaskCreated,
    TemplateDefined,
    TemplateDeleted,
    TemplateExpanded,
    TemplateFound,
    TemplateInfo,
    TemplatesListed,
    TemplateSummary,
)
from worklattice.model.commands import (
    CreateFromTemplate,
    CreateTask,
    CreateTemplate,
    DeleteTemplate,
    DependencySpec,
    DependencyTypeName,
    NewTask,
    OutcomeName,
)
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import find, remarks, written
from worklattice.model.decide.create import create, create_together, task_created
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.reads import GetTemplate, ListTemplates
from worklattice.model.rows import TemplateRow
from worklattice.model.task import moment_of
from worklattice.templates import library
from worklattice.templates.expand import expand
from worklattice.templates.model import Template
from worklattice.templates.parse import FIELDS, parse_template
from worklattice.templates.plan import Expansion, PlannedDependency, PlannedTask
from worklattice.types import JsonObject, copied

_SHIPPED_VERSION = 1


# --- creating tasks -----------------------------------------------------------------------------------------


def create_task(command: CreateTask, draft: Draft) -> Conclude[TaskCreated]:
    """Create one task; where a template is named, expand it under the task."""
    if command.template_id is None:
        for name in ("parameters", "template_version"):
            if getattr(command, name) is not None:
                raise ValidationError.of(f"arguments.{name}", "goes with a template_id only")
    task_id = create(draft, command, path="arguments", checks=command.validation_checks)
    if command.template_id is None:
        return lambda after: task_created(draft, task_id, after)
    template = _found(draft, command.template_id, command.template_version)
    plan, task_ids = _expand(draft, template, command.parameters or {}, parent_id=task_id)
    return lambda after: task_created(
        draft, task_id, after, inside=task_ids, tasks_created=tuple(_expanded(draft, plan, task_ids))
    )


def create_from_template(command: CreateFromTemplate, draft: Draft) -> Conclude[TemplateExpanded]:
    """Expand a template into a tree of tasks."""
    template = _found(draft, command.template_id, command.template_version)
    if command.parent_task_id is not None:
        find(draft, command.parent_task_id, "arguments.parent_task_id", error=ParentTaskNotFoundError)
    plan, task_ids = _expand(
        draft, template, command.parameters, parent_id=command.parent_task_id, root_id=command.task_id
    )
    return lambda after: TemplateExpanded(
        root_task_id=task_ids[0],
        template_id=plan.template_id,
        template_version=plan.template_version,
        tasks_created=tuple(_expanded(draft, plan, task_ids)),
        dependencies_created=plan.dependency_count,
        parameters_applied=plan.parameters_applied,
        **written(after, *remarks(draft, task_ids)),
    )


def expand_run(
    draft: Draft,
    template: tuple[str, int | None],
    parameters: JsonObject,
    *,
    parent_id: str | None,
    root_id: str,
    run: JsonObject,
) -> None:
    """Make the run of a series that is the expansion of a version of a template, or of the newest.

    Raises:
        WorklatticeError: it is refused as `create_from_template` would be.
    """
    found = _found(draft, *template)
    _expand(draft, found, parameters, parent_id=parent_id, root_id=root_id, run=run)


def _expand(
    draft: Draft,
    template: Template,
    parameters: JsonObject,
    *,
    parent_id: str | None,
    root_id: str | None = None,
    run: JsonObject | None = None,
) -> tuple[Expansion, Sequence[str]]:
    """Plan the expansion and create its tasks; the plan, and their ids in its order."""
    plan = expand(template, parameters, now=moment_of(draft.now), include=partial(find_template, draft))
    ids = [
        root_id if root_id is not None and index == 0 else draft.new_id() for index in range(len(plan.tasks))
    ]
    news = [_new_task(task, ids, index, parent_id) for index, task in enumerate(plan.tasks)]
    paths = ["arguments" if index == 0 else f"arguments.{task.path}" for index, task in enumerate(plan.tasks)]
    made_from = [(task.template_id, task.template_version) for task in plan.tasks]
    return plan, create_together(draft, news, paths, checks=True, made_from=made_from, run=run)


def _new_task(task: PlannedTask, ids: Sequence[str], index: int, parent_id: str | None) -> NewTask:
    return NewTask(
        task_id=ids[index],
        task_type=task.task_type,
        attributes=task.attributes,
        parent_task_id=parent_id if task.parent is None else ids[task.parent],
        lifecycle_stage=task.lifecycle_stage,
        join=task.join,
        not_before=task.not_before,
        dependencies=tuple(_spec(dependency, ids) for dependency in task.dependencies),
    )


def _spec(dependency: PlannedDependency, ids: Sequence[str]) -> DependencySpec:
    return DependencySpec(
        dependency_task_id=ids[dependency.on],
        dependency_type=cast("DependencyTypeName", dependency.dependency_type),
        mandatory=dependency.mandatory,
        outcome=cast("OutcomeName | None", dependency.outcome),
        description=dependency.description,
        lag=dependency.lag,
        artifact=dependency.artifact,
        conditions=dependency.conditions,
    )


def _expanded(draft: Draft, plan: Expansion, task_ids: Sequence[str]) -> Iterator[ExpandedTask]:
    for task, task_id in zip(plan.tasks, task_ids, strict=True):
        yield ExpandedTask.of(draft.known(task_id), key=task.key)


# --- defining and deleting ----------------------------------------------------------------------------------


def create_template(command: CreateTemplate, draft: Draft) -> Conclude[TemplateDefined]:
    """Define a template, or the next version of one."""
    given = {name: getattr(command, name) for name in FIELDS}
    definition: JsonObject = copied({name: value for name, value in given.items() if value is not None})
    newest = _newest_version(draft, command.template_id)
    version = newest + 1
    parse_template(definition, partial(find_template, draft), version=version)
    record(
        draft,
        "template.defined",
        None,
        {"template_id": command.template_id, "version": version, "definition": definition},
    )
    return lambda after: TemplateDefined(template_id=command.template_id, version=version, **written(after))


def _newest_version(draft: Draft, template_id: str) -> int:
    row = draft.template(template_id)
    if row is not None:
        return row.version
    return _SHIPPED_VERSION if library.definition(template_id) is not None else 0


def delete_template(command: DeleteTemplate, draft: Draft) -> Conclude[TemplateDeleted]:
    """Delete a template; defining its id again goes on counting its versions."""
    row = draft.template(command.template_id)
    if row is None and library.definition(command.template_id) is not None:
        raise ValidationError.of(
            "arguments.template_id",
            "a shipped template cannot be deleted",
            hint="Define the id again to put a version of your own before it.",
        )
    if row is None or row.deleted:
        raise _not_found(draft, command.template_id, None)
    record(draft, "template.deleted", None, {"template_id": row.template_id, "version": row.version})
    return lambda after: TemplateDeleted(template_id=row.template_id, version=row.version, **written(after))


# --- finding ------------------------------------------------------------------------------------------------


def find_template(draft: Draft, template_id: str, version: int | None) -> Template | None:
    """That version of a template, or the newest; None where it is not there, or was deleted."""
    found = _definition(draft, template_id, version)
    if found is None:
        return None
    definition, number, _ = found
    return _read(json.dumps(definition, sort_keys=True), number)


@lru_cache(maxsize=256)
def _read(text: str, version: int) -> Template:
    """A definition that was found sound before, read again; most templates are expanded more than once."""
    return parse_template(json.loads(text), None, version=version)


def _definition(draft: Draft, template_id: str, version: int | None) -> tuple[JsonObject, int, bool] | None:
    """The definition of a template with its version, and whether it is a shipped one."""
    newest = draft.template(template_id)
    if newest is not None and newest.deleted:
        return None
    row: TemplateRow | None = newest if version is None else draft.template(template_id, version)
    if row is not None:
        return row.body, row.version, False
    shipped = library.definition(template_id) if version in {None, _SHIPPED_VERSION} else None
    return None if shipped is None else (shipped, _SHIPPED_VERSION, True)


def _found(draft: Draft, template_id: str, version: int | None) -> Template:
    template = find_template(draft, template_id, version)
    if template is None:
        raise _not_found(draft, template_id, version)
    return template


def _not_found(
    draft: Draft, template_id: str, version: int | None, version_path: str = "arguments.template_version"
) -> TemplateNotFoundError:
    own = (row.template_id for row in draft.templates() if not row.deleted)
    known = tuple(dict.fromkeys((*own, *library.template_ids())))
    path = "arguments.template_id"
    if version is not None and template_id in known:
        path = version_path
    return TemplateNotFoundError(field=path, name=template_id, candidates=known, version=version)


# --- reading ------------------------------------------------------------------------------------------------


def get_template(command: GetTemplate, draft: Draft) -> TemplateFound:
    """A template's definition."""
    found = _definition(draft, command.template_id, command.version)
    if found is None:
        raise _not_found(draft, command.template_id, command.version, "arguments.version")
    definition, version, shipped = found
    said: dict[str, Any] = {name: definition.get(name) for name in FIELDS}
    said["parameters_schema"] = said["parameters_schema"] or {}
    return TemplateFound(template=TemplateInfo(**said, version=version, shipped=shipped))


def list_templates(command: ListTemplates, draft: Draft) -> TemplatesListed:
    """The newest version of every template."""
    rows = {row.template_id: row for row in draft.templates()}
    summaries = []
    for template_id in sorted({*rows, *library.template_ids()}):
        found = _definition(draft, template_id, None)
        if found is None:
            continue
        definition, version, shipped = found
        if command.category is None or definition.get("category") == command.category:
            summaries.append(_summary(definition, version, shipped=shipped))
    return TemplatesListed(templates=tuple(summaries), total=len(summaries))


def _summary(definition: JsonObject, version: int, *, shipped: bool) -> TemplateSummary:
    said: dict[str, Any] = {
        name: definition.get(name) for name in ("template_id", "name", "description", "category")
    }
    return TemplateSummary(**said, version=version, shipped=shipped)
