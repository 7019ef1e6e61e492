"""Maintenance windows as JSON.

    "2025-06-15T02:00:00Z"
    {"start": "2025-06-29T02:00:00Z", "end": "2025-06-29T06:00:00Z"}
    {"start": "2025-06-29T02:00:00Z", "duration": "4 hours"}
    {"schedule": "weekly on sunday at 02:00", "duration": "4 hours", "time_zone": "Europe/Berlin"}

A bare time is a window without a known end. Several windows stand in an array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from worklattice.calendar.reading import Json, Notes
from worklattice.calendar.schedule_form import parse_schedule
from worklattice.calendar.windows import FixedWindow, RecurringWindow, Window, Windows
from worklattice.calendar.zones import UTC_ZONE, Zone
from worklattice.errors import ValidationError, shown

KEYS: Final = ("start", "end", "duration", "schedule", "time_zone")
"""What a window may say."""

WINDOWS: Final = 1_000
"""Windows in one array, at most."""
COUNTED: Final = 10_000
"""Occurrences that the counts of the schedules in one array come to, at most."""


def parse_windows(value: Json, path: str = "maintenance_window", *, zone: Zone = UTC_ZONE) -> Windows:
    """The windows that a text, an object or an array describes, in `zone` where they say no other.

    Raises `ValidationError` with every problem, each with its path under `path`.

    >>> windows = parse_windows({"start": "1970-01-01T00:00:10Z", "duration": "5s"})
    >>> windows.next_start(0), windows.contains(12_000_000), windows.end_of(12_000_000)
    (10000000, True, 15000000)
    """
    notes = Notes()
    if isinstance(value, list):
        if len(value) > WINDOWS:
            notes.add(path, f"must be an array of at most {WINDOWS:,} windows")
            notes.check()
        read = _each(value, path, zone, notes)
    else:
        read = [_window(value, path, zone, notes)]
    notes.check()
    return Windows(tuple(window for window in read if window is not None))


def _each(items: list[Json], path: str, zone: Zone, notes: Notes) -> list[Window | None]:
    """The windows of an array, as far as it is worth while to read it."""
    read: list[Window | None] = []
    left = COUNTED
    for index, item in enumerate(items):
        window = _window(item, f"{path}[{index}]", zone, notes)
        if isinstance(window, RecurringWindow):
            left -= window.schedule.count or 0
        if left < 0:
            notes.add(f"{path}[{index}]", f"the counts of the schedules come to more than {COUNTED:,}")
        if left < 0 or notes.is_full:
            break
        read.append(window)
    return read


def _window(value: Json, path: str, zone: Zone, notes: Notes) -> Window | None:
    if isinstance(value, str):
        start = notes.moment(value, path, zone)
        return None if start is None else FixedWindow(start)
    if not isinstance(value, dict):
        notes.add(path, f"must be a time, or an object with start and end, not {shown(value)}")
        return None
    notes.keys(value, KEYS, path)
    zone = notes.zone(value.get("time_zone"), f"{path}.time_zone", zone)
    if "schedule" in value:
        return _recurring(value, path, zone, notes)
    return _fixed(value, path, zone, notes)


def _fixed(value: Mapping[str, Json], path: str, zone: Zone, notes: Notes) -> Window | None:
    start = None
    if value.get("start") is None:
        notes.add(path, "needs a start, or a schedule")
    else:
        start = notes.moment(value["start"], f"{path}.start", zone)
    if "end" in value and "duration" in value:
        notes.add(path, "say either end or duration")
    elif "end" in value:
        end = notes.moment(value["end"], f"{path}.end", zone)
        if start is not None and end is not None and end <= start:
            notes.add(f"{path}.end", "must lie after the start")
        return None if start is None else FixedWindow(start, end)
    elif "duration" in value:
        duration = notes.duration(value["duration"], f"{path}.duration")
        return None if start is None or duration is None else FixedWindow(start, start + duration)
    return None if start is None else FixedWindow(start)


def _recurring(value: Mapping[str, Json], path: str, zone: Zone, notes: Notes) -> Window | None:
    for key in ("start", "end"):
        if key in value:
            notes.add(f"{path}.{key}", "belongs into the schedule")
    duration = None
    if value.get("duration") is None:
        notes.add(path, "needs a duration beside its schedule, such as 4 hours")
    else:
        duration = notes.duration(value["duration"], f"{path}.duration")
    try:
        schedule = parse_schedule(value["schedule"], f"{path}.schedule", zone=zone)
    except ValidationError as error:
        for problem in error.problems:
            notes.add(problem.field, problem.message)
        return None
    return None if duration is None else RecurringWindow(schedule, duration)
