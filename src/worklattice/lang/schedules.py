"""Schedules in words: `daily_at_2am`, `every monday at 9 and 17:30`, `monthly on the last friday at 18:00`.

Words stand apart by spaces, underscores or commas, in small or capital letters.

Not here: writing them (`worklattice.lang.wording`), cron expressions (`worklattice.lang.cron`), RRULE
(`worklattice.lang.rrules`), and when a schedule comes (`worklattice.calendar`).
"""

from __future__ import annotations

import re
from typing import Final

from worklattice.errors import did_you_mean
from worklattice.lang.diagnostics import LanguageError, Span
from worklattice.lang.durations import DurationError, parse_duration
from worklattice.lang.hours import WEEKDAY_NUMBERS, WEEKEND, WORKDAYS, is_clock, read_clock
from worklattice.lang.recurrence import MONTHS, WEEKDAYS, Interval, Recurrence, Weekday

LONGEST_TEXT: Final = 200
LARGEST_INTERVAL: Final = 1_000
"""Days, weeks, months or years between two occurrences, at most."""
SHORTEST_EVERY: Final = 1_000_000
"""The shortest fixed span between two occurrences: a second, in microseconds."""

_HOUR: Final = 3_600_000_000
_LAST: Final = -1
_MONTH_DAYS: Final = 31
_FEBRUARY_DAYS: Final = 29
_LONG_MONTHS: Final = frozenset({1, 3, 5, 7, 8, 10, 12})
_NTHS: Final = 5
_QUARTER: Final = 3
_MINUTE: Final = 60

_FORM: Final = (
    "Write, for example, daily at 02:00, every monday at 9, monthly on the 1st at 3am or every 15 minutes."
)
_REBOOT: Final = "Nothing is started here; write when it comes, such as @daily."
_CHANCE: Final = "Nothing is chosen by chance, and ISO 8601 repetitions are not read."

_WORD: Final = re.compile(r"[A-Za-z0-9:.]+|,")
_GAP: Final = re.compile(r"[ _]*")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_ORDINAL: Final = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?")
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": _LAST}
_PERIODS: Final = {
    name: (frequency, months)
    for frequency, months, names in (
        ("daily", 1, "day days"),
        ("weekly", 1, "week weeks"),
        ("monthly", 1, "month months"),
        ("monthly", _QUARTER, "quarter quarters"),
        ("yearly", 1, "year years"),
    )
    for name in names.split()
}
_ADVERBS: Final = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annually": "year",
}
_GROUPS: Final = {
    "weekday": WORKDAYS,
    "weekdays": WORKDAYS,
    "weekend": WEEKEND,
    "weekends": WEEKEND,
}
_MONTH_NUMBERS: Final = {
    name: number for number, full in enumerate(MONTHS, 1) for name in (full, full[:3])
} | {"sept": 9}
_FEBRUARY: Final = 2


_ALIASES: Final[dict[str, Interval | Recurrence]] = {
    "@hourly": Interval(_HOUR),
    "@daily": Recurrence(frequency="daily"),
    "@midnight": Recurrence(frequency="daily"),
    "@weekly": Recurrence(frequency="weekly", weekdays=(Weekday(6),)),
    "@monthly": Recurrence(frequency="monthly", month_days=(1,)),
    "@yearly": Recurrence(frequency="yearly", months=(1,), month_days=(1,)),
    "@annually": Recurrence(frequency="yearly", months=(1,), month_days=(1,)),
}


class ScheduleError(LanguageError):
    """The words are no schedule."""


def parse_words(text: str) -> Interval | Recurrence:
    """The schedule that the words say. Raises `ScheduleError`.

    >>> parse_words("every 15 minutes")
    Interval(every=900000000)
    """
    if len(text) > LONGEST_TEXT:
        raise ScheduleError.at(text, (0, 1), f"a schedule has at most {LONGEST_TEXT} characters")
    if text.startswith("@"):
        return _alias(text)
    return _Reader(text).schedule()


def _alias(text: str) -> Interval | Recurrence:
    known = _ALIASES.get(text.lower())
    if known is None:
        hint = _REBOOT if text.lower() == "@reboot" else did_you_mean(text, list(_ALIASES))
        raise ScheduleError.at(text, (0, len(text)), "there is no such schedule", hint)
    return known


