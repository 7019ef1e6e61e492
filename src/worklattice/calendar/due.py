"""When a deadline is: what is written counted from its anchor, by a calendar where work is counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from worklattice.calendar.working import Calendar
from worklattice.calendar.zones import DAY, UTC_ZONE, Local, Micros, Zone
from worklattice.errors import ValidationError
from worklattice.lang.deadlines import Deadline, FixedDeadline
from worklattice.lang.times import midnight, to_micros

Anchors: TypeAlias = Callable[[str], Micros | None]
"""The moment that the name of an anchor stands for, or None where it stands for nothing."""


def due_moment(
    deadline: Deadline, anchors: Anchors, *, calendar: Calendar | None = None, zone: Zone = UTC_ZONE
) -> Micros | None:
    """When the deadline is; None where its anchor stands for nothing, or it lies outside the years 1 to 9999.

    A date is due by the end of that day in `zone`. Working time and working days are those of `calendar`;
    raises `ValidationError` at the field `calendar` where one is needed and not given.
    """
    try:
        return _moment(deadline, anchors, calendar, zone)
    except OverflowError:
        return None


def _moment(deadline: Deadline, anchors: Anchors, calendar: Calendar | None, zone: Zone) -> Micros | None:
    if isinstance(deadline, FixedDeadline):
        if isinstance(deadline.at, datetime):
            return to_micros(deadline.at)
        shown: Local = to_micros(midnight(deadline.at)) + DAY
        return zone.moment(shown)
    anchor = anchors(deadline.anchor)
    if anchor is None:
        return None
    amount = -deadline.amount if deadline.before else deadline.amount
    if deadline.counted == "time":
        zone.offset(anchor + amount)  # refuses what no calendar has
        return anchor + amount
    if calendar is None:
        raise ValidationError.of(
            "calendar", "working time is counted by a calendar, and there is none", hint="Give a calendar."
        )
    if deadline.counted == "working_days":
        return calendar.add_working_days(anchor, amount)
    return calendar.add_working(anchor, amount)
