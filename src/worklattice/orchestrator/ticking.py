"""Letting happen what is due, and saying when something is due next.

What changes by itself was settled before, as in every write. What is left are the occurrences of schedules:
each makes a run, or is missed, and the series is moved on in the same transaction. That, and that a workspace
has one writer at a time, is why each instant has one run, whoever ticks.

Not here: what is due of a series (`worklattice.model.series`), and what a copy of it is
(`worklattice.model.decide.runs`).
"""

from __future__ import annotations

from heapq import heapify, heappop, heapreplace
from typing import Any, Final

from worklattice.errors import ProblemsError, StoreError, ValidationError, WorklatticeError, shown
from worklattice.lang.times import format_time
from worklattice.model.answers import NextTick, SchedulePreview, Ticked
from worklattice.model.commands import Tick
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import find, shown_events, written
from worklattice.model.decide.guards import refusal, unmet_by_what_is_over
from worklattice.model.decide.runs import copy_run, id_for, run_said
from worklattice.model.decide.schedules import refuse_unscheduled
from worklattice.model.draft import Draft
from worklattice.model.event_graph import settle_levels
from worklattice.model.project import record
from worklattice.model.reads import NextTickAt, PreviewSchedule
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.series import ATTRIBUTE, Due, Plan, due_of, plan_of, read_plan, until_of
from worklattice.model.task import moment_of, optional_moment
from worklattice.templates.commands import expand_run
from worklattice.types import LIMITS, JsonObject, from_micros, to_micros

_WARNED: Final = 100
"""Warnings that one tick makes at most."""


def tick(command: Tick, draft: Draft) -> Conclude[Ticked]:
    """Make the runs that are due, earliest first; and let what was settled before be kept."""
    since = len(draft.events_recorded)
    came = () if draft.keeps_what_came else draft.came_by_itself  # else an earlier tick has told of it
    draft.keeps_what_came = True
    ticking = Ticking(draft)
    ticking.handle(command.limit)
    return lambda after: Ticked(
        runs=tuple(ticking.runs),
        skipped=ticking.skipped,
        failed=ticking.failed,
        next_tick_at=optional_moment(_next_tick_at(draft)),
        events=shown_events((*came, *draft.events_recorded[since:]), draft.stream),
        **written(after, *ticking.warnings[:_WARNED]),
    )