class _Reader:
    """Reads the words one after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[tuple[str, Span]] = []
        at = _skip_gap(text, 0)
        while at < len(text):
            match = _WORD.match(text, at)
            if match is None:
                raise ScheduleError.at(
                    text, (at, at + 1), "this character means nothing in a schedule", _FORM
                )
            word = match.group().lower()
            self.words.append(("and" if word == "," else word, Span(*match.span())))
            at = _skip_gap(text, match.end())
        self.at = 0

    # --- the cursor ---------------------------------------------------------------------------------------

    @property
    def word(self) -> str:
        """The next word, empty at the end."""
        return self.words[self.at][0] if self.at < len(self.words) else ""

    @property
    def span(self) -> Span:
        """Where the next word stands, or the end of the text."""
        return (
            self.words[self.at][1] if self.at < len(self.words) else Span(len(self.text), len(self.text) + 1)
        )

    def took(self, *words: str) -> bool:
        """Whether one of the words comes next; it is passed over."""
        found = self.word in words
        self.at += found
        return found

    def fault(self, reason: str, hint: str = _FORM) -> ScheduleError:
        """The error that the next word is to blame for."""
        return ScheduleError.at(self.text, self.span, reason, hint)

    def more(self, *, than: int) -> bool:
        """Whether `and` leads to another member of a list that has `than` members, and not to a new one."""
        if than and self.word != "and":
            return False
        while self.took("and"):
            pass
        return True

    # --- the grammar --------------------------------------------------------------------------------------

    def schedule(self) -> Interval | Recurrence:
        if not self.words:
            raise ScheduleError.at(self.text, (0, 1), "a schedule must not be empty", _FORM)
        if self.took("hourly"):
            found: Interval | Recurrence = Interval(_HOUR)
        elif self.word in _ADVERBS:
            period = _ADVERBS[self.word]
            self.at += 1
            found = self.periods(period, 1)
        elif self.took("every", "each"):
            found = self.every()
        elif self.is_day():
            found = self.on_weekdays(1)
        else:
            raise self.unknown()
        if self.word:
            if is_clock(self.word):
                raise self.fault("a time follows the word at")
            raise self.fault("nothing more is expected here")
        return found

    def unknown(self) -> ScheduleError:
        hint = _CHANCE if self.text[:1] in {"R", "H"} else None
        known = [*_ADVERBS, "hourly", "every", "weekdays", *WEEKDAYS]
        return self.fault(
            "a schedule does not begin like this",
            hint or did_you_mean(self.word, known, otherwise=_FORM) or _FORM,
        )

    def every(self) -> Interval | Recurrence:
        begin = self.at
        interval = 2 if self.took("other") else 1
        if _NUMBER.fullmatch(self.word):
            interval = self.number()
        if self.word in _PERIODS:
            period = self.word
            self.at += 1
            return self.periods(period, interval)
        if self.is_day() and (self.at == begin or interval > 1):
            return self.on_weekdays(interval)
        self.at = begin
        return self.fixed_span()

    def number(self) -> int:
        number = int(self.word)
        self.at += 1
        return number

    def periods(self, period: str, count: int) -> Recurrence:
        frequency, months = _PERIODS[period]
        interval = count * months
        if not 1 <= interval <= LARGEST_INTERVAL:
            self.at -= 1
            raise self.fault(f"the number here is 1 to {LARGEST_INTERVAL:,}")
        if frequency == "daily":
            return Recurrence(frequency="daily", interval=interval, times=self.times())
        if not self.took("on"):
            raise self.fault(f"say on which day of the {period.removesuffix('s')}")
        if frequency == "weekly":
            return self.on_weekdays(interval)
        return self.on_month_days(interval) if frequency == "monthly" else self.on_date(interval)

    def fixed_span(self) -> Interval:
        if not self.word:
            raise self.fault("say how often")
        start = self.span.start
        rest = self.text[start:]
        if len(self.words) - self.at == 1 and self.word.isalpha():
            rest = f"1 {rest}"
        try:
            every = parse_duration(rest)
        except DurationError as error:
            if self.word.isalpha():
                raise self.fault("this is neither a day nor a span of time") from None
            at = start + error.column - 1
            raise ScheduleError.at(self.text, (at, len(self.text)), error.reason, error.hint) from None
        if every < SHORTEST_EVERY:
            raise self.fault("it may come every second at most")
        self.at = len(self.words)
        return Interval(every)

    def is_day(self) -> bool:
        return self.word in WEEKDAY_NUMBERS or self.word in _GROUPS

    def on_weekdays(self, interval: int) -> Recurrence:
        if interval > LARGEST_INTERVAL:
            raise self.fault(f"the number here is 1 to {LARGEST_INTERVAL:,}")
        days: set[int] = set()
        while self.more(than=len(days)):
            if not self.is_day():
                raise self.fault("this is no day of the week", did_you_mean(self.word, WEEKDAYS) or _FORM)
            days.update(_GROUPS.get(self.word) or (WEEKDAY_NUMBERS[self.word],))
            self.at += 1
        weekdays = tuple(Weekday(day) for day in sorted(days))
        return Recurrence(frequency="weekly", interval=interval, weekdays=weekdays, times=self.times())

    def on_month_days(self, interval: int) -> Recurrence:
        numbers: list[int] = []
        spans: list[Span] = []
        while self.more(than=len(numbers)):
            self.took("the")
            self.took("day")
            spans.append(self.span)
            numbers.append(self.ordinal())
        chosen = tuple(sorted(set(numbers), key=lambda number: (number < 0, number)))
        day = self.word
        named = day in WEEKDAY_NUMBERS or day == "weekday"
        if named or self.took("day"):
            self.at += named
        elif _LAST in chosen:
            raise self.fault(
                "say the last of which days", "Write, for example, the last day or the last friday."
            )
        if self.took("of"):
            self.took("the", "each", "every")
            if not self.took("month", "quarter"):
                raise self.fault("expected the word month")
        if not named:
            return Recurrence(frequency="monthly", interval=interval, month_days=chosen, times=self.times())
        if any(number > _NTHS for number in chosen):
            raise ScheduleError.at(self.text, spans[0], "there is no such day in any month", _FORM)
        if day == "weekday":
            return Recurrence(
                frequency="monthly",
                interval=interval,
                weekdays=tuple(map(Weekday, WORKDAYS)),
                positions=chosen,
                times=self.one_time(),
            )
        weekdays = tuple(Weekday(WEEKDAY_NUMBERS[day], number) for number in chosen)
        return Recurrence(frequency="monthly", interval=interval, weekdays=weekdays, times=self.times())

    def ordinal(self) -> int:
        word = self.word
        match = _ORDINAL.fullmatch(word)
        number = _ORDINALS.get(word) or (int(match[1]) if match else 0)
        if not number or number > _MONTH_DAYS:
            raise self.fault("this is no day of a month", "Write, for example, 1st, 15 or last friday.")
        self.at += 1
        return number

    def on_date(self, interval: int) -> Recurrence:
        self.took("the")
        month = self.took_month()
        self.took("the")
        begin = self.span
        day = self.ordinal()
        if not month:
            self.took("of")
            month = self.took_month()
        if not month:
            raise self.fault("this is no month", did_you_mean(self.word, MONTHS) or _FORM)
        longest = _FEBRUARY_DAYS if month == _FEBRUARY else _MONTH_DAYS - (month not in _LONG_MONTHS)
        if not 1 <= day <= longest:
            raise ScheduleError.at(self.text, begin, f"{MONTHS[month - 1]} has the days 1 to {longest}")
        return Recurrence(
            frequency="yearly", interval=interval, months=(month,), month_days=(day,), times=self.times()
        )

    def took_month(self) -> int:
        month = _MONTH_NUMBERS.get(self.word, 0)
        self.at += bool(month)
        return month

    def times(self) -> tuple[int, ...]:
        """Seconds into the day of what follows `at`; midnight where nothing does."""
        if not self.took("at"):
            return (0,)
        times: set[int] = set()
        members = 0
        while self.more(than=members):
            times.add(self.clock() * _MINUTE)
            members += 1
        return tuple(sorted(times))

    def one_time(self) -> tuple[int, ...]:
        """The same where only one time can be told: which of a month's occurrences counts is by number."""
        begin = self.span
        times = self.times()
        if len(times) > 1:
            raise ScheduleError.at(self.text, begin, "on such a day there is only one time", _FORM)
        return times

    def clock(self) -> int:
        named = {"noon": 12 * _MINUTE, "midnight": 0}.get(self.word)
        span = self.span
        if named is not None:
            self.at += 1
            return named
        if not is_clock(self.word):
            raise self.fault("this is no time of the day", "Write a time such as 9, 09:30 or 2:30pm.")
        self.at += 1
        if self.word in {"am", "pm"} and self.text[slice(*span)][-1].isdecimal():
            joined = self.text[slice(*span)] + self.word
            self.at += 1
            try:
                return read_clock(joined, (0, len(joined)))
            except LanguageError as error:
                raise ScheduleError.at(self.text, span, error.reason, error.hint) from None
        try:
            return read_clock(self.text, span)
        except LanguageError as error:
            raise ScheduleError.at(self.text, span, error.reason, error.hint) from None


def _skip_gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    assert match is not None
    return match.end()
