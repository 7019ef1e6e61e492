"""Schedules: what recurs, in a time zone, from a start to an end.

What the change to summer time and back does depends on how often a schedule comes:

- One that comes at times of the day comes once for each of them: a time that the clock skips is made up for
  at once, when the clock is put forward, and one that the clock shows twice counts the first time.
- One that goes on in steps of an hour or less goes by the clock: what is skipped is not made up for, and what
  is shown twice comes twice, so that the steps stay even where the clock is put by a multiple of them.

The same distinction as in Debian's cron, and in `cronsim`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, Protocol

from attrs import field, frozen

from worklattice.calendar.cron import next_by_cron
from worklattice.calendar.recurring import next_local
from worklattice.calendar.zones import DAY, UTC_ZONE, Local, Micros, Zone
from worklattice.lang.recurrence import Recurrence
from worklattice.lang.times import EARLIEST, LATEST

OCCURRENCES: Final = 1_000
"""Occurrences that one preview tells at most, and the largest `count` of a schedule."""

_HOUR: Final = 3_600_000_000
_FIRST: Final = EARLIEST + 2 * DAY
_LAST: Final = LATEST - 2 * DAY
"""Within these, what clocks show lies in the years 1 to 9999 too, wherever they hang."""


class Rule(Protocol):
    """What recurs, by the clock."""

    @property
    def goes_by_clock(self) -> bool:
        """Whether it goes on in steps of an hour or less."""
        ...

    def next_local(self, after: Local) -> Local | None:
        """The first time that the clock has to show after `after`, or None."""
        ...


@frozen
class ByCalendar:
    """A recurrence; `begin` says which periods count where its interval leaves some out."""

    recurrence: Recurrence
    begin: Local

    @property
    def goes_by_clock(self) -> bool:
        """Minutely, up to 60 of them, and hourly."""
        longest = {"hourly": 1, "minutely": 60}.get(self.recurrence.frequency, 0)
        return self.recurrence.interval <= longest

    def next_local(self, after: Local) -> Local | None:
        """By the calendar."""
        return next_local(self.recurrence, self.begin, after)


@frozen
class ByCron:
    """A cron expression, in canonical form."""

    text: str
    goes_by_clock: bool

    def next_local(self, after: Local) -> Local | None:
        """By the library."""
        return next_by_cron(self.text, after)


@frozen
class Steps:
    """Even steps by the clock: multiples of `every`, counted from midnight on 1970-01-01."""

    every: int

    @property
    def goes_by_clock(self) -> bool:
        """Up to an hour."""
        return self.every <= _HOUR

    def next_local(self, after: Local) -> Local | None:
        """The next multiple."""
        return after - after % self.every + self.every


@frozen
class Elapsed:
    """Even steps of time that passes, counted from a moment, whatever clocks show."""

    every: int
    start: Micros


@frozen
class Once:
    """One moment."""

    at: Micros


@frozen(kw_only=True)
class Schedule:
    """When something comes, again and again. Read one with `parse_schedule`.

    `start`, `end` and `last` bound it, all of them included: `last` is the occurrence at which its `count` is
    used up. `text` is its canonical form, without those and without the zone.
    """

    text: str
    rule: Rule | Elapsed | Once = field(repr=False)
    zone: Zone = UTC_ZONE
    start: Micros | None = None
    end: Micros | None = None
    count: int | None = None
    last: Micros | None = field(default=None, repr=False)

    def next_after(self, after: Micros) -> Micros | None:
        """The first occurrence after a moment, or None where no more follow, or none for 50 years.

        The same moment is never told twice, and with `next_after(x - 1)` an occurrence `x` finds itself. The
        search is bounded: some milliseconds where there is little to find, microseconds else.
        """
        after = max(after, _FIRST, _FIRST if self.start is None else self.start - 1)
        found = self._unbounded(after) if after < _LAST else None
        last = min(bound for bound in (_LAST, self.end, self.last) if bound is not None)
        return None if found is None or found > last else found

    def occurrences(self, after: Micros, limit: int = 10) -> list[Micros]:
        """The first occurrences after a moment, at most `limit` of them and at most 1,000, ascending."""
        return list(islice(self._all_after(after), min(limit, OCCURRENCES)))

    def passed(self, after: Micros, upto: Micros) -> tuple[int, Micros] | None:
        """How many occurrences lie after one moment and not after another, and the last; None for none.

        They are counted up to 1,000. Cost: a search for each that is counted, and a few dozen for the last.
        """
        last, count, found = after, 0, self.next_after(after)
        while found is not None and found <= upto and count < OCCURRENCES:
            last, count, found = found, count + 1, self.next_after(found)
        if found is not None and found <= upto:
            last = self.last_upto(found, upto)
        return (count, last) if count else None

    def last_upto(self, known: Micros, upto: Micros) -> Micros:
        """The last occurrence not after `upto`, given one of them.

        Cost: two searches for each time that the span can be halved until it holds one occurrence.
        """
        beyond = upto
        while (later := self._not_after(known, upto)) is not None:
            middle = (later + beyond) // 2
            found = self._not_after(middle, upto)
            known, beyond = (later, middle) if found is None else (found, beyond)
        return known

    def _not_after(self, after: Micros, upto: Micros) -> Micros | None:
        found = self.next_after(after)
        return None if found is None or found > upto else found

    def _all_after(self, after: Micros) -> Iterator[Micros]:
        found = self.next_after(after)
        while found is not None:
            yield found
            found = self.next_after(found)

    def _unbounded(self, after: Micros) -> Micros | None:
        rule = self.rule
        if isinstance(rule, Once):
            return rule.at if rule.at > after else None
        if isinstance(rule, Elapsed):
            return after - (after - rule.start) % rule.every + rule.every
        return _by_clock(rule, self.zone, after) if rule.goes_by_clock else _once(rule, self.zone, after)


def _once(rule: Rule, zone: Zone, after: Micros) -> Micros | None:
    """The next moment where each time comes once."""
    local = zone.local(after)
    repeat = zone.repeat(after)
    if repeat is not None and repeat.second:
        local = repeat.end - 1
    shown = rule.next_local(local)
    return None if shown is None else _moment(zone, shown)


def _by_clock(rule: Rule, zone: Zone, after: Micros) -> Micros | None:
    """The next moment at which the clock shows one of the times."""
    local = zone.local(after)
    repeat = zone.repeat(after)
    shown = rule.next_local(local)
    if repeat is not None:
        if shown is not None and shown < repeat.end:
            return after + shown - local
        if not repeat.second:
            again = rule.next_local(repeat.start - 1)
            if again is not None and again < repeat.end:
                return after + again - local + repeat.end - repeat.start
    while shown is not None:
        found = _moment(zone, shown)
        if found is None or (is_shown := zone.local(found)) == shown:
            return found
        shown = rule.next_local(is_shown - 1)
    return None


def _moment(zone: Zone, shown: Local) -> Micros | None:
    """When the clock shows it, where that is in reach."""
    return zone.moment(shown) if shown < _LAST + DAY else None
