"""When a recurrence comes next, by the clock: no zone, no summer time, only the calendar.

Years are gone through one after the other, each as the bits of its days (`worklattice.calendar.year_days`),
for `HORIZON_YEARS`: a recurrence that has nothing in so long a time is taken to have nothing more. Times of
the day, and what a period holds, are computed with and never listed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, date
from itertools import groupby
from math import gcd
from typing import Final

from worklattice.calendar.year_days import (
    LONGEST_YEAR,
    allowed_days,
    every,
    first_day,
    month_spans,
    ones,
    week_begin,
)
from worklattice.calendar.zones import EPOCH_DAY, Local
from worklattice.lang.recurrence import Recurrence

HORIZON_YEARS: Final = 100

_SECOND: Final = 1_000_000
_DAY_SECONDS: Final = 86_400
_SLOTS: Final = {"hourly": 3_600, "minutely": 60}
"""Seconds of what the frequencies below a day count."""


def next_local(rule: Recurrence, begin: Local, after: Local) -> Local | None:
    """The first time after `after` at which the rule comes, or None where the search finds none.

    `begin` says which periods count where the rule's interval leaves some out; it is no lower bound.

    Cost: some microseconds for each year that is searched, and for each period where positions count; of
    hourly and minutely rules one for each day.
    """
    begin, after = begin // _SECOND, after // _SECOND
    if rule.frequency in _SLOTS:
        found = _in_slots(rule, begin, after)
    elif rule.positions:
        found = _at_positions(rule, begin, after)
    else:
        found = _at_times(rule, begin, after)
    return None if found is None else found * _SECOND


def _ordinal(second: int) -> int:
    return second // _DAY_SECONDS + EPOCH_DAY


def _second(day: int) -> int:
    return (day - EPOCH_DAY) * _DAY_SECONDS


def _years(rule: Recurrence, begin: int, first: int) -> Iterator[tuple[int, int]]:
    """The years that are searched for days from `first` on, and the days in them that the rule allows."""
    start = date.fromordinal(_ordinal(begin))
    from_year = date.fromordinal(first).year
    for year in range(from_year, min(from_year + HORIZON_YEARS, MAXYEAR) + 1):
        bits = allowed_days(rule, start, year)
        if year == from_year:
            bits &= -1 << first - first_day(year)
        yield year, bits


def _days(rule: Recurrence, begin: int, first: int) -> Iterator[int]:
    """The days of the rule from `first` on, ascending."""
    for year, bits in _years(rule, begin, first):
        new_year = first_day(year)
        for at in ones(bits):
            yield new_year + at


# --- days, and times of the day --------------------------------------------------------------------------


def _at_times(rule: Recurrence, begin: int, after: int) -> int | None:
    for day in _days(rule, begin, _ordinal(after)):
        midnight = _second(day)
        at = bisect_right(rule.times, after - midnight)
        if at < len(rule.times):
            return midnight + rule.times[at]
    return None


# --- hours and minutes -----------------------------------------------------------------------------------


def _in_slots(rule: Recurrence, begin: int, after: int) -> int | None:
    """The same of an hourly or minutely rule: a slot is an hour or a minute, and a day a row of them."""
    size = _SLOTS[rule.frequency]
    of_day = _DAY_SECONDS // size
    shared = gcd(rule.interval, of_day)
    named = _named_slots(rule) & every(shared, of_day) << begin // size % shared  # others are never reached
    if not named:
        return None
    for year, bits in _years(rule, begin, _ordinal(after)):
        new_year = first_day(year)
        since = (begin - _second(new_year)) // size
        has_slots = _days_with_slots(since, rule.interval, of_day, named) if rule.interval > of_day else -1
        for at in ones(bits & has_slots):
            slots = named & every(rule.interval, of_day) << (since - at * of_day) % rule.interval
            found = _in_day(rule, slots, size, after - _second(new_year + at))
            if found is not None:
                return _second(new_year + at) + found
    return None


def _named_slots(rule: Recurrence) -> int:
    """The hours or minutes of a day that the rule allows, as bits."""
    hours = sum(1 << hour for hour in rule.hours) or (1 << 24) - 1
    if rule.frequency == "hourly":
        return hours
    minutes = sum(1 << minute for minute in rule.minutes) or (1 << 60) - 1
    return sum(minutes << 60 * hour for hour in ones(hours))


def _days_with_slots(since: int, interval: int, of_day: int, named: int) -> int:
    """The days of a year with a slot, where the steps are longer than a day."""
    slots = range(since % interval, LONGEST_YEAR * of_day, interval)
    return sum(1 << slot // of_day for slot in slots if named >> slot % of_day & 1)


def _in_day(rule: Recurrence, slots: int, size: int, after: int) -> int | None:
    """The first time in one of a day's slots; all of it in seconds since midnight."""
    if after >= 0:
        present = after // size
        at = bisect_right(rule.times, after - present * size)
        if slots >> present & 1 and at < len(rule.times):
            return present * size + rule.times[at]
        slots &= -2 << present
    return next((slot * size + rule.times[0] for slot in ones(slots)), None)


# --- periods, and positions in them ----------------------------------------------------------------------


def _at_positions(rule: Recurrence, begin: int, after: int) -> int | None:
    """The same of a rule that counts what each period holds, and takes only some of it."""
    times = rule.times
    for days in _periods(rule, begin, _ordinal(after)):
        count = len(days) * len(times)
        chosen = {position - 1 if position > 0 else count + position for position in rule.positions}
        for at in sorted(chosen):
            if 0 <= at < count:
                found = _second(days[at // len(times)]) + times[at % len(times)]
                if found > after:
                    return found
    return None


def _periods(rule: Recurrence, begin: int, day: int) -> Iterator[Sequence[int]]:
    """The days of the rule in each of its periods, from the period that holds `day` on."""
    if rule.frequency == "daily":
        for found in _days(rule, begin, day):
            yield (found,)
    elif rule.frequency == "weekly":
        days = _days(rule, begin, max(week_begin(rule, day), 1))
        for _, week in groupby(days, lambda found: week_begin(rule, found)):
            yield tuple(week)
    else:
        today = date.fromordinal(day)
        first = today.replace(day=1, month=today.month if rule.frequency == "monthly" else 1)
        for year, bits in _years(rule, begin, first.toordinal()):
            spans = month_spans(year) if rule.frequency == "monthly" else ((0, LONGEST_YEAR),)
            for at, length in spans:
                days_then = bits >> at & ((1 << length) - 1)
                yield [first_day(year) + at + number for number in ones(days_then)]
