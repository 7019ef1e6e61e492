"""Durations: `15 minutes`, `2_hours`, `1 hour 30 minutes`, `90s`, and ISO 8601 as in `PT2H` or `P1DT30M`.

A duration is a fixed span, counted in whole microseconds; a day is 24 hours. Months and years are refused,
since their length depends on the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from worklattice.lang.diagnostics import LanguageError, Span

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_WEEK: Final = 7 * _DAY

LONGEST: Final = 36_525 * _DAY
"""The longest duration: 100 years, in microseconds."""

LONGEST_TEXT: Final = 100

UNITS: Final = {
    name: size
    for size, names in (
        (_WEEK, "w week weeks"),
        (_DAY, "d day days"),
        (_HOUR, "h hr hrs hour hours"),
        (_MINUTE, "m min mins minute minutes"),
        (_SECOND, "s sec secs second seconds"),
        (1_000, "ms millisecond milliseconds"),
        (1, "us microsecond microseconds"),
    )
    for name in names.split()
}
"""The microseconds of each unit, by each of its names; the shortest name comes first."""

_CALENDAR_UNITS: Final = frozenset({"mo", "month", "months", "quarter", "quarters", "y", "year", "years"})

_ISO_DATE_UNITS: Final = {"W": _WEEK, "D": _DAY}
_ISO_TIME_UNITS: Final = {"H": _HOUR, "M": _MINUTE, "S": _SECOND}
_ISO_CALENDAR_UNITS: Final = frozenset("YM")

_WORD_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)[ _]*([A-Za-z]+)")
_ISO_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([A-Z])")
_GAP: Final = re.compile(r"[ _]*")

_FORM: Final = "Write a number and a unit, such as 15 minutes, 2_hours or 90s, or ISO 8601, such as PT2H."
_NO_FIXED_LENGTH: Final = "Months and years have no fixed length; say it in weeks, days, hours or less."


class DurationError(LanguageError):
    """The text is no duration."""


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> int:
    """The duration in microseconds. Raises `DurationError`.

    >>> parse_duration("1 hour 30 minutes") == parse_duration("PT1H30M") == 5_400_000_000
    True
    """
    if len(text) > LONGEST_TEXT:
        raise DurationError.at(text, (0, 1), f"a duration has at most {LONGEST_TEXT} characters")
    if not text.strip(" _"):
        raise DurationError.at(text, (0, 1), "a duration must not be empty", _FORM)
    parts = _iso_parts(text) if text.startswith(("P", "-P", "+P")) else _word_parts(text)
    total, last_size = 0, None
    for span, number, size in parts:
        if last_size is not None and size >= last_size:
            raise DurationError.at(text, span, "parts go from the largest unit to the smallest, each once")
        total, last_size = total + _micros(text, span, number, size), size
    if total > LONGEST:
        raise DurationError.at(
            text, (0, len(text)), f"a duration is at most {LONGEST // _DAY:,} days (100 years)"
        )
    return total


@lru_cache(maxsize=1024)
def format_duration(micros: int) -> str:
    """The duration in ISO 8601, canonically: days, then hours, minutes and seconds, none of them zero.

    >>> format_duration(14 * 86_400_000_000), format_duration(5_400_000_000), format_duration(0)
    ('P14D', 'PT1H30M', 'PT0S')
    """
    if micros < 0:
        raise ValueError("a duration is not negative")
    days, rest = divmod(micros, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    seconds, fraction = divmod(rest, _SECOND)
    decimals = f".{fraction:06d}".rstrip("0") if fraction else ""
    clock = [
        f"{hours}H" if hours else "",
        f"{minutes}M" if minutes else "",
        f"{seconds}{decimals}S" if seconds or fraction else "",
    ]
    time = "".join(clock)
    date = f"{days}D" if days else ""
    return f"P{date}T{time}" if time else f"P{date or 'T0S'}"


def _word_parts(text: str) -> Iterator[tuple[Span, str, int]]:
    at = _skip_gap(text, 0)
    while at < len(text):
        match = _WORD_PART.match(text, at)
        if match is None:
            raise DurationError.at(text, (at, at + 1), _misfit(text, at), _FORM)
        number, unit = match.groups()
        size = UNITS.get(unit.lower())
        if size is None:
            calendar = unit.lower() in _CALENDAR_UNITS
            reason = f"{unit.lower()} is no fixed span" if calendar else "that is no unit of time"
            raise DurationError.at(text, match.span(2), reason, _NO_FIXED_LENGTH if calendar else _FORM)
        yield Span(*match.span()), number, size
        at = _skip_gap(text, match.end())


def _iso_parts(text: str) -> Iterator[tuple[Span, str, int]]:
    if text[0] in "+-":
        raise DurationError.at(text, (0, 1), "a duration has no sign")
    at, units = 1, _ISO_DATE_UNITS
    if text in {"P", "PT"}:
        raise DurationError.at(text, (0, len(text)), f"{text} is a duration without a length", _FORM)
    while at < len(text):
        if text[at] == "T" and units is _ISO_DATE_UNITS and at + 1 < len(text):
            at, units = at + 1, _ISO_TIME_UNITS
            continue
        match = _ISO_PART.match(text, at)
        if match is None:
            raise DurationError.at(text, (at, at + 1), _misfit(text, at), _FORM)
        number, unit = match.groups()
        if unit not in units:
            calendar = units is _ISO_DATE_UNITS and unit in _ISO_CALENDAR_UNITS
            reason = f"{unit} is no fixed span" if calendar else f"{unit} cannot stand here"
            raise DurationError.at(text, match.span(2), reason, _NO_FIXED_LENGTH if calendar else _FORM)
        yield Span(*match.span()), number, units[unit]
        at = match.end()


def _misfit(text: str, at: int) -> str:
    character = text[at]
    if character in "+-":
        return "a duration has no sign"
    if character.isdecimal():
        return "this number has no unit of time" if character.isascii() else "only the digits 0 to 9 count"
    return "expected a number"


def _skip_gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _micros(text: str, span: Span, number: str, size: int) -> int:
    whole, _, decimals = number.partition(".")
    micros, rest = divmod(int(whole + decimals) * size, int("1" + "0" * len(decimals)))
    if rest:
        raise DurationError.at(text, span, "nothing finer than a microsecond is counted")
    return micros
