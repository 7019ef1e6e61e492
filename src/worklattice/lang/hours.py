"""Hours of the day and days of the week: `9`, `2:30pm`, `09:00-17:30`, `mon-fri`.

A time of the day is counted in minutes since midnight, by the clock on the wall. A span that ends before it
begins ends on the next day: `22:00-06:00` has eight hours, `00:00-24:00` a whole day.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from worklattice.errors import did_you_mean
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.recurrence import WEEKDAYS

DAY_MINUTES: Final = 1_440
LONGEST_TEXT: Final = 100

_CLOCK: Final = re.compile(r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2}))?(?P<half>am|pm)?", re.IGNORECASE)
_SPAN: Final = re.compile(r" *(?P<start>[^ -]+) *- *(?P<end>[^ -]+) *")
_DAYS: Final = re.compile(r"[^, ]+")
_NOON: Final = 12
_HOURS: Final = 24
_MINUTES: Final = 60

_CLOCK_FORM: Final = "Write a time such as 9, 09:30 or 2:30pm."
_SPAN_FORM: Final = "Write two times, as in 09:00-17:30."
_DAYS_FORM: Final = "Write days such as mon-fri, sat, or mon,wed."

WEEKDAY_NUMBERS: Final = {
    name: day
    for day, full in enumerate(WEEKDAYS)
    for name in (
        full,
        f"{full}s",
        full[:3],
        *{"tuesday": ("tues",), "thursday": ("thur", "thurs")}.get(full, ()),
    )
}
"""How a weekday may be written, in small letters; 0 is Monday."""

WORKDAYS: Final[tuple[int, ...]] = (0, 1, 2, 3, 4)
WEEKEND: Final[tuple[int, ...]] = (5, 6)
_GROUPS: Final = {"weekdays": WORKDAYS, "weekends": WEEKEND, "daily": (*WORKDAYS, *WEEKEND)}


class HoursError(LanguageError):
    """The text is no time of the day, no span of them, or no days of the week."""


class HoursSpan(NamedTuple):
    """From `start` up to, not including, `end`, in minutes since midnight; beyond 1,440 is the next day."""

    start: int
    end: int


def is_clock(word: str) -> bool:
    """Whether the word has the form of a time of the day."""
    return _CLOCK.fullmatch(word) is not None


def read_clock(text: str, span: tuple[int, int], *, midnight: int = 0) -> int:
    """The minutes since midnight that `text[span]` says; 24:00 is allowed where `midnight` is 1,440."""
    word = text[span[0] : span[1]]
    match = _CLOCK.fullmatch(word)
    if match is None:
        raise HoursError.at(text, span, "this is no time of the day", _CLOCK_FORM)
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower()
    if half:
        if not 1 <= hour <= _NOON:
            raise HoursError.at(text, span, f"with {half} there are the hours 1 to 12", _CLOCK_FORM)
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    total = hour * _MINUTES + minute
    if minute >= _MINUTES or total > (midnight or (_HOURS * _MINUTES - 1)):
        raise HoursError.at(text, span, "there is no such time of day", _CLOCK_FORM)
    return total


def parse_span(text: str) -> HoursSpan:
    """The span. Raises `HoursError`.

    >>> parse_span("09:00-17:30"), parse_span("22:00-06:00")
    (HoursSpan(start=540, end=1050), HoursSpan(start=1320, end=1800))
    """
    match = _SPAN.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None:
        raise HoursError.at(text, (0, len(text)), "this is no span of hours", _SPAN_FORM)
    start = read_clock(text, match.span("start"))
    end = read_clock(text, match.span("end"), midnight=DAY_MINUTES)
    if end == start:
        raise HoursError.at(text, match.span("end"), "the span has no length", "A whole day is 00:00-24:00.")
    return HoursSpan(start, end if end > start else end + DAY_MINUTES)


def format_span(span: HoursSpan) -> str:
    """The span as `parse_span` reads it.

    >>> format_span(HoursSpan(540, 1050))
    '09:00-17:30'
    """
    end = span.end - DAY_MINUTES if span.end > DAY_MINUTES else span.end
    return f"{format_clock(span.start)}-{format_clock(end)}"


def format_clock(minutes: int) -> str:
    """The time of the day with two digits each, as in `09:05`."""
    return f"{minutes // _MINUTES:02d}:{minutes % _MINUTES:02d}"


def parse_weekdays(text: str) -> tuple[int, ...]:
    """The days, 0 for Monday, ascending. Raises `HoursError`.

    >>> parse_weekdays("mon-fri"), parse_weekdays("sat, sun"), parse_weekdays("fri-mon")
    ((0, 1, 2, 3, 4), (5, 6), (0, 4, 5, 6))
    """
    if len(text) > LONGEST_TEXT or not (parts := list(_DAYS.finditer(text))):
        raise HoursError.at(text, (0, len(text)), "these are no days of the week", _DAYS_FORM)
    days: set[int] = set()
    for part in parts:
        first, dash, _ = part.group().partition("-")
        if not dash and first.lower() in _GROUPS:
            days.update(_GROUPS[first.lower()])
            continue
        middle = part.start() + len(first)
        start = read_weekday(text, (part.start(), middle))
        end = read_weekday(text, (middle + 1, part.end())) if dash else start
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(sorted(days))


def read_weekday(text: str, span: tuple[int, int]) -> int:
    """The day of the week that `text[span]` names, 0 for Monday."""
    word = text[span[0] : span[1]].lower()
    if word not in WEEKDAY_NUMBERS:
        raise HoursError.at(
            text, span, "this is no day of the week", did_you_mean(word, WEEKDAYS, otherwise=_DAYS_FORM)
        )
    return WEEKDAY_NUMBERS[word]
