"""What recurs by the calendar, as a plain value: the words of schedules and RRULE texts both come to this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from attrs import frozen

Frequency: TypeAlias = Literal["yearly", "monthly", "weekly", "daily", "hourly", "minutely"]

FREQUENCIES: Final[tuple[Frequency, ...]] = get_args(Frequency)
"""From the longest period to the shortest."""

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


class Weekday(NamedTuple):
    """A weekday, 0 for Monday; `nth` of its month or year, from the end where negative, or 0 for each."""

    day: int
    nth: int = 0


@frozen
class EachWithEach:
    """Each hour with each minute and each second, told without a list of them. All three ascend."""

    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.hours) * len(self.minutes) * len(self.seconds)

    def __iter__(self) -> Iterator[int]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, at: int) -> int:
        rest, second = divmod(at, len(self.seconds))
        hour, minute = divmod(rest, len(self.minutes))
        return 3_600 * self.hours[hour] + 60 * self.minutes[minute] + self.seconds[second]


Times: TypeAlias = tuple[int, ...] | EachWithEach
"""Seconds into a day or a part of it, ascending; there is at least one."""


@frozen(kw_only=True)
class Recurrence:
    """Which days and times recur, in local time. An empty tuple excludes nothing.

    Every `interval`-th period of the `frequency` counts, from the one on that holds the moment where the
    recurrence begins. The names are those of RFC 5545, section 3.3.10, without `BY`.
    """

    frequency: Frequency
    interval: int = 1
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    """Numbers of weeks as in ISO 8601; negative ones count from the end of the year. Yearly only."""
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    """Negative ones count from the end of the month."""
    weekdays: tuple[Weekday, ...] = ()
    hours: tuple[int, ...] = ()
    """Of `hourly` and `minutely` only: the hours that count. The others have them in `times`."""
    minutes: tuple[int, ...] = ()
    """Of `minutely` only: the minutes that count."""
    times: Times = (0,)
    """Seconds into the day; of `hourly` into the hour, of `minutely` into the minute."""
    week_start: int = 0
    positions: tuple[int, ...] = ()
    """Which of a period's occurrences count, from the end where negative; none where all do."""


@frozen
class Interval:
    """The same span over and over, in microseconds."""

    every: int
