"""Calendars that tasks refer to by name: defining and deleting them.

Not here: what a calendar may say (`worklattice.calendar`), and which tasks go by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from worklattice.calendar import name_fault, parse_named
from worklattice.errors import Problem, ValidationError, did_you_mean, shown
from worklattice.model.answers import CalendarDefined, CalendarDeleted
from worklattice.model.commands import DefineCalendar, DeleteCalendar
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import remarks, written
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.types import JsonObject, copied

_NAME: Final = "arguments.name"


def define_calendar(command: DefineCalendar, draft: Draft) -> Conclude[CalendarDefined]:
    """Define a calendar, in place of the one of that name before, if any."""
    calendar: JsonObject = copied(command.calendar)
    if problems := [*_problems(command.name, calendar)]:
        raise ValidationError.all(problems)
    record(draft, "calendar.defined", None, {"name": command.name, "calendar": calendar})
    return lambda after: CalendarDefined(
        name=command.name, calendar=calendar, **written(after, *remarks(draft))
    )


def _problems(name: str, calendar: JsonObject) -> Iterator[Problem]:
    if fault := name_fault(name):
        yield Problem(field=_NAME, message=f"{shown(name)} {fault}")
    try:
        parse_named(calendar, "arguments.calendar")
    except ValidationError as refused:
        yield from refused.problems


def delete_calendar(command: DeleteCalendar, draft: Draft) -> Conclude[CalendarDeleted]:
    """Delete a calendar."""
    if draft.calendar(command.name) is None:
        known = [row.name for row in draft.calendars()]
        raise ValidationError.of(
            _NAME,
            f"there is no calendar {shown(command.name)}",
            hint=did_you_mean(command.name, known, otherwise="list_calendars shows those that there are."),
        )
    record(draft, "calendar.removed", None, {"name": command.name})
    return lambda after: CalendarDeleted(name=command.name, **written(after, *remarks(draft)))
