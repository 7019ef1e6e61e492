"""How long a task has taken: how its SLA runs and stands still, and when its time limit is over.

A task's row keeps a `clock` where the SLA is not simply counted from its creation or its start, and where a
time limit runs:

    {"used": "PT10M", "since": "2025-06-03T12:00:00Z"}   the SLA runs since then; ten minutes were used before
    {"used": "PT10M"}                                    it stands still
    {"begun": "2025-06-03T12:00:00Z"}                    it got a time limit, and is under way since then

Not here: what follows from them in the row (`worklattice.model.times`).
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import attrs
from attrs import frozen

from worklattice.calendar import Calendar
from worklattice.lang.durations import format_duration, parse_duration
from worklattice.lang.times import LATEST, format_time
from worklattice.model.alarms import Alarm, went_off
from worklattice.model.lifecycle import Stage
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.surroundings import Surroundings, calendar_of
from worklattice.model.timing import Timing, timing_of
from worklattice.model.wire import from_wire
from worklattice.types import JsonObject, from_micros


@frozen(kw_only=True)
class Clock:
    """The `clock` of a task."""

    used: Micros | None = None
    """How much of the SLA was used before `since`; None where it simply runs since its beginning."""
    since: Micros | None = None
    """Since when it runs; None where it stands still."""
    begun: Micros | None = None
    """Since when a task that got a time limit is under way; None where it is not."""

    @classmethod
    def of(cls, row: TaskRow) -> Self:
        """That of a task as its row says it."""
        said: dict[str, Any] = row.clock or {}
        used = said.get("used")
        return cls(
            used=None if used is None else parse_duration(used),
            since=from_wire("at", said.get("since")),
            begun=from_wire("at", said.get("begun")),
        )

    def as_json(self) -> JsonObject | None:
        """What a row says of it; None where that is nothing."""
        said: JsonObject = {} if self.used is None else {"used": format_duration(self.used)}
        for name, at in (("since", self.since), ("begun", self.begun)):
            if at is not None:
                said[name] = format_time(from_micros(at))
        return said or None


# --- when it is over ------------------------------------------------------------------------------------


class Sla(NamedTuple):
    """The alarms of an SLA."""

    due: Alarm
    warning: Alarm | None


def sla_of(row: TaskRow, timing: Timing, hours: Calendar | None) -> Sla | None:
    """When the SLA runs out; None where there is none, or where it stands still and some of it is left.

    One of which all is used stays due when it was missed. A task that ended while it stood still was due as
    if it had gone on then.
    """
    if timing.sla is None:
        return None
    since, used = _running(row, Clock.of(row), timing)
    if used >= timing.sla:
        missed = went_off(row, "breached") or since
        return None if missed is None else Sla(Alarm(missed, "breached", "sla"), None)
    if since is None and row.clock is not None:
        since = row.completed_at
    if since is None:
        return None
    due = _after(since, timing.sla - used, hours)
    warn_after = int(timing.sla * timing.sla_warn_at)
    warning = _after(since, warn_after - used, hours) if used < warn_after < timing.sla else None
    if due is None:
        return None
    return Sla(Alarm(due, "breached", "sla"), None if warning is None else Alarm(warning, "warned", "sla"))


def limit_of(row: TaskRow, timing: Timing) -> Alarm | None:
    """When the task has been under way for too long without having ended."""
    begun = Clock.of(row).begun
    if timing.limit is None or begun is None:
        return None
    at = _after(begun, timing.limit, None)
    return None if at is None else Alarm(at, "overran", "rollback_time_limit")


def _running(row: TaskRow, clock: Clock, timing: Timing) -> tuple[Micros | None, Micros]:
    """Since when the SLA runs, None where it stands still, and what was used before that."""
    if clock.used is None:
        return (row.started_at if timing.sla_from_start else row.created_at), 0
    return clock.since, clock.used


def _after(since: Micros, span: Micros, hours: Calendar | None) -> Micros | None:
    """The moment so much later; None where that is beyond all calendars."""
    at = since + span if hours is None else hours.add_working(since, span)
    return None if at is None or at > LATEST else at


# --- how it goes on -------------------------------------------------------------------------------------


def clock_in(row: TaskRow, stage: Stage, at: Micros, around: Surroundings) -> JsonObject | None:
    """The `clock` of a task that enters a stage, of which the row does not know yet.

    It stands still in the stages that say so, begins anew with a reopening, and is left as it is by an end.
    What was used of an SLA that its type no longer gives it is kept, for the type may do so again.
    """
    if stage.ended:
        return row.clock
    clock, timing = Clock.of(row), timing_of(around.meant(row))
    return _said(row, _in_stage(row, clock, timing, stage, at=at, around=around))


def clock_now(row: TaskRow, stage: Stage, at: Micros, around: Surroundings) -> JsonObject | None:
    """The `clock` of a task whose attributes have changed at `at`, in the stage that it is in.

    An SLA that went takes its clock along, so that one that comes runs since the task's creation or start.
    """
    clock, timing = Clock.of(row), timing_of(around.meant(row))
    if timing.sla is None:
        clock = Clock(begun=clock.begun)
    return _said(row, clock if stage.ended else _in_stage(row, clock, timing, stage, at=at, around=around))


def _said(row: TaskRow, clock: Clock) -> JsonObject | None:
    """A clock as the row of its task is to say it: in the same words where it goes on as it was."""
    return row.clock if clock == Clock.of(row) else clock.as_json()


def _in_stage(
    row: TaskRow, clock: Clock, timing: Timing, stage: Stage, *, at: Micros, around: Surroundings
) -> Clock:
    """The clock in a stage that is not an end."""
    begun = _begun(row, clock, timing, stage, at=at, around=around)
    if timing.sla is not None:
        clock = _sla_in_stage(row, clock, timing, stage, at=at, around=around)
    return attrs.evolve(clock, begun=begun)


def _begun(
    row: TaskRow, clock: Clock, timing: Timing, stage: Stage, *, at: Micros, around: Surroundings
) -> Micros | None:
    """Since when a task is under way in a stage; None where it is not, or has never had a time limit.

    It is until it goes where it can be started again, whatever becomes of the limit meanwhile. Since its
    first start, where it got the limit afterwards, in its first attempt.
    """
    if not stage.started and (stage.startable or row.outcome is not None):
        return None
    is_new = row.outcome is not None or clock.begun is None
    if timing.limit is None or not is_new:
        return None if row.outcome is not None else clock.begun
    is_under_way = row.outcome is None and not around.lifecycle(row.task_type).stages[row.stage].startable
    first = row.started_at if is_under_way and row.attempt == 1 else None
    return at if first is None and stage.started else first


def _sla_in_stage(
    row: TaskRow, clock: Clock, timing: Timing, stage: Stage, *, at: Micros, around: Surroundings
) -> Clock:
    runs = stage.name not in timing.sla_pauses_in
    if row.outcome is not None:
        return Clock(used=0, since=at if runs and (stage.started or not timing.sla_from_start) else None)
    since, used = _running(row, clock, timing)
    if since is None and not (clock.used is None and runs):
        begins = stage.started or not timing.sla_from_start or used > 0
        return Clock(used=used, since=at if runs and begins else None)
    if since is None or runs:
        return clock
    hours = calendar_of(timing, around).hours
    return Clock(used=used + (at - since if hours is None else hours.working_between(since, at)))
