"""The days of a year that a recurrence allows, as the bits of one number: bit 0 is the first of January.

Each part of a rule is a few patterns of bits, and what all parts allow is their intersection. So a year costs
microseconds, however few of its days count, and a century that holds nothing is seen through in no time.

Days are counted as `date.toordinal` has it. Years are counted out rather than asked of `datetime`: a week at
the ends of time may lie in a year that has no dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache, reduce
from itertools import accumulate
from operator import or_
from typing import Final

from worklattice.lang.recurrence import Recurrence, Weekday

LONGEST_YEAR: Final = 366

_WEEK: Final = 7
_WHOLE_WEEK: Final = 0b1111111
_FOURTH: Final = 3
"""Days from the first of January to the fourth, which lies in the first week of each year."""
_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = range(1, 13)


def ones(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, ascending."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


@lru_cache(maxsize=1_024)
def every(step: int, length: int) -> int:
    """The bits 0, `step`, twice `step` and so on, as long as they are below `length`."""
    count = -(-length // step)
    return ((1 << step * count) - 1) // ((1 << step) - 1) if count > 1 else 1


def first_day(year: int) -> int:
    """The first of January, also of years that no date has."""
    before = year - 1
    return 365 * before + before // 4 - before // 100 + before // 400 + 1


def month_spans(year: int) -> tuple[tuple[int, int], ...]:
    """Where in the year each month begins, and how many days it has."""
    return _SPANS[_length(year) == LONGEST_YEAR]


def allowed_days(rule: Recurrence, begin: date, year: int) -> int:
    """The days of the year that the parts of the rule allow, and that are in step with where it begins."""
    months = _months_in_step(rule, begin, year)
    spans = month_spans(year)
    bits = _any(_bits(*spans[month - 1]) for month in months)
    if not bits or (rule.frequency == "yearly" and (year - begin.year) % rule.interval):
        return 0
    length = _length(year)
    if rule.month_days:
        bits &= _any(_month_day(length, number) for number in rule.month_days)
    if rule.weekdays:
        bits &= _on_weekdays(rule, year)
    if rule.year_days:
        bits &= _any(_numbered(number, length) for number in rule.year_days)
    if rule.weeks:
        bits &= _in_weeks(rule, year)
    if rule.interval > 1 and rule.frequency == "daily":
        bits &= every(rule.interval, LONGEST_YEAR) << (begin.toordinal() - first_day(year)) % rule.interval
    if rule.interval > 1 and rule.frequency == "weekly":
        bits &= _weeks_in_step(rule, begin, year)
    return bits


def week_begin(rule: Recurrence, day: int) -> int:
    """The first day of the week that holds the day."""
    return day - (day - 1 - rule.week_start) % _WEEK


def _any(patterns: Iterator[int]) -> int:
    return reduce(or_, patterns, 0)


def _bits(at: int, length: int) -> int:
    return ((1 << length) - 1) << at


def _length(year: int) -> int:
    return first_day(year + 1) - first_day(year)


def _numbered(number: int, length: int) -> int:
    """The one of so many days that has the number, from the end where negative; nothing where none has."""
    at = number - 1 if number > 0 else length + number
    return 1 << at if 0 <= at < length else 0


def _months_in_step(rule: Recurrence, begin: date, year: int) -> Iterator[int]:
    since = 12 * (year - begin.year) - begin.month
    for month in rule.months or _MONTHS:
        if rule.frequency != "monthly" or (since + month) % rule.interval == 0:
            yield month


def _spans(*, leap: bool) -> tuple[tuple[int, int], ...]:
    lengths = [length + (leap and month == 1) for month, length in enumerate(_LENGTHS)]
    return tuple(zip(accumulate(lengths, initial=0), lengths, strict=False))


_SPANS: Final = (_spans(leap=False), _spans(leap=True))


@lru_cache(maxsize=128)
def _month_day(year_length: int, number: int) -> int:
    spans = _SPANS[year_length == LONGEST_YEAR]
    return _any(_numbered(number, length) << at for at, length in spans)


def _on_weekdays(rule: Recurrence, year: int) -> int:
    first, length = (first_day(year) - 1) % _WEEK, _length(year)
    if rule.frequency == "yearly" and not rule.months:
        return _any(_weekday(weekday, first, length) for weekday in rule.weekdays)
    return _any(_weekday_in_months(weekday, first, length) for weekday in rule.weekdays)


@lru_cache(maxsize=4_096)
def _weekday_in_months(weekday: Weekday, first: int, year_length: int) -> int:
    spans = _SPANS[year_length == LONGEST_YEAR]
    return _any(_weekday(weekday, (first + at) % _WEEK, length) << at for at, length in spans)


def _weekday(weekday: Weekday, first: int, length: int) -> int:
    """The weekday in a span of so many days, of which the first is of the weekday `first`."""
    at = (weekday.day - first) % _WEEK
    if not weekday.nth:
        return every(_WEEK, length - at) << at
    count = (length - at + _WEEK - 1) // _WEEK
    week = weekday.nth - 1 if weekday.nth > 0 else count + weekday.nth
    return 1 << at + _WEEK * week if 0 <= week < count else 0


def _in_weeks(rule: Recurrence, year: int) -> int:
    """The days of the year in weeks that count; at its ends these may be weeks of the years beside it."""
    first, length = first_day(year), _length(year)
    bits = 0
    for of_year in (year - 1, year, year + 1):
        begin = week_begin(rule, first_day(of_year) + _FOURTH)
        count = (week_begin(rule, first_day(of_year + 1) + _FOURTH) - begin) // _WEEK
        for number in rule.weeks:
            week = number - 1 if number > 0 else count + number
            at = begin + _WEEK * week - first
            if 0 <= week < count and -_WEEK < at < length:
                bits |= _WHOLE_WEEK << at if at > 0 else _WHOLE_WEEK >> -at
    return bits


def _weeks_in_step(rule: Recurrence, begin: date, year: int) -> int:
    step = _WEEK * rule.interval
    at = (week_begin(rule, begin.toordinal()) - first_day(year)) % step
    weeks = _WHOLE_WEEK * every(step, LONGEST_YEAR)
    return weeks << at | _WHOLE_WEEK << at >> step
