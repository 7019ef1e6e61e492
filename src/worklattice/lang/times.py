"""Times: RFC 3339 in, RFC 3339 in UTC out, and moving a time by calendar units.

Read are `2025-06-16T09:00:00Z`, any offset in place of `Z`, a space in place of `T` (as RFC 3339 allows), and
times without seconds (as ISO 8601 allows). What is finer than a microsecond is cut off. A time without a zone
is read as UTC, and whoever asks is told so. Only the digits 0 to 9 count, and leap seconds are refused.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from worklattice.lang.diagnostics import LanguageError

_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME: Final = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]"
    r"(?P<clock>(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?)"
    r"(?P<zone>[Zz]|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):(?P<zone_minute>[0-9]{2}))?"
)
LONGEST_TEXT: Final = 64
_LEAP_SECOND: Final = 60
_HOURS: Final = 24
_MINUTES: Final = 60
_FORM: Final = "Write RFC 3339, such as 2025-06-16T09:00:00Z or 2025-06-16T09:00:00+02:00."
_DATE_FORM: Final = "Write a date such as 2025-06-16."
_OUTSIDE: Final = "the time lies outside the years 1 to 9999 in UTC"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class TimeError(LanguageError):
    """The text is no time, or no date."""


def parse_time(text: str, *, without_zone: Callable[[], None] | None = None) -> datetime:
    """The time, aware and in UTC. Raises `TimeError`. `without_zone` is called where UTC had to be assumed.

    >>> parse_time("2025-06-16T11:00:00+02:00")
    datetime.datetime(2025, 6, 16, 9, 0, tzinfo=datetime.timezone.utc)
    """
    match = _TIME.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None:
        raise TimeError.at(text, (0, len(text)), "this is no time", _FORM)
    day = _date(text, match["date"])
    second = int(match["second"] or 0)
    if second == _LEAP_SECOND:
        raise TimeError.at(
            text, match.span("second"), "leap seconds are not counted", "Write the second before it."
        )
    micros = int(((match["fraction"] or "") + "000000")[:6])
    try:
        clock = time(int(match["hour"]), int(match["minute"]), second, micros, tzinfo=UTC)
    except ValueError:
        raise TimeError.at(text, match.span("clock"), "there is no such time of day", _FORM) from None
    if match["zone"] is None and without_zone is not None:
        without_zone()
    try:
        return datetime.combine(day, clock) - _offset(text, match)
    except OverflowError:
        raise TimeError.at(text, (0, len(text)), _OUTSIDE, _FORM) from None


def parse_date(text: str) -> date:
    """The date `YYYY-MM-DD`. Raises `TimeError`."""
    if _DATE.fullmatch(text) is None:
        raise TimeError.at(text, (0, len(text)), "this is no date", _DATE_FORM)
    return _date(text, text)


def is_date(text: str) -> bool:
    """Whether the text has the form of a date, `YYYY-MM-DD`."""
    return _DATE.fullmatch(text) is not None


def parse_time_or_date(text: str, *, without_zone: Callable[[], None] | None = None) -> datetime:
    """The time, or midnight in UTC of the date. Raises `TimeError`."""
    if is_date(text):
        return midnight(parse_date(text))
    return parse_time(text, without_zone=without_zone)


def midnight(day: date) -> datetime:
    """The first moment of the day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def format_time(moment: datetime) -> str:
    """The time in RFC 3339 and UTC, microseconds only where there are any.

    >>> format_time(datetime(2025, 6, 16, 9, tzinfo=UTC))
    '2025-06-16T09:00:00Z'
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat()[:-6] + "Z"


def read_micros(text: str) -> int | None:
    """The time or date in microseconds since 1970, or None where the text is neither. For comparisons."""
    return _read_micros(text) if len(text) <= LONGEST_TEXT else None


@lru_cache(maxsize=4096)
def _read_micros(text: str) -> int | None:
    try:
        return to_micros(parse_time_or_date(text))
    except TimeError:
        return None


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment that lies `micros` microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


EARLIEST: Final = to_micros(datetime.min.replace(tzinfo=UTC))
LATEST: Final = to_micros(datetime.max.replace(tzinfo=UTC))

SPANS: Final = {
    "microsecond": 1,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
"""Units of fixed length, in microseconds."""

CALENDAR_SPANS: Final = {"month": 1, "quarter": 3, "year": 12}
"""Units whose length depends on the calendar, in months."""

UNITS: Final = (*SPANS, *CALENDAR_SPANS)
"""What `INTERVAL` counts."""


def shift(micros: int, amount: int, unit: str) -> int | None:
    """The time moved by `amount` units, or None where that leaves the years 1 to 9999.

    Months, quarters and years keep the day where the month has it, else take the month's last, as in MySQL.
    """
    if unit in SPANS:
        moved = micros + amount * SPANS[unit]
        return moved if EARLIEST <= moved <= LATEST else None
    moment = from_micros(micros)
    year, month_index = divmod(moment.year * 12 + moment.month - 1 + amount * CALENDAR_SPANS[unit], 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    last_day = monthrange(year, month_index + 1)[1]
    return to_micros(moment.replace(year=year, month=month_index + 1, day=min(moment.day, last_day)))


def _date(text: str, digits: str) -> date:
    year, month, day = digits.split("-")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise TimeError.at(text, (0, len(digits)), "there is no such day in the calendar") from None


def _offset(text: str, match: re.Match[str]) -> timedelta:
    if match["sign"] is None:
        return timedelta(0)
    hours, minutes = int(match["zone_hour"]), int(match["zone_minute"])
    if hours >= _HOURS or minutes >= _MINUTES:
        raise TimeError.at(text, match.span("zone"), "there is no such offset from UTC", _FORM)
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if match["sign"] == "-" else offset
