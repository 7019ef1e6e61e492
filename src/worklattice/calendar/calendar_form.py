"""Calendars as JSON: working hours, holidays, days that are worked all the same.

    {"time_zone": "Europe/Berlin",
     "working_hours": {"mon-fri": ["09:00-12:00", "13:00-17:30"], "sat": []},
     "holidays": ["2025-12-25", {"start": "2025-12-29", "end": "2025-12-31"}],
     "extra_working_days": ["2025-12-20", {"date": "2025-12-21", "hours": ["10:00-14:00"]}]}

A day that is not named in `working_hours` is free. An extra day beats a holiday; without hours of its own it
has those of its day of the week or, where that has none, those of the first day of the week that has any.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from worklattice.calendar.reading import Json, Notes, day_number
from worklattice.calendar.working import Calendar, Hours
from worklattice.calendar.zones import UTC_ZONE
from worklattice.errors import shown, written
from worklattice.lang.hours import DAY_MINUTES, parse_span, parse_weekdays
from worklattice.lang.recurrence import WEEKDAYS
from worklattice.lang.times import parse_date

KEYS: Final = ("time_zone", "working_hours", "holidays", "extra_working_days")
"""What a calendar may say."""

SPANS: Final = 48
"""Spans of one day, at most."""
EXCEPTIONS: Final = 10_000
"""Holidays and extra days, at most, those inside ranges counted one by one."""

_THURSDAY: Final = 3
_WEEK: Final = 7


def parse_calendar(value: Json, path: str = "calendar") -> Calendar:
    """The calendar that a JSON object describes.

    Raises `ValidationError` with every problem, each with its path under `path`.

    >>> calendar = parse_calendar({"working_hours": {"mon-fri": ["09:00-17:00"]}})
    >>> hour = 3_600_000_000
    >>> calendar.add_working(9 * hour, 10 * hour) == (24 + 11) * hour
    True
    """
    notes = Notes()
    if not isinstance(value, dict):
        notes.add(path, f"must be an object, not {shown(value)}")
        notes.check()
    notes.keys(value, KEYS, path)
    zone = notes.zone(value.get("time_zone"), f"{path}.time_zone", UTC_ZONE)
    week = _week(value.get("working_hours"), f"{path}.working_hours", notes)
    holidays = _holidays(value.get("holidays"), f"{path}.holidays", notes)
    exceptions: dict[int, Hours] = dict.fromkeys(holidays, ())
    exceptions |= _extra(value.get("extra_working_days"), f"{path}.extra_working_days", week, notes)
    notes.check()
    return Calendar(zone=zone, week=week, exceptions=exceptions)


def _week(value: Json, path: str, notes: Notes) -> tuple[Hours, ...]:
    week: list[Hours] = [()] * _WEEK
    if not isinstance(value, dict):
        notes.add(path, 'must be an object such as {"mon-fri": ["09:00-17:00"]}')
        return tuple(week)
    said: dict[int, str] = {}
    for key, spans in value.items():
        at = path + written((str(key),))
        days = notes.read(parse_weekdays, key, at) or ()
        hours = _hours(spans, at, notes)
        for day in days:
            if day in said:
                notes.add(at, f"{WEEKDAYS[day]} is named by {shown(said[day])} too")
            said[day] = key
            week[day] = hours
    if not notes.found:
        _check_week(week, path, notes)
    return tuple(week)


def _check_week(week: list[Hours], path: str, notes: Notes) -> None:
    if not any(week):
        notes.add(path, "has no working hours at all")
    for day, hours in enumerate(week):
        following = week[(day + 1) % _WEEK]
        if hours and following and hours[-1].end - DAY_MINUTES > following[0].start:
            names = f"{WEEKDAYS[day]} run into those of {WEEKDAYS[(day + 1) % _WEEK]}"
            notes.add(path, f"the hours of {names}")


def _hours(value: Json, path: str, notes: Notes) -> Hours:
    if not isinstance(value, list) or len(value) > SPANS:
        notes.add(path, f"must be an array of at most {SPANS} spans such as 09:00-17:00")
        return ()
    read = [notes.read(parse_span, span, f"{path}[{index}]") for index, span in enumerate(value)]
    hours = tuple(sorted(span for span in read if span is not None))
    if any(one.end > other.start for one, other in pairwise(hours)):
        notes.add(path, "has spans that overlap")
    return hours


def _holidays(value: Json, path: str, notes: Notes) -> Iterator[int]:
    left = EXCEPTIONS
    for index, item in enumerate(_items(value, path, notes)):
        at = f"{path}[{index}]"
        if isinstance(item, dict):
            notes.keys(item, ("start", "end"), at)
            start, end = (_day(item.get(key), f"{at}.{key}", notes) for key in ("start", "end"))
            if start is not None and end is not None and end < start:
                notes.add(f"{at}.end", "lies before the start")
        else:
            start = end = _day(item, at, notes)
        if start is None or end is None:
            continue
        left -= max(end - start + 1, 0)
        if left < 0:
            notes.add(at, f"there are more than {EXCEPTIONS:,} holidays")
            return
        yield from range(start, end + 1)


def _extra(value: Json, path: str, week: tuple[Hours, ...], notes: Notes) -> dict[int, Hours]:
    extra: dict[int, Hours] = {}
    usual = next((hours for hours in week if hours), ())
    for index, item in enumerate(_items(value, path, notes)):
        at = f"{path}[{index}]"
        hours: Hours | None = None
        if isinstance(item, dict):
            notes.keys(item, ("date", "hours"), at)
            day = _day(item.get("date"), f"{at}.date", notes)
            if "hours" in item:
                hours = _hours(item["hours"], f"{at}.hours", notes)
        else:
            day = _day(item, at, notes)
        if day is not None:
            of_weekday = week[(day + _THURSDAY) % _WEEK]
            extra[day] = (of_weekday or usual) if hours is None else hours
    return extra


def _items(value: Json, path: str, notes: Notes) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > EXCEPTIONS:
        notes.add(path, f"must be an array of at most {EXCEPTIONS:,} items")
        return []
    return value


def _day(value: Json, path: str, notes: Notes) -> int | None:
    day = notes.read(parse_date, value, path)
    return None if day is None else day_number(day)
