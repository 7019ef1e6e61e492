"""Pausing and resuming the schedule of a task.

Not here: making its runs (`worklattice.orchestrator.ticking`).
"""

from __future__ import annotations

from worklattice.errors import ValidationError, shown
from worklattice.lang.times import format_time
from worklattice.model.answers import SchedulePaused, ScheduleResumed
from worklattice.model.commands import PauseSchedule, ResumeSchedule
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import show, subject, written
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.rows import TaskRow
from worklattice.model.series import is_paused, is_scheduled
from worklattice.types import from_micros


def pause_schedule(command: PauseSchedule, draft: Draft) -> Conclude[SchedulePaused]:
    """Let a scheduled task make no runs; nothing changes where it is paused."""
    row = subject(command, draft)
    refuse_unscheduled(row)
    if not is_paused(row):
        record(draft, "series.paused", row.task_id, {"version": draft.bump(row)})
    return lambda after: SchedulePaused(task_id=row.task_id, task=show(draft, row.task_id), **written(after))


def resume_schedule(command: ResumeSchedule, draft: Draft) -> Conclude[ScheduleResumed]:
    """Let a scheduled task make runs from now on; nothing changes where it is not paused."""
    row = subject(command, draft)
    refuse_unscheduled(row)
    if is_paused(row):
        until = format_time(from_micros(draft.now))
        record(draft, "series.resumed", row.task_id, {"until": until, "version": draft.bump(row)})
    return lambda after: ScheduleResumed(task_id=row.task_id, task=show(draft, row.task_id), **written(after))


def refuse_unscheduled(row: TaskRow) -> None:
    """Refuse a task of which there are no runs."""
    if not is_scheduled(row):
        raise ValidationError.of(
            "arguments.task_id",
            f"task {shown(row.task_id)} is not scheduled",
            hint="Give it an attribute schedule, such as daily at 02:00.",
        )
