"""Windows: whether they keep a task from starting, and when they open and close.

Not here: how windows are read (`worklattice.model.timing`), what closed windows do to a task
(`worklattice.model.times`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from worklattice.calendar import NamedCalendar, Windows
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.surroundings import Surroundings, windows_meant
from worklattice.model.timing import Timing, WindowsOrName, timing_of


class Closing(NamedTuple):
    """What windows do to a task at one time."""

    is_closed: bool
    """Whether one of them keeps it from starting."""
    turns_at: Micros | None
    """When one of them next opens or closes."""


_OPEN: Final = Closing(is_closed=False, turns_at=None)
_SHUT: Final = Closing(is_closed=True, turns_at=None)
"""What cannot be read here lets nobody start."""


def closing_of(row: TaskRow, timing: Timing, around: Surroundings, now: Micros) -> Closing:
    """Whether a window keeps the task from starting, and when one of them opens or closes."""
    found = [_closing_by_window(row, window, around, now) for _, window in timing.windows]
    turns = (each.turns_at for each in found if each.turns_at is not None)
    return Closing(any(each.is_closed for each in found), min(turns, default=None))


class Opening(NamedTuple):
    """When every window of a task is open."""

    at: Micros
    is_found: bool
    """Whether they are; else it was looked up to then, and they are not until then."""


def opening_of(row: TaskRow, around: Surroundings, now: Micros) -> Opening | None:
    """When every window of the task is open, `now` at the earliest; None where that is never.

    Cost: that of looking from opening to opening until all are open, a thousand times at most.
    """
    windows = timing_of(around.meant(row)).windows
    at: Micros = now
    for _ in range(_LOOKED_THROUGH):
        closed = [
            each for _, window in windows if (each := _closing_by_window(row, window, around, at)).is_closed
        ]
        if not closed:
            return Opening(at, is_found=True)
        if any(each.turns_at is None for each in closed):
            return None
        at = max(each.turns_at for each in closed if each.turns_at is not None)
    return Opening(at, is_found=False)


_LOOKED_THROUGH: Final = 1_000


def _closing_by_window(row: TaskRow, window: WindowsOrName, around: Surroundings, now: Micros) -> Closing:
    meant = windows_meant(row, window, around)
    if meant is None:
        return _OPEN
    return _closing_by_calendar(meant, now) if isinstance(meant, NamedCalendar) else _of_windows(meant, now)


@lru_cache(maxsize=256)
def _closing_by_calendar(calendar: NamedCalendar, now: Micros) -> Closing:
    """Whether a calendar lets start: in its windows where it has any, else in its hours.

    Remembered, for many tasks go by one calendar and turn at one time.
    """
    if not calendar.is_readable:
        return _SHUT
    if calendar.windows is not None:
        return _of_windows(calendar.windows, now)
    assert calendar.hours is not None
    if calendar.hours.is_open(now):
        return Closing(is_closed=False, turns_at=calendar.hours.next_close(now))
    return Closing(is_closed=True, turns_at=calendar.hours.next_open(now))


def _of_windows(windows: Windows, now: Micros) -> Closing:
    if windows.contains(now):
        return Closing(is_closed=False, turns_at=windows.end_of(now))
    return Closing(is_closed=True, turns_at=windows.next_start(now))
