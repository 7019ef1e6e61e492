"""Time passing, and schedules."""

from __future__ import annotations

from datetime import datetime

from worklattice.model import answers, commands, reads
from worklattice.orchestrator.methods.running import Running
from worklattice.types import LIMITS, JsonValue


class ScheduleMethods(Running):
    """Letting happen what is due, and what comes by a schedule."""

    def tick(
        self,
        *,
        limit: int = LIMITS.runs_per_tick,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.Ticked:
        """Let everything happen that is due: what ends, opens or goes off by itself, and runs of schedules.

        Claims, lags and waivers end, start times pass, windows open and close, service levels, due times and
        time limits run out. For many processes to call, from time to time or when `next_tick_at` says so:
        each thing happens once. `limit` bounds the runs of one call; a call that makes very large ones stops
        earlier. The answer has all events, the runs, and when something is due next. A run that cannot be
        made is an event `run.failed`, and the others go on. Cost: what is due.
        """
        return self.run(
            commands.Tick(
                limit=limit,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def next_tick_at(self) -> datetime | None:
        """When something is due next by itself: now where something is already, None where nothing is.

        Nothing is due before; something may be gone by then. Cost: the ends of four indexes.
        """
        return self.run(reads.NextTickAt()).next_tick_at

    def pause_schedule(
        self,
        task_id: str,
        *,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.SchedulePaused:
        """Make no runs of a scheduled task until `resume_schedule`; pausing twice changes nothing.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: it is not scheduled.
        """
        return self.run(
            commands.PauseSchedule(
                task_id=task_id,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def resume_schedule(
        self,
        task_id: str,
        *,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.ScheduleResumed:
        """Make runs of a scheduled task again, from now on: nothing that came meanwhile counts as missed.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: it is not scheduled.
        """
        return self.run(
            commands.ResumeSchedule(
                task_id=task_id,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def preview_schedule(
        self,
        task_id: str | None = None,
        *,
        schedule: JsonValue = None,
        count: int = 10,
        after: datetime | None = None,
    ) -> answers.SchedulePreview:
        """Show when a scheduled task, or a schedule that is no task's yet, comes next after a time, or now.

        Whether it is paused, or its task has ended, is no matter.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: it is not scheduled, the schedule cannot be read, or neither or both are given.
        """
        return self.run(reads.PreviewSchedule(task_id=task_id, schedule=schedule, count=count, after=after))
