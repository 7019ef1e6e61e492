"""What a task's times depend on besides its row."""

from __future__ import annotations

from typing import Final, Protocol

from worklattice.calendar import NamedCalendar, Windows
from worklattice.model.anchors import WithAncestors, window_of_ancestor
from worklattice.model.lifecycle import Lifecycle
from worklattice.model.rows import TaskRow
from worklattice.model.timing import Timing, WindowsOrName
from worklattice.types import JsonObject


class Surroundings(WithAncestors, Protocol):
    """What is around a task: its ancestors, its type, the workspace's calendars. A draft has it."""

    def meant(self, row: TaskRow) -> JsonObject:
        """A task's attributes as its type means them."""
        ...

    def lifecycle(self, task_type: str) -> Lifecycle:
        """The lifecycle of tasks of a type."""
        ...

    def named_calendar(self, name: str) -> NamedCalendar | None:
        """The hours and windows that stand under a name."""
        ...


NO_CALENDAR: Final = NamedCalendar()
"""A calendar that says nothing."""


def calendar_of(timing: Timing, around: Surroundings) -> NamedCalendar:
    """The calendar that a task goes by; where there is none, `NO_CALENDAR`."""
    named = None if timing.calendar is None else around.named_calendar(timing.calendar)
    return NO_CALENDAR if named is None else named


def windows_meant(
    row: TaskRow, window: WindowsOrName, around: Surroundings
) -> Windows | NamedCalendar | None:
    """What says when a task may start: windows, or what their name stands for; None where that is nothing.

    The windows of an ancestor come before the calendar of the same name.
    """
    if not isinstance(window, str):
        return window
    of_ancestor = window_of_ancestor(row, window, around)
    return around.named_calendar(window) if of_ancestor is None else of_ancestor
