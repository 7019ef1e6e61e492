"""What decisions share: looking tasks up, checking what was given, answering."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any

from worklattice.errors import (
    ConflictError,
    NotFoundError,
    Problem,
    TaskNotFoundError,
    ValidationError,
    shown,
)
from worklattice.lang.times import format_time
from worklattice.model.commands import WriteTask
from worklattice.model.dependency import Dependency
from worklattice.model.draft import Draft
from worklattice.model.events import Event
from worklattice.model.missing import missing_around
from worklattice.model.rows import JOIN_ALL, EdgeRow, EventRow, TaskRow
from worklattice.model.series import SCHEDULE, is_paused, is_scheduled, plan_of, run_of
from worklattice.model.signals import Aftermath
from worklattice.model.task import Task
from worklattice.model.times import seen_at
from worklattice.model.waiting import edge_state
from worklattice.types import JsonObject, in_utc, is_id

REMARKS = 100
"""Warnings that one answer makes at most about tasks, about metrics, or about what its commands warned of."""
_CONCERNED = 1_000
"""Other tasks that are looked at for what their times may lack."""
_SIMILAR = 200
"""Ids that are looked through for the closest ones."""


def find(draft: Draft, task_id: str, path: str, *, error: type[NotFoundError] = TaskNotFoundError) -> TaskRow:
    """The task, or the error that names the closest ids."""
    row = draft.task(task_id)
    if row is None:
        similar = draft.similar_ids(task_id, _SIMILAR) if is_id(task_id) else ()
        raise error(field=path, name=task_id, candidates=tuple(similar))
    return row


def subject(command: WriteTask[Any], draft: Draft) -> TaskRow:
    """The task that the command is about, in the version that the caller expects."""
    row = find(draft, command.task_id, "arguments.task_id")
    check_version(row, command.expected_version)
    return row


def check_version(row: TaskRow, expected: int | None) -> None:
    """Refuse a task that has another version than the caller expects, where one is expected."""
    if expected is not None and expected != row.version:
        raise ConflictError(
            field="arguments.expected_version",
            reason=f"The task has version {row.version}, not {expected}.",
            hint="Read the task again, look at what changed, and try with its version.",
            facts={"task_id": row.task_id, "expected_version": expected, "version": row.version},
        )


def check_attributes(
    draft: Draft, task_type: str, attributes: JsonObject, path: str, *, of: TaskRow | None = None
) -> None:
    """Refuse attributes, given at `path`, that do not fit what is registered of the type.

    `of` is the task that they would be of, where it is there already.
    """
    if problems := attribute_problems(draft, task_type, attributes, path, of=of):
        raise ValidationError.all(problems, hint=fit_hint(task_type, None if of is None else of.task_id))


def attribute_problems(
    draft: Draft, task_type: str, attributes: JsonObject, path: str, *, of: TaskRow | None = None
) -> Sequence[Problem]:
    """What is wrong with attributes by what is registered of a type: its schema, and whether it is strict.

    A run, and what is inside of it, may lack the schedule, which was left out when it was made.
    """
    registration = draft.task_type(task_type)
    if registration is None:
        return ()
    problems = draft.meanings(task_type).problems(attributes, path)
    if registration.attributes_schema is None:
        return problems
    misfits = draft.schemas.problems(registration.attributes_schema, attributes, path)
    if misfits and of is not None and SCHEDULE not in attributes and _is_part_of_a_run(draft, of):
        misfits = [misfit for misfit in misfits if misfit.field != f"{path}.{SCHEDULE}"]
    return [*misfits, *problems]


def _is_part_of_a_run(draft: Draft, row: TaskRow) -> bool:
    return run_of(row) is not None or any(run_of(ancestor) is not None for ancestor in draft.ancestors(row))


def fit_hint(task_type: str, task_id: str | None) -> str:
    """Whose attributes are refused, and by what."""
    whose = "Attributes have" if task_id is None else f"The attributes of task {shown(task_id)} have"
    return f"{whose} to fit what is registered of the type {shown(task_type)}."


def wire_time(moment: datetime, path: str) -> str:
    """A caller's time as events carry it."""
    try:
        return format_time(in_utc(moment))
    except ValueError as error:
        raise ValidationError.of(path, str(error)) from None


