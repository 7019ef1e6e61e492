"""Maintenance windows: spans of time, single ones and those that come again and again."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from worklattice.calendar.schedules import Schedule
from worklattice.calendar.zones import Micros


@frozen
class FixedWindow:
    """From `start` up to, not including, `end`; without an end where none was said."""

    start: Micros
    end: Micros | None = None

    def contains(self, at: Micros) -> bool:
        """Whether the moment lies in the window."""
        return self.start <= at and (self.end is None or at < self.end)

    def next_start(self, at: Micros) -> Micros | None:
        """When the window starts after `at`, or None."""
        return self.start if self.start > at else None

    def end_of(self, at: Micros) -> Micros | None:
        """When the window ends that `at` lies in; None where it lies in none, or in one without an end."""
        return self.end if self.contains(at) else None


@frozen
class RecurringWindow:
    """A window of `duration` microseconds, which pass the same in summer and winter, at each occurrence."""

    schedule: Schedule
    duration: int

    def contains(self, at: Micros) -> bool:
        """Whether the moment lies in one of the windows."""
        start = self.schedule.next_after(at - self.duration)
        return start is not None and start <= at

    def next_start(self, at: Micros) -> Micros | None:
        """When the next window starts after `at`, or None."""
        return self.schedule.next_after(at)

    def end_of(self, at: Micros) -> Micros | None:
        """When the last of the windows ends that `at` lies in; None where it lies in none."""
        start = self.schedule.next_after(at - self.duration)
        if start is None or start > at:
            return None
        return self.schedule.last_upto(start, at) + self.duration


Window: TypeAlias = FixedWindow | RecurringWindow


@frozen
class Windows:
    """Several windows, asked as one."""

    windows: tuple[Window, ...]

    def contains(self, at: Micros) -> bool:
        """Whether the moment lies in any of them."""
        return any(window.contains(at) for window in self.windows)

    def next_start(self, at: Micros) -> Micros | None:
        """When the next of them starts after `at`, or None."""
        starts = [window.next_start(at) for window in self.windows]
        return min((start for start in starts if start is not None), default=None)

    def end_of(self, at: Micros) -> Micros | None:
        """When the last of those ends that `at` lies in; None where it lies in none, or one has no end."""
        inside = [window.end_of(at) for window in self.windows if window.contains(at)]
        ends = [end for end in inside if end is not None]
        return max(ends) if ends and len(ends) == len(inside) else None
