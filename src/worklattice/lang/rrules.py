"""RRULE texts of iCalendar: `RRULE:FREQ=WEEKLY;BYDAY=MO,WE`, and `DTSTART:20250106T090000` before it.

RFC 5545, section 3.3.10. A text has a line for each property; that of DTSTART may be left out, and so may
`RRULE:`. What the RFC says about which parts go together holds; SECONDLY is not read, nor are EXDATE, RDATE
and EXRULE.

Not here: when a rule comes (`worklattice.calendar`), and whether there is such a time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Final, NamedTuple

from attrs import evolve, frozen

from worklattice.errors import did_you_mean
from worklattice.lang.diagnostics import LanguageError, Span
from worklattice.lang.recurrence import EachWithEach, Frequency, Recurrence, Weekday

LONGEST_TEXT: Final = 1_000
LARGEST_NUMBER: Final = 10_000
"""The largest INTERVAL and COUNT that are read."""

_FREQUENCIES: Final[dict[str, Frequency]] = {
    "YEARLY": "yearly",
    "MONTHLY": "monthly",
    "WEEKLY": "weekly",
    "DAILY": "daily",
    "HOURLY": "hourly",
    "MINUTELY": "minutely",
}
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_LIST_BOUNDS: Final = {
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
    "BYSETPOS": (1, 366, True),
}
"""The smallest and the largest number of a list, and whether it may count from the end."""

_PARTS: Final = ("FREQ", "INTERVAL", "COUNT", "UNTIL", *_LIST_BOUNDS, "BYDAY", "WKST")
_SUB_DAILY: Final = frozenset({"hourly", "minutely"})

_FORM: Final = "Write, for example, RRULE:FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=9."
_START_FORM: Final = (
    "Write DTSTART:20250106T090000, with Z behind it for UTC or ;TZID=Europe/Berlin before the colon."
)
_UNTIL_FORM: Final = "Write UNTIL=20251231T235959Z, or a date such as UNTIL=20251231."
_NOT_READ: Final = "Of the properties only DTSTART and RRULE are read."

_START: Final = re.compile(
    r"DTSTART(?:;TZID=(?P<zone>[^;:]+)|;VALUE=(?:DATE-TIME|DATE))*:(?P<value>[0-9TZ]+)", re.IGNORECASE
)
_VALUE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z)?)?")
_PART: Final = re.compile(r"(?P<name>[A-Za-z]+)=(?P<value>[^;]+)")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,5}")
_BYDAY: Final = re.compile(r"(?P<nth>[+-]?[0-9]{1,2})?(?P<day>[A-Z]{2})")
_LARGEST_NTH: Final = 53


class RruleError(LanguageError):
    """The text is no RRULE, or one that is not read."""


class Written(NamedTuple):
    """A moment as iCalendar writes it: what the clock shows, and whether that clock shows UTC."""

    clock: datetime
    in_utc: bool


@frozen(kw_only=True)
class Rrule:
    """An RRULE as it was written: what it leaves out follows from where it starts."""

    text: str
    """Canonically: capitals, the parts in the order of the RFC, without DTSTART."""
    start: Written | None
    zone: str | None
    until: Written | None
    count: int | None
    recurrence: Recurrence
    times: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    """The hours, the minutes and the seconds that are named; empty where they follow from the start."""

    def starting(self, start: datetime) -> Recurrence:
        """The recurrence with what it takes from `start`, in local time: the day, and the time of the day."""
        rule, (hours, minutes, seconds) = self.recurrence, self.times
        frequency = rule.frequency
        if not (rule.weeks or rule.year_days or rule.month_days or rule.weekdays):
            if frequency == "weekly":
                rule = evolve(rule, weekdays=(Weekday(start.weekday()),))
            elif frequency in {"monthly", "yearly"}:
                months = rule.months or ((start.month,) if frequency == "yearly" else ())
                rule = evolve(rule, months=months, month_days=(start.day,))
        seconds = seconds or (start.second,)
        if frequency == "minutely":
            return evolve(rule, hours=hours, minutes=minutes, times=seconds)
        minutes = minutes or (start.minute,)
        if frequency == "hourly":
            return evolve(rule, hours=hours, times=EachWithEach((0,), minutes, seconds))
        return evolve(rule, times=EachWithEach(hours or (start.hour,), minutes, seconds))


def is_rrule(text: str) -> bool:
    """Whether the text is meant as an RRULE, rather than as words."""
    return text.upper().startswith(("RRULE", "DTSTART", "FREQ=", "EXDATE", "RDATE", "EXRULE"))


def parse_rrule(text: str) -> Rrule:
    """The rule. Raises `RruleError`.

    >>> parse_rrule("RRULE:byday=MO,WE;freq=WEEKLY").text
    'RRULE:FREQ=WEEKLY;BYDAY=MO,WE'
    """
    if len(text) > LONGEST_TEXT:
        raise RruleError.at(text, (0, 1), f"an RRULE has at most {LONGEST_TEXT:,} characters")
    start, zone, rule = None, None, None
    for span in _lines(text):
        line = text[slice(*span)]
        if line.upper().startswith("DTSTART") and start is None:
            start, zone = _start(text, span)
        elif (whole := line.upper()).startswith(("RRULE:", "FREQ=")) and rule is None:
            rule = Span(span.start + 6, span.end) if whole.startswith("RRULE:") else span
        else:
            raise RruleError.at(text, span, "this line is not read", _NOT_READ)
    if rule is None:
        raise RruleError.at(text, (0, len(text)), "there is no RRULE", _FORM)
    return _Reader(text, rule).rrule(start, zone)


def _lines(text: str) -> Iterator[Span]:
    at = 0
    for line in text.split("\n"):
        yield Span(at, at + len(line))
        at += len(line) + 1


def _start(text: str, span: Span) -> tuple[Written, str | None]:
    match = _START.fullmatch(text, *span)
    if match is None:
        raise RruleError.at(text, span, "this is no DTSTART", _START_FORM)
    written = _written(text, Span(*match.span("value")), time(), _START_FORM)
    if written.in_utc and match["zone"]:
        raise RruleError.at(text, match.span("zone"), "a time in UTC has no other time zone", _START_FORM)
    return written, "UTC" if written.in_utc else match["zone"]


def _written(text: str, span: Span, midnight: time, form: str) -> Written:
    match = _VALUE.fullmatch(text, *span)
    if match is None:
        raise RruleError.at(text, span, "this is no time of iCalendar's", form)
    *numbers, utc = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    try:
        clock = midnight if match[4] is None else time(hour, minute, second)
        moment = datetime.combine(date(year, month, day), clock)
    except ValueError:
        raise RruleError.at(text, span, "there is no such time", form) from None
    return Written(moment, utc is not None)


class _Reader:
    """Reads the parts of one rule."""

    def __init__(self, text: str, rule: Span) -> None:
        self.text = text
        self.parts: dict[str, tuple[str, Span]] = {}
        at = rule.start
        for piece in text[slice(*rule)].split(";"):
            span = Span(at, at + len(piece))
            at = span.end + 1
            match = _PART.fullmatch(text, *span)
            if match is None:
                raise RruleError.at(text, span, "expected a name, an equals sign and a value", _FORM)
            name = match["name"].upper()
            if name not in _PARTS:
                hint = did_you_mean(name, _PARTS, otherwise=_FORM)
                raise RruleError.at(text, match.span("name"), "there is no such part", hint)
            if name in self.parts:
                raise RruleError.at(text, match.span("name"), "this part is there twice")
            self.parts[name] = match["value"].upper(), Span(*match.span("value"))

    def rrule(self, start: Written | None, zone: str | None) -> Rrule:
        frequency = self.frequency()
        lists = {name: self.numbers(name) for name in _LIST_BOUNDS}
        weekdays = self.weekdays()
        self.check(frequency, lists, weekdays)
        count, until = self.number("COUNT"), self.until()
        if count and until:
            raise self.fault("UNTIL", "COUNT and UNTIL do not go together")
        recurrence = Recurrence(
            frequency=frequency,
            interval=self.number("INTERVAL") or 1,
            months=lists["BYMONTH"],
            weeks=lists["BYWEEKNO"],
            year_days=lists["BYYEARDAY"],
            month_days=lists["BYMONTHDAY"],
            weekdays=weekdays,
            positions=lists["BYSETPOS"],
            week_start=self.week_start(),
        )
        told = ";".join(f"{name}={self.parts[name][0]}" for name in _PARTS if name in self.parts)
        return Rrule(
            text=f"RRULE:{told}",
            start=start,
            zone=zone,
            until=until,
            count=count,
            recurrence=recurrence,
            times=(lists["BYHOUR"], lists["BYMINUTE"], lists["BYSECOND"]),
        )

    def fault(self, name: str, reason: str, hint: str | None = _FORM) -> RruleError:
        """The error that the value of one part is to blame for."""
        return RruleError.at(self.text, self.parts[name][1], reason, hint)

    def frequency(self) -> Frequency:
        if "FREQ" not in self.parts:
            raise RruleError.at(self.text, (0, len(self.text)), "FREQ is missing", _FORM)
        value = self.parts["FREQ"][0]
        if value == "SECONDLY":
            raise self.fault("FREQ", "nothing finer than MINUTELY is read")
        if value not in _FREQUENCIES:
            raise self.fault("FREQ", "there is no such frequency", did_you_mean(value, list(_FREQUENCIES)))
        return _FREQUENCIES[value]

    def number(self, name: str) -> int | None:
        if name not in self.parts:
            return None
        value = self.parts[name][0]
        if not (_NUMBER.fullmatch(value) and 1 <= int(value) <= LARGEST_NUMBER):
            raise self.fault(name, f"{name} is a number from 1 to {LARGEST_NUMBER:,}", None)
        return int(value)

    def until(self) -> Written | None:
        if "UNTIL" not in self.parts:
            return None
        return _written(self.text, self.parts["UNTIL"][1], time.max, _UNTIL_FORM)

    def members(self, name: str) -> Iterator[tuple[str, Span]]:
        """The members of a list, each with where it stands."""
        if name in self.parts:
            value, (at, _) = self.parts[name]
            for member in value.split(","):
                yield member, Span(at, at + len(member))
                at += len(member) + 1

    def numbers(self, name: str) -> tuple[int, ...]:
        smallest, largest, from_end = _LIST_BOUNDS[name]
        numbers: set[int] = set()
        for member, span in self.members(name):
            number = int(member) if _NUMBER.fullmatch(member) else None
            size = abs(number) if number is not None and from_end else number
            if number is None or size is None or not smallest <= size <= largest:
                ends = f", or from -{smallest} to -{largest}" if from_end else ""
                raise RruleError.at(self.text, span, f"{name} has numbers from {smallest} to {largest}{ends}")
            numbers.add(number)
        return tuple(sorted(numbers))

    def weekdays(self) -> tuple[Weekday, ...]:
        weekdays: set[Weekday] = set()
        for member, span in self.members("BYDAY"):
            match = _BYDAY.fullmatch(member)
            nth = int(match["nth"] or 0) if match else 0
            if match is None or match["day"] not in _WEEKDAYS or abs(nth) > _LARGEST_NTH:
                raise RruleError.at(self.text, span, "BYDAY has days such as MO, 2TU or -1FR")
            if match["nth"] and not nth:
                raise RruleError.at(self.text, span, "there is no weekday of the number 0")
            weekdays.add(Weekday(_WEEKDAYS.index(match["day"]), nth))
        return tuple(sorted(weekdays))

    def week_start(self) -> int:
        if "WKST" not in self.parts:
            return 0
        value = self.parts["WKST"][0]
        if value not in _WEEKDAYS:
            raise self.fault("WKST", f"WKST is one of {', '.join(_WEEKDAYS)}", None)
        return _WEEKDAYS.index(value)

    def check(
        self, frequency: Frequency, lists: Mapping[str, tuple[int, ...]], weekdays: tuple[Weekday, ...]
    ) -> None:
        """Refuse the parts that do not go together."""
        if lists["BYWEEKNO"] and frequency != "yearly":
            raise self.fault("BYWEEKNO", "BYWEEKNO goes with FREQ=YEARLY only", None)
        if lists["BYYEARDAY"] and frequency in {"daily", "weekly", "monthly"}:
            raise self.fault("BYYEARDAY", "BYYEARDAY does not go with DAILY, WEEKLY or MONTHLY", None)
        if lists["BYMONTHDAY"] and frequency == "weekly":
            raise self.fault("BYMONTHDAY", "BYMONTHDAY does not go with WEEKLY", None)
        numbered = any(weekday.nth for weekday in weekdays)
        if numbered and (frequency not in {"yearly", "monthly"} or lists["BYWEEKNO"]):
            raise self.fault("BYDAY", "only MONTHLY and YEARLY, without BYWEEKNO, number the days", None)
        if lists["BYSETPOS"] and frequency in _SUB_DAILY:
            raise self.fault("BYSETPOS", "BYSETPOS does not go with HOURLY or MINUTELY", None)
