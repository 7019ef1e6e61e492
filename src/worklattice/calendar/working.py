"""Working hours: when work is done, and how much of it fits between two moments.

A span of hours belongs to the day on which it begins, also where it runs into the next one. Where it begins
and where it ends are times of the clock, which come as `worklattice.calendar.zones` says. So a night shift
from 22:00 to 06:00 has seven hours when the clock is put forward and nine when it is put back.

Days are looked at one by one only where something is special about their week; other weeks count as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from attrs import field, frozen

from worklattice.calendar.zones import DAY, UTC_ZONE, Micros, Zone
from worklattice.lang.hours import DAY_MINUTES, HoursSpan

HORIZON_DAYS: Final = 36_525
"""How far is looked for working hours: 100 years."""

_MINUTE: Final = 60_000_000
_THURSDAY: Final = 3
_WEEK: Final = 7
_SUNDAY: Final = 6

Hours: TypeAlias = tuple[HoursSpan, ...]
Opening: TypeAlias = tuple[Micros, Micros]
"""From the first moment of work up to, not including, the second."""


def _length(week: tuple[Hours, ...]) -> int:
    return sum(span.end - span.start for hours in week for span in hours) * _MINUTE


@frozen(kw_only=True)
class Calendar:
    """Working hours of the days of a week from Monday on, and the days that differ. See `parse_calendar`.

    Days are counted since 1970-01-01; one without hours is a holiday. The spans of a day ascend and do not
    overlap.
    """

    week: tuple[Hours, ...]
    exceptions: Mapping[int, Hours] = field(factory=dict)
    zone: Zone = UTC_ZONE
    _special: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _weekly: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_special", tuple(sorted(self.exceptions)))
        object.__setattr__(self, "_weekly", _length(self.week))

    def is_open(self, at: Micros) -> bool:
        """Whether `at` is in working hours."""
        today = self._day(at)
        return any(
            start <= at < end for day in (today - 1, today, today + 1) for start, end in self._openings(day)
        )

    def next_open(self, at: Micros) -> Micros | None:
        """`at` where it is in working hours, else when the next begin; None where none do in 100 years."""
        return next((max(start, at) for start, _ in self._ahead(at)), None)

    def next_close(self, at: Micros) -> Micros | None:
        """`at` where it is outside working hours, else when these end; None where they never do."""
        if not self.is_open(at):
            return at
        closes = at
        settled = max((self._day(at), *self._special[-1:])) + 2 * _WEEK
        for start, end in self._ahead(at):
            if start > closes:
                return closes
            if self._day(end) > settled:
                return None
            closes = end
        return closes

    def add_working(self, at: Micros, amount: int) -> Micros | None:
        """The first moment by which so many microseconds of working hours have passed since `at`.

        Of a negative amount, the last moment from which so many pass until `at`. None where that is more than
        100 years away. Cost: one step for each week between, and for each day of a special week.
        """
        step = 1 if amount >= 0 else -1
        left = abs(amount)
        if not left:
            return at
        first = self._day(at) - step
        day = first
        try:
            while abs(day - first) <= HORIZON_DAYS:
                if left > self._weekly and abs(day - first) > 2 and self._is_plain(day, step):  # noqa: PLR2004 - clear of the day of `at`
                    left -= self._weekly
                    day += step * _WEEK
                    continue
                for opening in self._openings(day)[::step]:
                    start, end = max(opening[0], at), opening[1]
                    if step < 0:
                        start, end = opening[0], min(opening[1], at)
                    if end - start >= left:
                        return start + left if step > 0 else end - left
                    left -= max(end - start, 0)
                day += step
        except OverflowError:
            pass
        return None

    def working_between(self, start: Micros, end: Micros) -> int:
        """Microseconds of working hours between two moments; negative where `end` comes first."""
        if end < start:
            return -self.working_between(end, start)
        total = 0
        first, last = self._day(start) - 1, self._day(end) + 1
        day = first
        while day <= last:
            if first + 2 < day < last - _WEEK - 1 and self._is_plain(day, 1):
                total += self._weekly
                day += _WEEK
                continue
            total += sum(max(min(to, end) - max(since, start), 0) for since, to in self._openings(day))
            day += 1
        return total

    def add_working_days(self, at: Micros, days: int) -> Micros | None:
        """The same time of the day, so many working days later, or earlier where negative.

        A working day is a date that has working hours; the day of `at` itself is not counted. None where that
        is more than 100 years away.
        """
        if not days:
            return at
        local = self.zone.local(at)
        today, step, left = local // DAY, (1 if days > 0 else -1), abs(days)
        for day in range(today + step, today + step * HORIZON_DAYS, step):
            left -= bool(self._hours(day))
            if not left:
                try:
                    return self.zone.moment(day * DAY + local % DAY)
                except OverflowError:
                    break
        return None

    def _day(self, at: Micros) -> int:
        return self.zone.local(at) // DAY

    def _hours(self, day: int) -> Hours:
        hours = self.exceptions.get(day)
        return self.week[(day + _THURSDAY) % _WEEK] if hours is None else hours

    def _openings(self, day: int) -> list[Opening]:
        """The spans of one day as moments, without what the day before already covers, ascending."""
        hours = self._hours(day)
        if not hours:
            return []
        moment = self.zone.moment
        midnight = moment(day * DAY)
        if moment((day + 2) * DAY) - midnight == 2 * DAY:
            openings = [(midnight + start * _MINUTE, midnight + end * _MINUTE) for start, end in hours]
        else:
            openings = [
                (moment(day * DAY + start * _MINUTE), moment(day * DAY + end * _MINUTE))
                for start, end in hours
            ]
        before = self._hours(day - 1)
        if before and before[-1].end > DAY_MINUTES:
            covered = moment((day - 1) * DAY + before[-1].end * _MINUTE)
            openings = [(max(start, covered), end) for start, end in openings]
        return [opening for opening in openings if opening[0] < opening[1]]

    def _ahead(self, at: Micros) -> Iterator[Opening]:
        """What is open from `at` on, ascending."""
        first = self._day(at) - 1
        try:
            for day in range(first, first + HORIZON_DAYS):
                for opening in self._openings(day):
                    if opening[1] > at:
                        yield opening
        except OverflowError:
            return

    def _is_plain(self, day: int, step: int) -> bool:
        """Whether nothing is special about the week that begins (going back: ends) with `day`."""
        weekday = (day + _THURSDAY) % _WEEK
        if weekday != (0 if step > 0 else _SUNDAY):
            return False
        monday = day if step > 0 else day - _SUNDAY
        at = bisect_left(self._special, monday - 1)
        if at < len(self._special) and self._special[at] < monday + _WEEK:
            return False
        moment = self.zone.moment
        return moment((monday + _WEEK + 1) * DAY) - moment(monday * DAY) == (_WEEK + 1) * DAY
