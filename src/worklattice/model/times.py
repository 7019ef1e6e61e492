"""The times of a task: when it is due, when it may start, and which alarms go off by themselves.

Pure functions of a row, of what a draft shows besides it (stages, ancestors, calendars) and of `now`.

Not here: how attributes are read (`worklattice.model.timing`), how an SLA runs (`worklattice.model.sla`),
which windows are open (`worklattice.model.openings`), recording what went off (`worklattice.model.settle`).
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final

import attrs
from attrs import frozen

from worklattice.calendar import NamedCalendar, due_moment
from worklattice.lang.deadlines import Deadline, RelativeDeadline
from worklattice.model.alarms import Alarm, breached_at, went_off
from worklattice.model.anchors import anchor
from worklattice.model.lifecycle import Stage
from worklattice.model.openings import closing_of
from worklattice.model.rows import NEW_TASK, Micros, TaskRow
from worklattice.model.sla import limit_of, sla_of
from worklattice.model.surroundings import Surroundings, calendar_of
from worklattice.model.timing import OF_TIME, Timing, timing_of


@frozen(kw_only=True)
class Times:
    """The times of a task as of one `now`."""

    due_at: Micros | None = None
    """By when the task must be done."""
    alarms: tuple[Alarm, ...] = ()
    is_closed: bool = False
    """Whether a window keeps it from starting."""
    turns_at: Micros | None = None
    """When one of its windows next opens or closes."""


NO_TIMES: Final = Times()
"""Those of a task that says nothing of time."""


def times_of(row: TaskRow, around: Surroundings, now: Micros) -> Times:
    """The times of a task at `now`.

    A scheduled task, and what is inside it, has none: its runs have. Cost: its deadlines and windows, and its
    ancestors where these are relative.
    """
    if row.in_series:
        return NO_TIMES
    meant = around.meant(row)
    if OF_TIME.isdisjoint(meant):
        return NO_TIMES
    timing = timing_of(meant)
    calendar = calendar_of(timing, around)
    if not calendar.is_readable:
        timing = attrs.evolve(timing, sla=None, deadlines=())
    sla = sla_of(row, timing, calendar.hours)
    dues = [*_deadlines(row, timing, calendar, around), *([] if sla is None else [sla.due])]
    due = min(dues, default=None)
    alarms = (None if sla is None else sla.warning, due, limit_of(row, timing))
    closing = closing_of(row, timing, around, now)
    return Times(
        due_at=None if due is None else due.at,
        alarms=tuple(alarm for alarm in alarms if alarm is not None),
        is_closed=closing.is_closed,
        turns_at=closing.turns_at,
    )


def _deadlines(
    row: TaskRow, timing: Timing, calendar: NamedCalendar, around: Surroundings
) -> Iterator[Alarm]:
    for name, deadline in timing.deadlines:
        at = _deadline(row, deadline, calendar, around)
        if at is not None:
            yield Alarm(at, "breached", name)


def _deadline(
    row: TaskRow, deadline: Deadline, calendar: NamedCalendar, around: Surroundings
) -> Micros | None:
    counts_hours = isinstance(deadline, RelativeDeadline) and deadline.counted != "time"
    if counts_hours and calendar.hours is None:
        return None

    def anchored(name: str) -> Micros | None:
        is_before = isinstance(deadline, RelativeDeadline) and deadline.before
        return anchor(row, name, around, is_end=not is_before, zone=calendar.zone)

    return due_moment(deadline, anchored, calendar=calendar.hours, zone=calendar.zone)


# --- what follows from them -----------------------------------------------------------------------------


def with_times(row: TaskRow, stage: Stage, around: Surroundings, now: Micros) -> TaskRow:
    """The row, in `stage`, with what follows from its times at `now`: all but its readiness."""
    times = times_of(row, around, now)
    if times is NO_TIMES and _of_times(row) == _UNTOUCHED:
        return row  # as most are
    fields = _fields(times, row, stage, now)
    return row if _times_in(row) == tuple(fields.values()) else row.but(**fields)


def times_fields(row: TaskRow, stage: Stage, around: Surroundings, now: Micros) -> dict[str, Any]:
    """The fields of the row that follow from its times at `now`, in `stage`."""
    return _fields(times_of(row, around, now), row, stage, now)


def _fields(times: Times, row: TaskRow, stage: Stage, now: Micros) -> dict[str, Any]:
    may_turn = stage.startable and row.outcome is None
    turns = (row.not_before, row.claimed_until, times.turns_at if may_turn else None)
    to_come = [at for at in turns if at is not None and at > now]
    alarms = pending(row, times)
    return {
        "due_at": times.due_at,
        "breached_at": breached_at(row, times.due_at),
        "closed": may_turn and times.is_closed,
        "alarm_at": min(alarms).at if alarms else None,
        "moment": min(to_come, default=None),
    }


_DERIVED: Final = ("due_at", "breached_at", "closed", "alarm_at", "moment")
_times_in: Final = attrgetter(*_DERIVED)
"""What a row has for `times_fields`, in their order."""

_of_times: Final = attrgetter(*_DERIVED, "not_before", "claimed_until", "alarms")
"""The same, and what they follow from besides the times."""

_UNTOUCHED: Final = _of_times(NEW_TASK)
"""What a row has of all that to which time does nothing."""


def pending(row: TaskRow, times: Times) -> list[Alarm]:
    """The alarms of a task that have not gone off yet, also those whose moment is past."""
    if row.outcome is not None:
        return []
    return [alarm for alarm in times.alarms if (last := went_off(row, alarm.name)) is None or alarm.at > last]


def may_start(row: TaskRow, now: Micros) -> bool:
    """Whether neither a claim, nor the time, nor its schedule keeps the task from being claimed."""
    if row.claimed_by is not None or row.closed or row.in_series:
        return False
    return row.not_before is None or row.not_before <= now


def seen_at(row: TaskRow, now: Micros) -> TaskRow:
    """The row as a reader sees it at `now`: with a due time that it missed and nobody has told of yet."""
    if row.due_at is None or row.breached_at is not None or row.outcome is not None:
        return row
    return row.but(breached_at=row.due_at) if row.due_at <= now else row
