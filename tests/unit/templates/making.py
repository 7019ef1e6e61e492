"""Templates for tests, in few words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from worklattice.errors import Problem, ProblemsError, TemplateValidationError
from worklattice.templates.expand import expand
from worklattice.templates.model import Lookup, Template
from worklattice.templates.parse import parse_template
from worklattice.templates.plan import Expansion, PlannedTask
from worklattice.types import LIMITS

Json: TypeAlias = Any

NOW = datetime(2025, 6, 16, 9, tzinfo=UTC)
PATH = "arguments.task_structure.root_task"


def found_among(templates: Iterable[Template]) -> Lookup:
    """A lookup of these templates."""
    known = list(templates)

    def lookup(template_id: str, version: int | None) -> Template | None:
        fitting = [t for t in known if t.template_id == template_id and version in {None, t.version}]
        return max(fitting, key=lambda t: t.version, default=None)

    return lookup


def definition(root: Json, parameters: Json = None, template_id: str = "t") -> dict[str, Json]:
    """The definition of a template; `parameters` are the properties of its schema, or the whole schema."""
    schema = (
        parameters
        if isinstance(parameters, dict) and "properties" in parameters
        else {"properties": parameters or {}}
    )
    return {"template_id": template_id, "parameters_schema": schema, "task_structure": {"root_task": root}}


def template(
    root: Json,
    parameters: Json = None,
    *,
    template_id: str = "t",
    version: int = 1,
    among: Iterable[Template] = (),
) -> Template:
    """A template that is sound."""
    return parse_template(definition(root, parameters, template_id), found_among(among), version=version)


def problems_of(root: Json, parameters: Json = None, *, among: Iterable[Template] = ()) -> list[Problem]:
    """What is wrong with a definition."""
    with pytest.raises(TemplateValidationError) as caught:
        template(root, parameters, among=among)
    return list(caught.value.problems)


def problem_of(root: Json, parameters: Json = None, *, among: Iterable[Template] = ()) -> tuple[str, str]:
    """The only thing that is wrong with a definition: where, below the root task, and what."""
    (problem,) = problems_of(root, parameters, among=among)
    return problem.field.removeprefix(PATH), problem.message.partition("\n")[0]


def expanded(
    root: Json,
    parameters: Json = None,
    given: Json = None,
    *,
    among: Iterable[Template] = (),
    limit: int = LIMITS.expansion_tasks,
) -> Expansion:
    """A template, expanded with what is given."""
    among = list(among)
    made = template(root, parameters, among=among)
    return expand(made, given or {}, now=NOW, include=found_among(among), limit=limit)


def refused(
    error: type[ProblemsError], root: Json, parameters: Json, given: Json, *, among: Iterable[Template] = ()
) -> list[tuple[str, str]]:
    """What is wrong with what is given: where, below the parameters, and what."""
    with pytest.raises(error) as caught:
        expanded(root, parameters, given, among=among)
    return [(p.field.removeprefix("arguments.parameters"), p.message) for p in caught.value.problems]


def paths(plan: Expansion) -> list[str]:
    """The paths of the tasks, without the root."""
    return [task.path.partition("/")[2] for task in plan.tasks[1:]]


def needs(plan: Expansion) -> dict[str, list[str]]:
    """For each task that needs others, which: by their paths without the root."""
    names = [task.path.partition("/")[2] for task in plan.tasks]
    return {
        names[i]: [names[d.on] for d in task.dependencies]
        for i, task in enumerate(plan.tasks)
        if task.dependencies
    }


def task_at(plan: Expansion, path: str) -> PlannedTask:
    """The task at a path without the root."""
    return next(task for task in plan.tasks if task.path.partition("/")[2] == path)
