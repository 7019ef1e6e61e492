"""Calendars that are kept under a name: working hours, maintenance windows, or both.

    {"time_zone": "Europe/Berlin",
     "working_hours": {"mon-fri": ["09:00-17:00"]},
     "holidays": ["2025-12-25"],
     "windows": {"schedule": "weekly on sunday at 02:00", "duration": "4 hours"}}

Windows that say no time zone are in that of the calendar.

Not here: where they are kept (`worklattice.model`), and which tasks go by them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from worklattice.calendar import calendar_form
from worklattice.calendar.calendar_form import parse_calendar
from worklattice.calendar.reading import Json, Notes, read_moment
from worklattice.calendar.window_form import parse_windows
from worklattice.calendar.windows import Windows
from worklattice.calendar.working import Calendar
from worklattice.calendar.zones import UTC_ZONE, Zone
from worklattice.errors import shown
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.hours import parse_span, parse_weekdays

KEYS: Final = (*calendar_form.KEYS, "windows")
"""What a calendar with a name may say."""

_OF_HOURS: Final = ("holidays", "extra_working_days")


@frozen(kw_only=True, eq=False)
class NamedCalendar:
    """What a name stands for; it has hours, windows, or both. Equal to itself alone, to be a key."""

    zone: Zone = UTC_ZONE
    is_readable: bool = True
    """Whether it could be read here: a machine may lack its time zone, or the library for its expressions."""
    hours: Calendar | None = None
    windows: Windows | None = None


def parse_named(value: Json, path: str = "calendar") -> NamedCalendar:
    """The hours and windows that a JSON object describes.

    Raises `ValidationError` with every problem, each with its path under `path`.

    >>> night = parse_named({"windows": {"schedule": "daily at 02:00", "duration": "1 hour"}})
    >>> night.hours is None, night.windows.next_start(0)
    (True, 7200000000)
    """
    notes = Notes()
    if not isinstance(value, dict):
        notes.add(path, f"must be an object, not {shown(value)}")
        notes.check()
    notes.keys(value, KEYS, path)
    zone = notes.zone(value.get("time_zone"), f"{path}.time_zone", UTC_ZONE)
    hours, windows = None, None
    if "working_hours" in value:
        of_hours = {key: value[key] for key in calendar_form.KEYS if key in value} | {"time_zone": zone.name}
        hours = notes.taken_over(lambda: parse_calendar(of_hours, path))
    if "windows" in value:
        windows = notes.taken_over(lambda: parse_windows(value["windows"], f"{path}.windows", zone=zone))
        if windows is not None and not windows.windows:
            notes.add(f"{path}.windows", "has no windows at all")
    if value.keys().isdisjoint(("working_hours", "windows")):
        notes.add(path, "needs working_hours, windows, or both")
    elif "working_hours" not in value:
        for key in _OF_HOURS:
            if value.get(key) is not None:
                notes.add(f"{path}.{key}", "goes with working_hours only")
    notes.check()
    return NamedCalendar(zone=zone, hours=hours, windows=windows)


def name_fault(name: str) -> str | None:
    """What keeps a text from being the name of a calendar: that it says hours or a window by itself.

    >>> name_fault("office"), name_fault("2025-06-15")
    (None, 'reads as a date or a time, and would be taken for one')
    """
    for read, what in _MEANINGS:
        try:
            read(name)
        except LanguageError:
            continue
        return f"reads as {what}, and would be taken for one"
    return None


_MEANINGS: Final[tuple[tuple[Callable[[str], Any], str], ...]] = (
    (lambda text: read_moment(text, UTC_ZONE), "a date or a time"),
    (parse_span, "a span of hours"),
    (parse_weekdays, "a day of the week"),
)
"""What stands for hours or windows where no name is."""
