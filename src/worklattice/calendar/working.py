"""Working hours: when work is done, and how much of it fits between two moments.

A span of hours belongs to the day on which it begins, also where it runs into the next one. Where it begins
and where it ends are times of the clock, which come as `worklattice.calendar.zones` says. So a night shift
from 22:00 to 06:00 has seven hours when the clock is put forward and nine when it is put back.

What lies between two moments is not walked through. Time is cut into blocks of weeks; of each block that is
asked about, a calendar remembers how much was worked before each of its days, and of single days their
openings. Within a block days are looked at one by one only where something is special about their week; of
other weeks each is as the next. Both tables are bounded, and filled as they are needed: what is found in them
never changes, so it does not matter which thread computed it, or that two of them did.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final, TypeAlias, TypeVar

from attrs import field, frozen

from worklattice.calendar.zones import DAY, UTC_ZONE, Micros, Zone
from worklattice.lang.hours import DAY_MINUTES, HoursSpan
from worklattice.lang.times import EARLIEST, LATEST

HORIZON_DAYS: Final = 36_525
"""How far is looked for working hours: 100 years."""

BLOCK_DAYS: Final = 224
"""Days of a block: 32 weeks, from a Monday on."""
BLOCKS: Final = 256
"""Blocks that a calendar remembers at most, which is 157 years: half a megabyte."""
DAYS: Final = 512
"""Days whose openings a calendar remembers at most: some 100 kilobytes where a day has one or two."""

_MINUTE: Final = 60_000_000
_THURSDAY: Final = 3
_MONDAY: Final = 4
"""The first day after 1970-01-01 that is one."""
_WEEK: Final = 7

Hours: TypeAlias = tuple[HoursSpan, ...]
Opening: TypeAlias = tuple[Micros, Micros]
"""From the first moment of work up to, not including, the second."""
V = TypeVar("V")


def _block(day: int) -> int:
    return (day - _MONDAY) // BLOCK_DAYS


def _first_day(block: int) -> int:
    return block * BLOCK_DAYS + _MONDAY


_FIRST_BLOCK: Final = _block(EARLIEST // DAY)
_LAST_BLOCK: Final = _block(LATEST // DAY)


def _kept(table: dict[int, V], at: int, value: V, most: int) -> V:
    """The value, which is in the table now; where the table was full, alone."""
    if len(table) >= most:
        table.clear()
    table[at] = value
    return value


@frozen(kw_only=True)
class Calendar:
    """Working hours of the days of a week from Monday on, and the days that differ. See `parse_calendar`.

    Days are counted since 1970-01-01; one without hours is a holiday. The spans of a day ascend and do not
    overlap, nor do those of a week run into the next day's.
    """

    week: tuple[Hours, ...]
    exceptions: Mapping[int, Hours] = field(factory=dict)
    zone: Zone = UTC_ZONE
    _special: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _usual: tuple[int, ...] = field(init=False, eq=False, repr=False)
    """What is worked on each day of a week about which nothing is special."""
    _blocks: dict[int, array[int]] = field(init=False, factory=dict, eq=False, repr=False)
    _days: dict[int, tuple[Opening, ...]] = field(init=False, factory=dict, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        usual = tuple(sum(span.end - span.start for span in hours) * _MINUTE for hours in self.week)
        object.__setattr__(self, "_special", tuple(sorted(self.exceptions)))
        object.__setattr__(self, "_usual", usual)

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
        100 years away. Cost: a look-up for each 32 weeks between; where they are new, one step for each week
        of them, and for each day of a special week.
        """
        if not amount:
            return at
        today = self._day(at)
        block, worked = self._worked(at, today)
        if amount > 0:
            began = self._begun(block, worked + amount, today - 1)
            return None if began is None else began + 1
        return self._begun(block, worked + amount + 1, today + 1)

    def working_between(self, start: Micros, end: Micros) -> int:
        """Microseconds of working hours between two moments; negative where `end` comes first.

        Cost: as of `add_working`.
        """
        if end < start:
            return -self.working_between(end, start)
        first, before = self._worked(start, self._day(start))
        last, until = self._worked(end, self._day(end))
        return until - before + sum(self._sums(block)[-1] for block in range(first, last))

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

    # --- how much was worked ------------------------------------------------------------------------------

    def _worked(self, at: Micros, today: int) -> tuple[int, int]:
        """The block in which yesterday lies, and what was worked between its beginning and `at`.

        Yesterday may run into today, and tomorrow may have begun where the clock was put back over midnight.
        """
        block = _block(today - 1)
        worked = self._sums(block)[today - 1 - _first_day(block)]
        for day in (today - 1, today, today + 1):
            worked += sum(min(end, at) - start for start, end in self._openings_in_time(day) if start < at)
        return block, worked

    def _begun(self, block: int, nth: int, near: int) -> Micros | None:
        """When the n-th microsecond of work begins, counted from 1 at the beginning of a block.

        It may lie in any block. None where it is on a day more than 100 years away from the day `near`.
        """
        first = max(_block(near - HORIZON_DAYS), _FIRST_BLOCK)
        last = min(_block(near + HORIZON_DAYS), _LAST_BLOCK)
        while nth < 1 and block > first:
            block -= 1
            nth += self._sums(block)[-1]
        while nth > self._sums(block)[-1] and block < last:
            nth -= self._sums(block)[-1]
            block += 1
        sums = self._sums(block)
        within = bisect_left(sums, nth) - 1
        day = _first_day(block) + within
        if not 0 <= within < BLOCK_DAYS or abs(day - near) > HORIZON_DAYS:
            return None
        nth -= sums[within]
        for start, end in self._openings(day):
            if nth <= end - start:
                return start + nth - 1
            nth -= end - start
        raise AssertionError("what was counted is there")

    def _sums(self, block: int) -> array[int]:
        """What is worked in a block before each of its days, and at last in all of it."""
        found = self._blocks.get(block)
        return _kept(self._blocks, block, self._summed(block), BLOCKS) if found is None else found

    def _summed(self, block: int) -> array[int]:
        lengths: list[int] = []
        for monday in range(_first_day(block), _first_day(block + 1), _WEEK):
            if self._is_plain(monday):
                lengths += self._usual
            else:
                lengths += map(self._length, range(monday, monday + _WEEK))
        return array("q", accumulate(lengths, initial=0))

    def _length(self, day: int) -> int:
        return sum(end - start for start, end in self._openings_in_time(day))

    def _is_plain(self, monday: int) -> bool:
        """Whether nothing is special about the week that begins with `monday`.

        That is: no day of it or before it, and not the clock. This is looked at every other day, since there
        are weeks in which it is put forward and back again (Gaza in 2040).
        """
        at = bisect_left(self._special, monday - 1)
        if at < len(self._special) and self._special[at] < monday + _WEEK:
            return False
        around = range(monday - 1, monday + _WEEK + 3, 2)
        try:
            return len({self.zone.offset(day * DAY) for day in around}) == 1
        except OverflowError:
            return False

    # --- when it is open ----------------------------------------------------------------------------------

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

    def _openings_in_time(self, day: int) -> tuple[Opening, ...]:
        """The same as `_openings`; none on days outside the years 1 to 9999."""
        try:
            return self._openings(day)
        except OverflowError:
            return ()

    def _openings(self, day: int) -> tuple[Opening, ...]:
        """The spans of one day as moments, without what the day before already covers, ascending."""
        found = self._days.get(day)
        if found is not None:
            return found
        hours = self._hours(day)
        return _kept(self._days, day, self._opened(day, hours), DAYS) if hours else ()

    def _opened(self, day: int, hours: Hours) -> tuple[Opening, ...]:
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
        return tuple(opening for opening in openings if opening[0] < opening[1])