def join_count(join: str | int | None, path: str) -> int:
    """A caller's `join` as rows keep it."""
    match join:
        case None | "all":
            return JOIN_ALL
        case "any":
            return 1
        case int() if not isinstance(join, bool) and join >= 1:
            return join
        case _:
            raise ValidationError.of(path, "join is all, any, or a whole number from 1")


def show(draft: Draft, task_id: str) -> Task:
    """The task as it is now."""
    return Task.of(seen_at(draft.known(task_id), draft.now))


def dependencies(draft: Draft, edges: Iterable[EdgeRow]) -> tuple[Dependency, ...]:
    """Edges with their states, as callers see them."""
    edges = list(edges)
    draft.prefetch(task_id for edge in edges for task_id in (edge.task_id, edge.effective_id))
    return tuple(
        Dependency.of(
            edge,
            edge_state(edge, draft.known(edge.task_id).attributes, draft.known(edge.effective_id), draft.now),
        )
        for edge in edges
    )


def remarks(draft: Draft, task_ids: Collection[str] = ()) -> list[str]:
    """What the writer of tasks should know of them, and of others whose times hung on what was written.

    That attributes mean something and cannot be read, or that what they refer to is not there, or is over.
    """
    own = (
        f"Task {shown(name)}: {text}" for name in task_ids for text in _remarks_on(draft, draft.known(name))
    )
    if not draft.concerned:
        return list(islice(own, REMARKS))
    written_of = frozenset(task_ids)
    others = (draft.known(name) for name in draft.concerned[:_CONCERNED] if name not in written_of)
    lost = (f"Task {shown(row.task_id)}: {text}" for row in others for text in _missing_times(draft, row))
    return list(islice(chain(own, lost), REMARKS))


def _remarks_on(draft: Draft, row: TaskRow) -> Iterator[str]:
    yield from draft.meanings(row.task_type).warnings(row.attributes)
    if SCHEDULE in row.attributes:
        yield from (f"attributes.schedule makes no runs: {why}." for why in _without_runs(draft, row))
    if row.timed:
        yield from _missing_times(draft, row)


def _missing_times(draft: Draft, row: TaskRow) -> Iterator[str]:
    names = draft.meanings(row.task_type).names
    for name, text in missing_around(row, draft, draft.now):
        yield f"attributes.{names.get(name, name)} {text}."


def _without_runs(draft: Draft, row: TaskRow) -> Iterator[str]:
    """Why no runs come of a schedule that can be read."""
    if is_scheduled(row) and row.next_run_at is None and row.outcome is None and not is_paused(row):
        yield "it does not come any more"
    plan = plan_of(row.attributes)
    if plan is None:
        return
    if (of := run_of(row)) is not None:
        yield f"the task is a run itself, of {shown(of)}"
    elif plan.template_id is not None:
        template = draft.template(plan.template_id, plan.template_version)
        if template is None or template.deleted:
            version = "" if plan.template_version is None else f"version {plan.template_version} of "
            yield f"there is no {version}template {shown(plan.template_id)}"


def remarks_inside(answers: Mapping[str, Any]) -> list[str]:
    """What the answers of several commands warn of, each with the place of its command."""
    said = (f"{at}: {text}" for at, answer in answers.items() for text in getattr(answer, "warnings", ()))
    return list(islice(said, REMARKS))


def written(after: Aftermath, *warnings: str) -> dict[str, Any]:
    """What every write answers."""
    return {
        "unblocked": after.unblocked,
        "unblocked_count": after.unblocked_count,
        "warnings": warnings,
    }


def shown_events(rows: Iterable[EventRow], stream: str) -> tuple[Event, ...]:
    """Events as callers see them."""
    return tuple(Event.of(row, stream) for row in rows)
