"""The times of a task: when it is due, when it may start, and which alarms go off by themselves.

A task's row keeps two documents. `clock` says how its SLA runs, where that is not simply since its creation
or its start:

    {"used": "PT10M", "since": "2025-06-03T12:00:00Z"}     runs since then, after ten minutes used before
    {"used": "PT10M"}                                      stands still

`alarms` says of each alarm for which moment it last went off: `warned` for the one at which so much of the
SLA was used, `breached` for the due time that was missed, `overran` for the end of the time limit. So none
goes off twice for the same moment, whatever is undone, and one that is due later goes off anew.

Pure functions of a row, of what a draft shows beside it (ancestors, calendars) and of `now`.

Not here: how attributes are read (`worklattice.model.timing`), recording what went off
(`worklattice.model.settle`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, cast

from attrs import frozen

from worklattice.calendar import (
    UTC_ZONE,
    Calendar,
    NamedCalendar,
    Windows,
    due_moment,
)
from worklattice.lang.deadlines import Deadline, RelativeDeadline
from worklattice.lang.durations import format_duration, parse_duration
from worklattice.lang.times import format_time
from worklattice.model.anchors import anchor, window_of_ancestor
from worklattice.model.lifecycle import Stage
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.timing import DEADLINES, TIMED, Timing, timing_of
from worklattice.model.wire import from_wire
from worklattice.types import JsonObject, JsonValue, from_micros

AlarmName: TypeAlias = Literal["warned", "breached", "overran"]


class Surroundings(Protocol):
    """What a task's times depend on beside its row; a draft has it."""

    def meant(self, row: TaskRow) -> JsonObject:
        """A task's attributes as its type means them."""
        ...

    def ancestors(self, row: TaskRow) -> Iterator[TaskRow]:
        """The task's ancestors, nearest first."""
        ...

    def named_calendar(self, name: str) -> NamedCalendar | None:
        """The hours and windows that stand under a name."""
        ...


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
    closed_until: Micros | None = None
    """When the windows that keep it from starting have all opened; None also where one never does."""
    is_closed: bool = False
    turns_at: Micros | None = None
    """When one of the windows next opens or closes."""

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
    calendar = None if timing.calendar is None else around.named_calendar(timing.calendar)
    hours = None if calendar is None else calendar.hours
    sla = _sla(row, timing, hours)
    dues = [*_deadlines(row, timing, calendar, around), *([] if sla is None else [sla.due])]
    closing = _windows(row, timing, around, now)
    limit = None if timing.limit is None or row.started_at is None else row.started_at + timing.limit
    return Times(
        due=min(dues, default=None),
        warning=None if sla is None else sla.warning,
        limit=None if limit is None else Alarm(limit, "overran", "rollback_time_limit"),
        closed_until=closing.opens_at,
        is_closed=closing.is_closed,
        turns_at=closing.turns_at,
    )


# --- what follows from them in the row --------------------------------------------------------------------