class Ticking:
    """The occurrences of schedules in one tick, and what has become of them."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.runs: list[str] = []
        self.skipped = 0
        self.failed = 0
        self.warnings: list[str] = []

    def handle(self, limit: int) -> None:
        """Handle so many occurrences at most, and fewer where they make as many tasks as one call may."""
        draft = self._draft
        enough = draft.position + _EVENTS
        due, unread = _coming(draft, limit, draft.now)
        for row in unread:
            why = "its schedule cannot be read here; is the extra worklattice[schedule] installed?"
            self.warnings.append(f"Task {shown(row.task_id)} is due and makes no run: {why}")
        queue = [_place(row) for row in due]
        heapify(queue)
        while queue and limit > 0 and draft.position < enough:
            row = draft.known(queue[0][2])
            self._turn(row)
            limit -= 1
            after = draft.known(row.task_id)
            if after.next_run_at is not None and row.next_run_at != after.next_run_at <= draft.now:
                heapreplace(queue, _place(after))
            else:
                heappop(queue)

    def _turn(self, row: TaskRow) -> None:
        """Handle what is due next of one series."""
        until, plan = until_of(row), plan_of(row.attributes)
        assert until is not None
        assert plan is not None
        due = due_of(plan, until, self._draft.now)
        if due is None:  # the rules of a time zone have changed since its next run was foreseen
            self._advance(row, Due(None, 0, until), {})
            return
        self.skipped += due.missed
        if due.at is None:
            self._advance(row, due, {})
            return
        try:
            run_id = self._make(row, plan, due.at)
        except StoreError:
            raise
        except WorklatticeError as error:
            self.failed += 1
            said: JsonObject = {"at": format_time(from_micros(due.at)), "error": _told(error)}
            self._advance(row, due, said, event_type="run.failed")
            text = f"The run of {shown(row.task_id)} at {said['at']} was not made: {_in_words(error)}"
            self.warnings.append(text)
        else:
            self.runs.append(run_id)
            self._advance(row, due, {"run": run_id, "at": format_time(from_micros(due.at))})

    def _advance(
        self, row: TaskRow, due: Due, said: dict[str, Any], *, event_type: str = "series.advanced"
    ) -> None:
        """Record up to when the series was handled."""
        data: JsonObject = {**said, "until": format_time(from_micros(due.until))}
        if due.missed:
            data["missed"] = due.missed
        record(self._draft, event_type, row.task_id, data)

    def _make(self, row: TaskRow, plan: Plan, at: Micros) -> str:
        """Make a run, whole or not at all; the id of its root."""
        if unmet := unmet_by_what_is_over(self._draft, row):
            raise refusal(row.task_id, "make a run", unmet, field="parent_task_id")
        part = self._draft.part()
        if plan.template_id is None:
            run_id = copy_run(part, row, at)
        else:
            run_id = id_for(part, row.task_id, at)
            expand_run(
                part,
                (plan.template_id, plan.template_version),
                plan.parameters or {},
                parent_id=row.parent_id,
                root_id=run_id,
                run=run_said(row, at),
            )
            settle_levels(part)
        self._draft.absorb(part)
        return run_id


_EVENTS: Final = LIMITS.batch_tasks
"""Events after which a tick makes no more runs."""


def _coming(draft: Draft, limit: int, upto: Micros | None = None) -> tuple[list[TaskRow], list[TaskRow]]:
    """Up to so many of the tasks that come next, and those met with whose schedules cannot be read here.

    The latter are left to whoever can read them, and take nobody's place.
    """
    wanted = limit
    while True:
        rows = draft.next_runs(wanted, upto)
        read = [row for row in rows if plan_of(row.attributes) is not None]
        if len(read) >= limit or len(rows) < wanted:
            return read[:limit], [row for row in rows if plan_of(row.attributes) is None]
        wanted *= 2


def _place(row: TaskRow) -> tuple[Micros, int, str]:
    """Its turn among those that are due."""
    assert row.next_run_at is not None
    return row.next_run_at, row.seq, row.task_id


def _told(error: WorklatticeError) -> JsonObject:
    return {"error_type": error.error_type, "message": _in_words(error), "field": error.field}


def _in_words(error: WorklatticeError) -> str:
    """Its message; with the place of what is wrong, where that is what was given."""
    is_placed = isinstance(error, ProblemsError) and error.field is not None
    return f"{error.field}: {error.message}" if is_placed else error.message


# --- when something is due ----------------------------------------------------------------------------------


def next_tick_at(_: NextTickAt, draft: Draft) -> NextTick:
    """When something is due next."""
    return NextTick(next_tick_at=optional_moment(_next_tick_at(draft)))


def _next_tick_at(draft: Draft) -> Micros | None:
    """When something is due next; now where something is already.

    Runs whose schedules cannot be read here do not count. Cost: the ends of three indexes, what was changed,
    and what cannot be read.
    """
    if draft.is_behind or draft.is_due(draft.now) or _has_alarms(draft):
        return draft.now
    coming, _ = _coming(draft, 1)
    moments = (draft.next_moment(draft.now), coming[0].next_run_at if coming else None)
    first = min((moment for moment in moments if moment is not None), default=None)
    return None if first is None else max(first, draft.now)


def _has_alarms(draft: Draft) -> bool:
    """Whether alarms went off before the draft and are not told in it, which only a read leaves undone."""
    first = draft.next_moment(_LONG_AGO) if draft.is_read else None
    return first is not None and first <= draft.now


_LONG_AGO: Final = -(1 << 62)


def preview_schedule(command: PreviewSchedule, draft: Draft) -> SchedulePreview:
    """When a schedule comes next."""
    if (command.task_id is None) == (command.schedule is None):
        raise ValidationError.of("arguments.task_id", "give either task_id or schedule")
    if command.task_id is None:
        plan = read_plan(command.schedule, "arguments.schedule")
    else:
        row = find(draft, command.task_id, "arguments.task_id")
        refuse_unscheduled(row)
        plan = read_plan(row.attributes[ATTRIBUTE], "arguments.task_id")
    after = draft.now if command.after is None else to_micros(command.after)
    return SchedulePreview(
        schedule=plan.schedule.text,
        time_zone=plan.schedule.zone.name,
        occurrences=tuple(map(moment_of, plan.schedule.occurrences(after, command.count))),
    )
