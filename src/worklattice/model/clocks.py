"""The times of a task: when it is due, when it may start, and which alarms go off by themselves.

A task's row keeps two documents. `clock` says how its SLA runs, and its time limit, where that is not simply
since its creation or its start:

    {"used": "PT10M", "since": "2025-06-03T12:00:00Z"}     runs since then, after ten minutes used before
    {"used": "PT10M"}                                      stands still
    {"begun": "2025-06-03T12:00:00Z"}                      was started anew then, after a reopening

`alarms` says of each alarm for which moment it last went off: `warned` for the one at which so much of the
SLA was used, `breached` for the due time that was missed, `overran` for the end of the time limit. So none
goes off twice for the same moment, whatever is undone, and one that is due later goes off anew.

Pure functions of a row, of what a draft shows beside it (stages, ancestors, calendars) and of `now`.

Not here: how attributes are read (`worklattice.model.timing`), recording what went off
(`worklattice.model.settle`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, TypeAlias, cast

import attrs
from attrs import frozen

from worklattice.calendar import Calendar, NamedCalendar, due_moment
from worklattice.errors import shown
from worklattice.lang.deadlines import Deadline, RelativeDeadline
from worklattice.lang.durations import format_duration, parse_duration
from worklattice.lang.times import format_time
from worklattice.model.anchors import ITS_OWN, anchor, window_of_ancestor
from worklattice.model.lifecycle import Stage
from worklattice.model.openings import Surroundings, closing_of
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.timing import DEADLINES, NOT_READ, TIMED, Timing, WindowsOrName, timing_of
from worklattice.model.wire import from_wire
from worklattice.types import JsonObject, JsonValue, from_micros, to_micros

AlarmName: TypeAlias = Literal["warned", "breached", "overran"]

ALARM_EVENTS: Final[dict[AlarmName, tuple[str, str]]] = {
    "warned": ("clock.warned", "warn_at"),
    "breached": ("clock.breached", "due_at"),
    "overran": ("clock.overran", "limit_at"),
}
"""Of each alarm the kind of event that tells of it, and where that has the moment for which it went off."""


class Alarm(NamedTuple):
    """Something that goes off by itself."""

    at: Micros
    name: AlarmName
    attribute: str
    """The attribute that makes it."""


@frozen(kw_only=True)
class Times:
    """The times of a task as of one `now`."""

    due: Alarm | None = None
    warning: Alarm | None = None
    limit: Alarm | None = None
    is_closed: bool = False
    """Whether a window keeps it from starting."""
    turns_at: Micros | None = None
    """When one of its windows next opens or closes."""

    @property
    def due_at(self) -> Micros | None:
        """By when the task must be done."""
        return None if self.due is None else self.due.at


NO_TIMES: Final = Times()
"""Those of a task that says nothing of time."""

_SAYS_SOMETHING: Final = TIMED.union(DEADLINES)


def times_of(row: TaskRow, around: Surroundings, now: Micros) -> Times:
    """The times of a task at `now`.

    A scheduled task, and what is inside it, has none: its runs have. Cost: its deadlines and windows, and its
    ancestors where these are relative.
    """
    if row.in_series:
        return NO_TIMES
    meant = around.meant(row)
    if _SAYS_SOMETHING.isdisjoint(meant):
        return NO_TIMES
    timing = timing_of(meant)
    calendar = _calendar_of(timing, around)
    if not calendar.is_readable:
        timing = attrs.evolve(timing, sla=None, deadlines=())
    sla = _sla(row, timing, calendar.hours)
    dues = [*_deadlines(row, timing, calendar, around), *([] if sla is None else [sla.due])]
    closing = closing_of(row, timing, around, now)
    limit = _limit(row, timing)
    return Times(
        due=min(dues, default=None),
        warning=None if sla is None else sla.warning,
        limit=None if limit is None else Alarm(limit, "overran", "rollback_time_limit"),
        is_closed=closing.is_closed,
        turns_at=closing.turns_at,
    )


def _calendar_of(timing: Timing, around: Surroundings) -> NamedCalendar:
    """The calendar that a task goes by; where there is none, one that says nothing."""
    named = None if timing.calendar is None else around.named_calendar(timing.calendar)
    return _NO_CALENDAR if named is None else named


_NO_CALENDAR: Final = NamedCalendar()


# --- what follows from them in the row --------------------------------------------------------------------


def with_times(row: TaskRow, stage: Stage, around: Surroundings, now: Micros) -> TaskRow:
    """The row, in `stage`, with what follows from its times at `now`: all but its readiness."""
    times = times_of(row, around, now)
    if times is NO_TIMES:
        moment = min(_own_turns(row, now), default=None)
        missed = None if row.alarms is None else breached_at(row, None)
        before = (row.moment, row.due_at, row.alarm_at, row.breached_at, row.closed)
        if before == (moment, None, None, missed, False):
            return row
        return row.but(moment=moment, due_at=None, alarm_at=None, breached_at=missed, closed=False)
    may_turn = stage.startable and row.outcome is None
    moments = [*_own_turns(row, now)]
    if may_turn and times.turns_at is not None:
        moments.append(times.turns_at)
    return row.but(
        due_at=times.due_at,
        breached_at=breached_at(row, times.due_at),
        closed=may_turn and times.is_closed,
        alarm_at=min((alarm.at for alarm in pending(row, times)), default=None),
        moment=min(moments, default=None),
    )


def _own_turns(row: TaskRow, now: Micros) -> Iterator[Micros]:
    for moment in (row.not_before, row.claimed_until):
        if moment is not None and moment > now:
            yield moment


def may_start(row: TaskRow, now: Micros) -> bool:
    """Whether neither a claim, nor the time, nor its schedule keeps the task from being claimed."""
    if row.claimed_by is not None or row.closed or row.in_series:
        return False
    return row.not_before is None or row.not_before <= now


# --- alarms ---------------------------------------------------------------------------------------------


def pending(row: TaskRow, times: Times) -> Iterator[Alarm]:
    """The alarms of a task that have not gone off yet, also those whose moment is past."""
    if row.outcome is not None:
        return
    for alarm in (times.warning, times.due, times.limit):
        if alarm is not None:
            last = went_off(row, alarm.name)
            if last is None or alarm.at > last:
                yield alarm


def went_off(row: TaskRow, name: AlarmName) -> Micros | None:
    """For which moment an alarm last went off."""
    said = (row.alarms or {}).get(name)
    return cast("Micros | None", from_wire("at", said))


def gone_off(row: TaskRow, name: AlarmName, at: JsonValue) -> JsonObject:
    """The alarms after one went off for a moment."""
    return {**(row.alarms or {}), name: at}


def breached_at(row: TaskRow, due_at: Micros | None) -> Micros | None:
    """The due time that was missed, unless the task is due later by now."""
    missed = None if row.alarms is None else went_off(row, "breached")
    return None if missed is None or (due_at is not None and due_at > missed) else missed


def seen_at(row: TaskRow, now: Micros) -> TaskRow:
    """The row as a reader sees it at `now`: with a due time that it missed and nobody has told of yet."""
    if row.due_at is None or row.breached_at is not None or row.outcome is not None:
        return row
    return row.but(breached_at=row.due_at) if row.due_at <= now else row


# --- service levels -------------------------------------------------------------------------------------


class _Sla(NamedTuple):
    due: Alarm
    warning: Alarm | None


def _sla(row: TaskRow, timing: Timing, hours: Calendar | None) -> _Sla | None:
    """When the SLA runs out; None where there is none, or where it stands still and some of it is left.

    One of which all is used stays due when it was missed. A task that ended while it stood still was due as
    if it had gone on then.
    """
    since, used = _running(row, timing)
    if timing.sla is None:
        return None
    if used >= timing.sla:
        missed = went_off(row, "breached") or since
        return None if missed is None else _Sla(Alarm(missed, "breached", "sla"), None)
    if since is None and row.clock is not None:
        since = row.completed_at
    if since is None:
        return None
    due = _after(since, timing.sla - used, hours)
    warn_after = int(timing.sla * timing.sla_warn_at)
    warning = _after(since, warn_after - used, hours) if used < warn_after < timing.sla else None
    if due is None:
        return None
    return _Sla(Alarm(due, "breached", "sla"), None if warning is None else Alarm(warning, "warned", "sla"))


def _running(row: TaskRow, timing: Timing) -> tuple[Micros | None, Micros]:
    """Since when the SLA runs, None where it stands still, and what was used before that."""
    if row.clock is None or "used" not in row.clock:
        return (row.started_at if timing.sla_from_start else row.created_at), 0
    used = parse_duration(cast("str", row.clock["used"]))
    return cast("Micros | None", from_wire("at", row.clock.get("since"))), used


def _after(since: Micros, span: Micros, hours: Calendar | None) -> Micros | None:
    """The moment so much later; None where that is beyond all calendars."""
    at = since + span if hours is None else hours.add_working(since, span)
    return None if at is None or at > _LATEST else at


_LATEST: Final = to_micros(datetime.max.replace(tzinfo=UTC))


def _limit(row: TaskRow, timing: Timing) -> Micros | None:
    """When the task has been under way for too long, in its present attempt."""
    if row.attempt > 1:
        begun = cast("Micros | None", from_wire("at", (row.clock or {}).get("begun")))
    else:
        begun = row.started_at
    return None if timing.limit is None or begun is None else _after(begun, timing.limit, None)


def clock_in(row: TaskRow, stage: Stage, at: Micros, around: Surroundings) -> JsonObject | None:
    """The `clock` of a task that enters a stage, of which the row does not know yet.

    It stands still in the stages that say so, begins anew with a reopening, and is left as it is by an end.
    """
    return row.clock if stage.ended else _clock_in(row, timing_of(around.meant(row)), stage, at, around)


def clock_now(row: TaskRow, stage: Stage, at: Micros, around: Surroundings) -> JsonObject | None:
    """The `clock` of a task whose attributes, or what they mean, have changed at `at`, in the stage it is in.

    An SLA that went takes its clock along, so that one that comes runs since the task's creation or start.
    """
    timing = timing_of(around.meant(row))
    if timing.sla is None and timing.limit is None:
        return None
    if timing.sla is None:
        kept = {name: row.clock[name] for name in row.clock if name == "begun"} if row.clock else {}
        row = row.but(clock=kept or None)
    return row.clock if stage.ended else _clock_in(row, timing, stage, at, around)


def _clock_in(
    row: TaskRow, timing: Timing, stage: Stage, at: Micros, around: Surroundings
) -> JsonObject | None:
    """The `clock` in a stage that is not an end."""
    clock = row.clock if timing.sla is None else _sla_clock_in(row, timing, stage, at, around)
    is_reopened = row.outcome is not None
    if timing.limit is None or not (is_reopened or row.attempt > 1):
        return clock
    begun = None if is_reopened else (row.clock or {}).get("begun")
    if begun is None and stage.started:
        begun = format_time(from_micros(at))
    kept = {name: value for name, value in (clock or {}).items() if name != "begun"}
    return {**kept, "begun": begun} if begun is not None else kept or None


def _sla_clock_in(
    row: TaskRow, timing: Timing, stage: Stage, at: Micros, around: Surroundings
) -> JsonObject | None:
    since, used = _running(row, timing)
    runs = stage.name not in timing.sla_pauses_in
    if row.outcome is not None:
        return _clock(at if runs and (stage.started or not timing.sla_from_start) else None, 0)
    is_implied = row.clock is None or "used" not in row.clock
    if since is None and not (is_implied and runs):
        begins = stage.started or not timing.sla_from_start or used > 0
        return _clock(at if runs and begins else None, used)
    if since is None or runs:
        return row.clock
    hours = _calendar_of(timing, around).hours
    return _clock(None, used + (at - since if hours is None else hours.working_between(since, at)))


def _clock(since: Micros | None, used: Micros) -> JsonObject:
    said: JsonObject = {"used": format_duration(used)}
    return said if since is None else {**said, "since": format_time(from_micros(since))}


# --- deadlines ------------------------------------------------------------------------------------------


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


# --- what is missing ------------------------------------------------------------------------------------


_UNREADABLE: Final = "needs a library, or a time zone, that this machine lacks"


def missing_around(row: TaskRow, around: Surroundings, now: Micros) -> Iterator[tuple[str, str]]:
    """What a task's times refer to and is not there, or is over at `now`: the attribute, and the sentence."""
    if not row.timed:
        return
    timing = timing_of(around.meant(row))
    for stage in sorted(timing.sla_pauses_in - around.lifecycle(row.task_type).stages.keys()):
        yield "sla_pauses_in", f"pauses in no stage {shown(stage)}: the type {row.task_type} has none"
    if row.in_series:
        return
    calendar = _calendar_of(timing, around)
    if timing.calendar is not None and calendar is _NO_CALENDAR:
        yield "calendar", f"counts no hours until a calendar {shown(timing.calendar)} is defined"
    elif not calendar.is_readable:
        yield "calendar", f"sets no due time here: {shown(timing.calendar)} {_UNREADABLE}"
    for name, deadline in timing.deadlines:
        if isinstance(deadline, RelativeDeadline):
            why = _without_anchor(row, deadline, calendar, around)
            if why is not None:
                yield name, f"sets no due time: {why}"
    for name, window in timing.windows:
        effect = _without_window(row, window, around, now)
        if effect is not None:
            yield name, effect


def _without_anchor(
    row: TaskRow, deadline: RelativeDeadline, calendar: NamedCalendar, around: Surroundings
) -> str | None:
    """Why a relative deadline says no time, where it says none."""
    if deadline.counted != "time" and calendar.hours is None:
        return "working time is counted by a calendar, and the task names none"
    if deadline.anchor in ITS_OWN:
        return None
    if anchor(row, deadline.anchor, around, is_end=not deadline.before) is None:
        return f"neither the task nor an ancestor says when {deadline.anchor} is"
    return None


def _without_window(row: TaskRow, window: WindowsOrName, around: Surroundings, now: Micros) -> str | None:
    """What becomes of a window that cannot be found, or read here, or that is over."""
    if not isinstance(window, str):
        if window is NOT_READ:
            return f"lets nobody start here: it {_UNREADABLE}"
        is_over = not window.contains(now) and window.next_start(now) is None
        return "lets nobody start any more: it is over" if is_over else None
    named = around.named_calendar(window)
    if named is not None:
        return None if named.is_readable else f"lets nobody start here: {shown(window)} {_UNREADABLE}"
    if window_of_ancestor(row, window, around) is not None:
        return None
    return f"holds nobody back: {shown(window)} is no calendar, and no window of an ancestor"