def with_times(row: TaskRow, stage: Stage, around: Surroundings, now: Micros) -> TaskRow:
    """The row, in `stage`, with what follows from its times at `now`: all but its readiness."""
    times = times_of(row, around, now)
    if times is NO_TIMES:
        moment = min(_own_turns(row, now), default=None)
        if row.moment == moment and row.due_at is None and row.breached_at is None and not row.closed:
            return row
        return row.but(moment=moment, due_at=None, breached_at=breached_at(row, None), closed=False)
    may_turn = stage.startable and row.outcome is None
    moments = [*_own_turns(row, now), *(alarm.at for alarm in pending(row, times))]
    if may_turn and times.turns_at is not None:
        moments.append(times.turns_at)
    return row.but(
        due_at=times.due_at,
        breached_at=breached_at(row, times.due_at),
        closed=may_turn and times.is_closed,
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


# --- service levels -------------------------------------------------------------------------------------


class _Sla(NamedTuple):
    due: Alarm
    warning: Alarm | None


def _sla(row: TaskRow, timing: Timing, hours: Calendar | None) -> _Sla | None:
    """When the SLA runs out; None where there is none, or it stands still."""
    since, used = _running(row, timing)
    if timing.sla is None or since is None:
        return None
    if used >= timing.sla:  # which it was when it stood still, so that it went off then
        return _Sla(Alarm(went_off(row, "breached") or since, "breached", "sla"), None)
    due = _after(since, timing.sla - used, hours)
    if due is None:
        return None
    warn_after = int(timing.sla * timing.sla_warn_at)
    warning = (
        None if used >= warn_after or warn_after == timing.sla else _after(since, warn_after - used, hours)
    )
    return _Sla(Alarm(due, "breached", "sla"), None if warning is None else Alarm(warning, "warned", "sla"))


def _running(row: TaskRow, timing: Timing) -> tuple[Micros | None, Micros]:
    """Since when the SLA runs, None where it stands still, and what was used before that."""
    if row.clock is None:
        return (row.started_at if timing.sla_from_start else row.created_at), 0
    used = parse_duration(cast("str", row.clock["used"]))
    return cast("Micros | None", from_wire("at", row.clock.get("since"))), used


def _after(since: Micros, span: Micros, hours: Calendar | None) -> Micros | None:
    return since + span if hours is None else hours.add_working(since, span)


def clock_in(row: TaskRow, stage: Stage, at: Micros, around: Surroundings) -> JsonObject | None:
    """The `clock` of a task that enters a stage, of which the row does not know yet.

    It stands still in the stages that say so, begins anew with a reopening, and is left as it is by an end.
    """
    meant = around.meant(row)
    if "sla" not in meant or stage.ended:
        return row.clock
    timing = timing_of(meant)
    if timing.sla is None:
        return row.clock
    since, used = _running(row, timing)
    runs = stage.name not in timing.sla_pauses_in
    if row.outcome is not None:
        runs = runs and (stage.started or not timing.sla_from_start)
        return _clock(at if runs else None, 0)
    if since is None:
        begins = stage.started or not timing.sla_from_start or used > 0
        is_first_start = row.clock is None
        return row.clock if is_first_start and runs else _clock(at if runs and begins else None, used)
    if runs:
        return row.clock
    calendar = None if timing.calendar is None else around.named_calendar(timing.calendar)
    hours = None if calendar is None else calendar.hours
    return _clock(None, used + (at - since if hours is None else hours.working_between(since, at)))


def _clock(since: Micros | None, used: Micros) -> JsonObject:
    said: JsonObject = {"used": format_duration(used)}
    return said if since is None else {**said, "since": format_time(from_micros(since))}


# --- deadlines ------------------------------------------------------------------------------------------


def _deadlines(
    row: TaskRow, timing: Timing, calendar: NamedCalendar | None, around: Surroundings
) -> Iterator[Alarm]:
    for name, deadline in timing.deadlines:
        at = _deadline(row, deadline, calendar, around)
        if at is not None:
            yield Alarm(at, "breached", name)


def _deadline(
    row: TaskRow, deadline: Deadline, calendar: NamedCalendar | None, around: Surroundings
) -> Micros | None:
    hours, zone = (None, UTC_ZONE) if calendar is None else (calendar.hours, calendar.zone)
    counts_hours = isinstance(deadline, RelativeDeadline) and deadline.counted != "time"
    if counts_hours and hours is None:
        return None

    def anchored(name: str) -> Micros | None:
        is_before = isinstance(deadline, RelativeDeadline) and deadline.before
        return anchor(row, name, around, is_end=not is_before)

    return due_moment(deadline, anchored, calendar=hours, zone=zone)


# --- windows --------------------------------------------------------------------------------------------


class _Closing(NamedTuple):
    is_closed: bool
    turns_at: Micros | None
    opens_at: Micros | None


def _opening(closes_at: Micros | None) -> _Closing:
    return _Closing(is_closed=False, turns_at=closes_at, opens_at=None)


def _closing(opens_at: Micros | None) -> _Closing:
    return _Closing(is_closed=True, turns_at=opens_at, opens_at=opens_at)


_OPEN: Final = _opening(None)


def _windows(row: TaskRow, timing: Timing, around: Surroundings, now: Micros) -> _Closing:
    """Whether a window keeps the task from starting, when all will be open, and when one of them turns.

    That one turns may change nothing yet; but what is worked out then is what was said before.
    """
    found = [_window(row, window, around, now) for _, window in timing.windows]
    turns = [each.turns_at for each in found if each.turns_at is not None]
    closed = [each for each in found if each.is_closed]
    opens = [each.opens_at for each in closed if each.opens_at is not None]
    return _Closing(
        is_closed=bool(closed),
        turns_at=min(turns, default=None),
        opens_at=max(opens) if closed and len(opens) == len(closed) else None,
    )


def _window(row: TaskRow, window: Windows | str, around: Surroundings, now: Micros) -> _Closing:
    if isinstance(window, str):
        calendar = around.named_calendar(window)
        if calendar is not None:
            return _calendar(calendar, now)
        windows = window_of_ancestor(row, window, around)
    else:
        windows = window
    if windows is None:
        return _OPEN
    return _by_windows(windows, now)


def _by_windows(windows: Windows, now: Micros) -> _Closing:
    return _opening(windows.end_of(now)) if windows.contains(now) else _closing(windows.next_start(now))


def _calendar(calendar: NamedCalendar, now: Micros) -> _Closing:
    """Whether a calendar lets start: in its windows where it has any, else in its hours."""
    if calendar.windows is not None:
        return _by_windows(calendar.windows, now)
    assert calendar.hours is not None
    if calendar.hours.is_open(now):
        return _opening(calendar.hours.next_close(now))
    return _closing(calendar.hours.next_open(now))


# --- what is missing ------------------------------------------------------------------------------------


def missing_around(row: TaskRow, around: Surroundings) -> Iterator[tuple[str, str]]:
    """What a task's times refer to and is not there: the attribute, and the sentence about it."""
    meant = around.meant(row)
    if TIMED.isdisjoint(meant):
        return
    timing = timing_of(meant)
    calendar = None if timing.calendar is None else around.named_calendar(timing.calendar)
    if timing.calendar is not None and calendar is None:
        yield "calendar", f"counts no hours until a calendar {timing.calendar!r} is defined"
    for name, deadline in timing.deadlines:
        if not isinstance(deadline, RelativeDeadline):
            continue
        if deadline.counted != "time" and (calendar is None or calendar.hours is None):
            yield (
                name,
                "sets no due time: working time is counted by a calendar, and the task names none",
            )
        elif anchor(row, deadline.anchor, around, is_end=not deadline.before) is None:
            yield name, f"sets no due time: neither the task nor an ancestor says when {deadline.anchor} is"
    for name, window in timing.windows:
        if not isinstance(window, str) or around.named_calendar(window) is not None:
            continue
        if window_of_ancestor(row, window, around) is None:
            yield name, f"holds nobody back: {window!r} is neither a calendar nor a window of an ancestor"
