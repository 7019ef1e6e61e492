"""What a task's times refer to that is not there, or that is over: what whoever writes the task is warned of.

Not here: values that cannot be read by themselves (`worklattice.model.unreadable`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from worklattice.calendar import NamedCalendar
from worklattice.errors import shown
from worklattice.lang.deadlines import RelativeDeadline
from worklattice.model.anchors import ITS_OWN, anchor
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.surroundings import NO_CALENDAR, Surroundings, calendar_of, windows_meant
from worklattice.model.timing import NOT_READ, WindowsOrName, timing_of

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
    calendar = calendar_of(timing, around)
    if timing.calendar is not None and calendar is NO_CALENDAR:
        yield "calendar", f"counts no hours until a calendar {shown(timing.calendar)} is defined"
    elif not calendar.is_readable:
        yield "calendar", f"sets no due time here: {shown(timing.calendar)} {_UNREADABLE}"
    elif calendar.hours is None and timing.calendar is not None and timing.sla is not None:
        yield "calendar", f"counts no hours: {shown(timing.calendar)} has none"
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
        return "working time is counted by a calendar with working hours, and the task names none"
    if deadline.anchor in ITS_OWN:
        return None
    if anchor(row, deadline.anchor, around, is_end=not deadline.before) is None:
        return f"neither the task nor an ancestor says when {deadline.anchor} is"
    return None


def _without_window(row: TaskRow, window: WindowsOrName, around: Surroundings, now: Micros) -> str | None:
    """What becomes of a window that cannot be found, or read here, or that is over."""
    if window is NOT_READ:
        return f"lets nobody start here: it {_UNREADABLE}"
    meant = windows_meant(row, window, around)
    if meant is None:
        return f"holds nobody back: {shown(window)} is no window of an ancestor, and no calendar"
    if isinstance(meant, NamedCalendar):
        return None if meant.is_readable else f"lets nobody start here: {shown(window)} {_UNREADABLE}"
    is_over = not meant.contains(now) and meant.next_start(now) is None
    return "lets nobody start any more: it is over" if is_over else None
