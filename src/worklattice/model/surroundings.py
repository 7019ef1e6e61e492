"""What a task's times depend on besides its row."""

from __future__ import annotations

from typing import Final, Protocol

from worklattice.calendar import NamedCalendar
from worklattice.model.anchors import WithAncestors
from worklattice.model.lifecycle import Lifecycle
from worklattice.model.rows import TaskRow
from worklattice.model.timing import Timing
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
