"""Answering commands that read: which function answers which command.

Every function gets the command and a draft in which time has been settled, and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from worklattice.errors import ValidationError, shown
from worklattice.model.answers import (
    CalendarInfo,
    CalendarsListed,
    Comment,
    DeadLetter,
    DeadLettersListed,
    DependenciesFound,
    GatesEvaluated,
    Hierarchy,
    History,
    SchedulePreview,
    Statistics,
    TaskFound,
)
from worklattice.model.commands import Command
from worklattice.model.decide.common import dependencies, find, shown_events
from worklattice.model.decide.schedules import refuse_unscheduled
from worklattice.model.dependency import SYMMETRIC
from worklattice.model.estimates import Estimates
from worklattice.model.gates import gates_of, triggers_of
from worklattice.model.log import events_behind
from worklattice.model.notifications import Notification
from worklattice.model.outbox import BEGINNING, letter_id, read_letter_id
from worklattice.model.past import task_then
from worklattice.model.reads import (
    EvaluateGates,
    ExplainTask,
    GetDependencies,
    GetHistory,
    GetTask,
    GetTaskHierarchy,
    GetTemplate,
    ListCalendars,
    ListDeadLetters,
    ListTemplates,
    NextTickAt,
    PreviewSchedule,
)
from worklattice.model.rows import DeliveryRow, EdgeKey, EdgeRow, TaskRow
from worklattice.model.series import SCHEDULE, read_plan
from worklattice.model.task import PastTask, Task, moment_of
from worklattice.model.times import seen_at
from worklattice.model.verdicts import LETS_PASS, judged, watched
from worklattice.orchestrator.explaining import explain_task
from worklattice.orchestrator.past import AsOfMoment
from worklattice.orchestrator.querying import get_ready_tasks, query_tasks
from worklattice.orchestrator.ticking import next_tick_at
from worklattice.orchestrator.trees import TreeBuilder
from worklattice.orchestrator.working import WorkingDraft
from worklattice.query.metrics import Sums
from worklattice.query.request import GetReadyTasks, QueryTasks
from worklattice.templates.commands import get_template, list_templates
from worklattice.types import JsonObject, to_micros


def get_task(command: GetTask, draft: WorkingDraft) -> TaskFound:
    """One task, or several."""
    if (command.task_id is None) == (command.task_ids is None):
        raise ValidationError.of("arguments.task_id", "give either task_id or task_ids")
    if command.task_id is not None:
        row = find(draft, command.task_id, "arguments.task_id")
        comments = tuple(_comments(draft, row.task_id)) if command.include_comments else None
        return TaskFound(task=Task.of(seen_at(row, draft.now)), comments=comments)
    wanted = tuple(dict.fromkeys(command.task_ids or ()))
    found = draft.tasks(wanted)
    return TaskFound(
        tasks=tuple(Task.of(seen_at(found[task_id], draft.now)) for task_id in wanted if task_id in found),
        missing=tuple(task_id for task_id in wanted if task_id not in found),
    )


def _comments(draft: WorkingDraft, task_id: str) -> Iterator[Comment]:
    for row in draft.comments(task_id):
        yield Comment(comment_id=str(row.seq), text=row.text, author=row.author, at=moment_of(row.at))


def evaluate_gates(command: EvaluateGates, draft: WorkingDraft) -> GatesEvaluated:
    """The gates and the triggers of a task, judged now."""
    row = find(draft, command.task_id, "arguments.task_id")
    meant, names = draft.meant(row), draft.meanings(row.task_type).names
    gates = tuple(judged(row, meant, gates_of(meant, names), draft.now))
    return GatesEvaluated(
        task_id=row.task_id,
        passed=all(gate.state in LETS_PASS for gate in gates),
        gates=gates,
        triggers=tuple(watched(row, meant, triggers_of(meant, names), draft.now)),
    )


def get_task_hierarchy(command: GetTaskHierarchy, draft: WorkingDraft) -> Hierarchy:
    """A task with all that is inside it."""
    root = find(draft, command.root_task_id, "arguments.root_task_id")
    builder = TreeBuilder(draft, max_depth=command.max_depth, include_ended=command.include_completed)
    node = builder.node(root)
    statistics = _statistics(builder.seen, draft.meant) if command.include_statistics else None
    return Hierarchy(root_task=node, statistics=statistics, truncated=builder.truncated)


def _statistics(rows: Iterable[TaskRow], meant: Callable[[TaskRow], JsonObject]) -> Statistics:
    by_status: Counter[str] = Counter()
    counted = succeeded = 0
    sums, estimates = Sums(), Estimates()
    for row in rows:
        by_status[row.status] += 1
        counted += row.outcome != "withdrawn"
        succeeded += row.outcome == "succeeded"
        sums.add(row.attributes)
        estimates.add(meant(row))
    return Statistics(
        total=sum(by_status.values()),
        by_status=dict(sorted(by_status.items())),
        completed_share=succeeded / counted if counted else 0.0,
        sums=sums.totals(),
        estimates=estimates.totals(),
    )


def get_dependencies(command: GetDependencies, draft: WorkingDraft) -> DependenciesFound:
    """A task's edges, in the direction asked for, with transitive ones breadth first.

    A symmetric edge of the task is shown in every direction, whichever end it is stored with. It is not
    followed, and those of other tasks are left out: nobody needs what is only related.
    """
    find(draft, command.task_id, "arguments.task_id")
    found: dict[EdgeKey, EdgeRow] = {}
    if command.direction == "dependants":
        found |= _symmetric(draft.edges_of(command.task_id))
    else:
        _follow(command, draft.edges_of, lambda edge: edge.effective_id, found)
    if command.direction == "dependencies":
        found |= _symmetric(draft.edges_on(command.task_id))
    else:
        _follow(command, draft.edges_on, lambda edge: edge.task_id, found)
    return DependenciesFound(task_id=command.task_id, dependencies=dependencies(draft, found.values()))


def _symmetric(edges: Iterable[EdgeRow]) -> dict[EdgeKey, EdgeRow]:
    return {edge.key: edge for edge in edges if edge.type == SYMMETRIC}


def _follow(
    command: GetDependencies,
    edges: Callable[[str], Iterable[EdgeRow]],
    onward: Callable[[EdgeRow], str],
    found: dict[EdgeKey, EdgeRow],
) -> None:
    frontier, seen = [command.task_id], {command.task_id}
    for task_id in frontier:
        for edge in edges(task_id):
            symmetric = edge.type == SYMMETRIC
            if not symmetric or task_id == command.task_id:
                found[edge.key] = edge
            following = onward(edge)
            if command.include_transitive and not symmetric and following not in seen:
                seen.add(following)
                frontier.append(following)


def get_history(command: GetHistory, draft: WorkingDraft) -> History:
    """Events in order, a page of them; with `as_of` those up to then, and the task as it was."""
    then = None if command.as_of is None else AsOfMoment(command.as_of, draft.workspace(), draft.now)
    rows = draft.events(command.after, command.limit + 1, command.task_id)
    if not rows and command.task_id is not None and not draft.events(0, 1, command.task_id):
        find(draft, command.task_id, "arguments.task_id")
    if then is not None:
        rows = [row for row in rows if then.has(row)]
    page = rows[: command.limit]
    more = len(rows) > command.limit
    return History(
        events=shown_events(page, draft.stream),
        next_after=page[-1].position if more else None,
        task=None if then is None or command.task_id is None else _past_task(draft, command.task_id, then),
    )


def _past_task(draft: WorkingDraft, task_id: str, then: AsOfMoment) -> PastTask | None:
    """The task as it was. Cost: all of its events."""
    events = list(events_behind(draft, 0, task_id))
    position = max((event.position for event in events if then.has(event)), default=0)
    row = task_then(draft.task(task_id), events, position)
    return None if row is None else PastTask.of(row)


def preview_schedule(command: PreviewSchedule, draft: WorkingDraft) -> SchedulePreview:
    """When a schedule comes next."""
    if (command.task_id is None) == (command.schedule is None):
        raise ValidationError.of("arguments.task_id", "give either task_id or schedule")
    if command.task_id is None:
        plan = read_plan(command.schedule, "arguments.schedule")
    else:
        row = find(draft, command.task_id, "arguments.task_id")
        refuse_unscheduled(row)
        plan = read_plan(row.attributes[SCHEDULE], "arguments.task_id")
    after = draft.now if command.after is None else to_micros(command.after)
    return SchedulePreview(
        schedule=plan.schedule.text,
        time_zone=plan.schedule.zone.name,
        occurrences=tuple(map(moment_of, plan.schedule.occurrences(after, command.count))),
    )


def list_calendars(_: ListCalendars, draft: WorkingDraft) -> CalendarsListed:
    """Every calendar, as it was given."""
    found = tuple(CalendarInfo(name=row.name, calendar=row.body) for row in draft.calendars())
    return CalendarsListed(calendars=found, total=len(found))


def list_dead_letters(command: ListDeadLetters, draft: WorkingDraft) -> DeadLettersListed:
    """Dead letters of a consumer, a page of them."""
    after = BEGINNING if command.after is None else read_letter_id(command.after)
    if after is None:
        message = f"{shown(command.after)} is no dead_letter_id"
        raise ValidationError.of("arguments.after", message, hint="Give next_after of the page before.")
    rows = draft.dead_letters(command.consumer, after, command.limit + 1)
    page = rows[: command.limit]
    return DeadLettersListed(
        consumer=command.consumer,
        dead_letters=tuple(_dead_letter(draft, row) for row in page),
        next_after=letter_id(page[-1]) if len(rows) > len(page) else None,
    )


def _dead_letter(draft: WorkingDraft, row: DeliveryRow) -> DeadLetter:
    assert row.dead_at is not None
    (event,) = draft.events(row.position - 1, 1)
    return DeadLetter(
        dead_letter_id=letter_id(row),
        notification=Notification.of(row.channel, row.text, event, draft.stream, row.attempts),
        error=row.error,
        dead_at=moment_of(row.dead_at),
    )


READS: Final[dict[type[Command[Any]], Callable[[Any, WorkingDraft], Any]]] = {
    GetTask: get_task,
    GetTaskHierarchy: get_task_hierarchy,
    GetDependencies: get_dependencies,
    ExplainTask: explain_task,
    EvaluateGates: evaluate_gates,
    NextTickAt: next_tick_at,
    PreviewSchedule: preview_schedule,
    GetHistory: get_history,
    GetTemplate: get_template,
    ListTemplates: list_templates,
    ListCalendars: list_calendars,
    ListDeadLetters: list_dead_letters,
    QueryTasks: query_tasks,
    GetReadyTasks: get_ready_tasks,
}
"""Which function answers which command that reads."""
