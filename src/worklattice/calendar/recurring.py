"""When a recurrence comes next, by the clock: no zone, no summer time, only the calendar.

Days are enumerated month by month, those months passed over that cannot hold one; the search ends after
`HORIZON_MONTHS`, or `TRIES` slots of an hour or a minute. A recurrence that has nothing in so long a time is
taken to have nothing more.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, date
from itertools import groupby, islice
from typing import Final

from worklattice.calendar.zones import DAY, EPOCH_DAY, Local
from worklattice.lang.recurrence import Recurrence

HORIZON_MONTHS: Final = 1_200
TRIES: Final = 100_000

_FOUR_CENTURIES: Final = 146_097
"""Days after which the calendar repeats, weeks included."""
_SECOND: Final = 1_000_000
_DAY_SECONDS: Final = 86_400
_SLOTS: Final = {"hourly": 3_600, "minutely": 60}
"""Seconds of what the frequencies below a day count."""


def next_local(rule: Recurrence, begin: Local, after: Local) -> Local | None:
    """The first time after `after` at which the rule comes, or None where the search finds none.

    `begin` says which periods count where the rule's interval leaves some out; it is no lower bound.
    """
    if rule.frequency in _SLOTS:
        times = _in_slots(rule, begin // _SECOND, after // _SECOND)
    elif rule.positions:
        times = _at_positions(rule, begin, after)
    else:
        times = (_second(day) + time for day in _days(rule, begin, _ordinal(after)) for time in rule.times)
    return next((time * _SECOND for time in times if time * _SECOND > after), None)


def _ordinal(local: Local) -> int:
    return local // DAY + EPOCH_DAY


def _second(day: int) -> int:
    return (day - EPOCH_DAY) * _DAY_SECONDS


def _in_slots(rule: Recurrence, begin: int, after: int) -> Iterator[int]:
    """The seconds of an hourly or minutely rule."""
    size = _SLOTS[rule.frequency]
    step = size * rule.interval
    begin -= begin % size
    floor = after - after % size

    def slots() -> Iterator[int]:
        for day in _days(rule, begin * _SECOND, _ordinal(after * _SECOND)):
            first = max(_second(day), floor)
            yield from range(first + (begin - first) % step, _second(day) + _DAY_SECONDS, step)

    for slot in islice(slots(), TRIES):
        in_hours = not rule.hours or slot % _DAY_SECONDS // 3_600 in rule.hours
        if in_hours and (not rule.minutes or slot // 60 % 60 in rule.minutes):
            for time in rule.times:
                yield slot + time


def _at_positions(rule: Recurrence, begin: Local, after: Local) -> Iterator[int]:
    """The seconds of a rule that counts what each period holds, and takes only some of it."""
    period, first = _period(rule, _ordinal(after))
    for _, days in groupby(_days(rule, begin, first), period):
        times = [_second(day) + time for day in days for time in rule.times]
        chosen = {position - (position > 0) for position in rule.positions}
        yield from sorted({times[at] for at in chosen if -len(times) <= at < len(times)})


def _period(rule: Recurrence, day: int) -> tuple[Callable[[int], int], int]:
    """What tells one period of a rule from the next, and the first day of the period that holds `day`."""
    if rule.frequency == "daily":
        return int, day
    if rule.frequency == "weekly":
        return lambda day: _week(rule, day), day - (day - 1 - rule.week_start) % 7
    in_year = date.fromordinal(day)
    if rule.frequency == "monthly":
        return lambda day: date.fromordinal(day).replace(day=1).toordinal(), in_year.replace(
            day=1
        ).toordinal()
    return lambda day: date.fromordinal(day).year, in_year.replace(month=1, day=1).toordinal()


def _week(rule: Recurrence, day: int) -> int:
    return (day - 1 - rule.week_start) // 7


def _days(rule: Recurrence, begin: Local, first: int) -> Iterator[int]:
    """The days of the rule from `first` on, ascending."""
    start = date.fromordinal(_ordinal(begin))
    start_month = start.year * 12 + start.month - 1
    from_day = date.fromordinal(first)
    from_month = from_day.year * 12 + from_day.month - 1
    for index in range(from_month, min(from_month + HORIZON_MONTHS, (MAXYEAR + 1) * 12)):
        year, month = index // 12, index % 12 + 1
        if rule.months and month not in rule.months:
            continue
        if rule.frequency == "monthly" and (index - start_month) % rule.interval:
            continue
        if rule.frequency == "yearly" and (year - start.year) % rule.interval:
            continue
        for day in _days_of_month(rule, year, month):
            if day >= first and _in_step(rule, start.toordinal(), day):
                yield day


def _in_step(rule: Recurrence, start: int, day: int) -> bool:
    if rule.interval == 1:
        return True
    if rule.frequency == "daily":
        return (day - start) % rule.interval == 0
    if rule.frequency == "weekly":
        return (_week(rule, day) - _week(rule, start)) % rule.interval == 0
    return True


def _days_of_month(rule: Recurrence, year: int, month: int) -> Iterator[int]:
    """The days of one month that the parts of the rule allow."""
    length = monthrange(year, month)[1]
    before = date(year, month, 1).toordinal() - 1
    if rule.month_days:
        counted = {number if number > 0 else length + 1 + number for number in rule.month_days}
        numbers = sorted(number for number in counted if 1 <= number <= length)
    else:
        numbers = list(range(1, length + 1))
    for number in numbers:
        day = before + number
        if rule.weekdays and not _is_weekday(rule, day, number, length):
            continue
        if rule.year_days and not _is_year_day(rule, day, year):
            continue
        if rule.weeks and not _is_in_week(rule, day):
            continue
        yield day


def _is_weekday(rule: Recurrence, day: int, number: int, length: int) -> bool:
    weekday = (day - 1) % 7
    for wanted, nth in rule.weekdays:
        if wanted != weekday:
            continue
        if not nth:
            return True
        if rule.frequency == "yearly" and not rule.months:
            year = date.fromordinal(day).year
            number = day - date(year, 1, 1).toordinal() + 1
            length = _year_length(year)
        if nth == ((number - 1) // 7 + 1 if nth > 0 else -((length - number) // 7 + 1)):
            return True
    return False


def _is_year_day(rule: Recurrence, day: int, year: int) -> bool:
    number = day - date(year, 1, 1).toordinal() + 1
    return number in rule.year_days or number - _year_length(year) - 1 in rule.year_days


def _year_length(year: int) -> int:
    return 337 + monthrange(year, 2)[1]


def _is_in_week(rule: Recurrence, day: int) -> bool:
    """Whether the day is in a week that counts: week 1 is the first with at least four days in the year.

    Asked of the same day in the years 400 to 800: at the ends of time a week can lie in a year without dates.
    """
    day = day % _FOUR_CENTURIES + _FOUR_CENTURIES
    middle = date.fromordinal(day - (day - 1 - rule.week_start) % 7 + 3)
    number = (middle.timetuple().tm_yday - 1) // 7 + 1
    late = date(middle.year, 12, 28).toordinal()
    last = date.fromordinal(late - (late - 1 - rule.week_start) % 7 + 3)
    return number in rule.weeks or number - ((last.timetuple().tm_yday - 1) // 7 + 2) in rule.weeks
