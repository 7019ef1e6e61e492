"""Schedules written in words, canonically: the same schedule, however it was said, has one spelling.

What is written here, `worklattice.lang.schedules` reads back as what it was.
"""

from __future__ import annotations

from typing import Final

from worklattice.lang.durations import format_duration
from worklattice.lang.hours import WEEKEND, WORKDAYS, format_clock
from worklattice.lang.recurrence import MONTHS, WEEKDAYS, Interval, Recurrence

_LAST: Final = -1
_MINUTE: Final = 60
_UNITS: Final = ((3_600_000_000, "hour"), (60_000_000, "minute"), (1_000_000, "second"))


def format_words(schedule: Interval | Recurrence) -> str:
    """The schedule in words. A recurrence is one that words can say.

    >>> format_words(Interval(900_000_000))
    'every 15 minutes'
    >>> format_words(Recurrence(frequency="monthly", month_days=(1, 15), times=(3 * 3600,)))
    'every month on the 1st and 15th at 03:00'
    """
    if isinstance(schedule, Interval):
        return f"every {_span_in_words(schedule.every)}"
    return (
        f"{_days_in_words(schedule)} at {_listed([format_clock(time // _MINUTE) for time in schedule.times])}"
    )


def _span_in_words(micros: int) -> str:
    for size, unit in _UNITS:
        count, rest = divmod(micros, size)
        if not rest:
            return unit if count == 1 else f"{count} {unit}s"
    return format_duration(micros)


def _days_in_words(rule: Recurrence) -> str:
    if rule.frequency == "daily":
        return _every(rule.interval, "day")
    if rule.frequency == "weekly":
        days = tuple(weekday.day for weekday in rule.weekdays)
        names = {WORKDAYS: "weekday", WEEKEND: "weekend"}.get(days) or _listed(
            [WEEKDAYS[day] for day in days]
        )
        return f"every {names}" if rule.interval == 1 else f"{_every(rule.interval, 'week')} on {names}"
    if rule.frequency == "yearly":
        return f"{_every(rule.interval, 'year')} on {rule.month_days[0]} {MONTHS[rule.months[0] - 1]}"
    return f"{_every(rule.interval, 'month')} on the {_month_days_in_words(rule)}"


def _month_days_in_words(rule: Recurrence) -> str:
    if rule.positions:
        return f"{_listed(list(map(_ordinal, rule.positions)))} weekday"
    if rule.weekdays:
        ordinals = _listed([_ordinal(weekday.nth) for weekday in rule.weekdays])
        return f"{ordinals} {WEEKDAYS[rule.weekdays[0].day]}"
    ordinals = _listed(list(map(_ordinal, rule.month_days)))
    return f"{ordinals} day" if _LAST in rule.month_days else ordinals


def _every(interval: int, period: str) -> str:
    return f"every {period}" if interval == 1 else f"every {interval} {period}s"


def _listed(parts: list[str]) -> str:
    return " and ".join(parts)


def _ordinal(number: int) -> str:
    if number == _LAST:
        return "last"
    ending = "th" if number in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
