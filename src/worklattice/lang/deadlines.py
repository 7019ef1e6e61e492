"""Deadlines: `24_hours_before_maintenance`, `3 working days before end`, a time, or a date.

A relative deadline is a span, `before` or `after`, and the name of what it is counted from, the *anchor*.
What an anchor stands for is not known here: to read a deadline, any words will do.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from attrs import frozen

from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import DurationError, format_duration, parse_duration
from worklattice.lang.times import TimeError, format_time, is_date, parse_date, parse_time

LONGEST_TEXT: Final = 200
LARGEST_DAYS: Final = 10_000
"""Working days that a deadline may count, at most."""

_RELATIVE: Final = re.compile(
    r"(?P<span>.*?)(?P<gap>[ _]+|^)(?P<side>before|after)[ _]+(?:the[ _]+)?(?P<anchor>.+)", re.IGNORECASE
)
_WORKING: Final = re.compile(
    r"[ _]*(?P<number>[0-9.]+)[ _]*(?:working|business)[ _]*(?P<unit>.*)", re.IGNORECASE
)
_DAYS: Final = re.compile(r"days?", re.IGNORECASE)
_HOURS: Final = re.compile(r"(?:hours?|hrs?|h|minutes?|mins?|m)", re.IGNORECASE)
_WHOLE: Final = re.compile(r"[0-9]{1,5}")
_ANCHOR: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _.-]+[A-Za-z0-9]+)*")
_BEGINS_LIKE_TIME: Final = re.compile(r"[0-9]{4}-")

_FORM: Final = (
    "Write, for example, 24_hours_before_maintenance, 3 working days before end, or a time or a date."
)

Counted: TypeAlias = Literal["time", "working_time", "working_days"]


class DeadlineError(LanguageError):
    """The text is no deadline."""


@frozen(kw_only=True)
class RelativeDeadline:
    """So much before or after something: microseconds, microseconds of working time, or working days."""

    amount: int
    counted: Counted = "time"
    before: bool = True
    anchor: str
    """In small letters, its words joined with underscores."""


@frozen
class FixedDeadline:
    """A moment, or the end of a day."""

    at: datetime | date


Deadline: TypeAlias = RelativeDeadline | FixedDeadline


def parse_deadline(text: str) -> Deadline:
    """The deadline. Raises `DeadlineError`. A time without a zone is read as UTC.

    >>> parse_deadline("24_hours_before_maintenance")
    RelativeDeadline(amount=86400000000, counted='time', before=True, anchor='maintenance')
    """
    if len(text) > LONGEST_TEXT:
        raise DeadlineError.at(text, (0, 1), f"a deadline has at most {LONGEST_TEXT} characters")
    match = _RELATIVE.fullmatch(text)
    if match is None:
        if _BEGINS_LIKE_TIME.match(text):
            return _fixed(text)
        raise DeadlineError.at(text, (0, len(text)), "this is no deadline", _FORM)
    if _ANCHOR.fullmatch(match["anchor"]) is None:
        raise DeadlineError.at(text, match.span("anchor"), "this is no name to count from", _FORM)
    amount, counted = _amount(text, match.end("span"))
    return RelativeDeadline(
        amount=amount,
        counted=counted,
        before=match["side"].lower() == "before",
        anchor=re.sub(r"[ _]+", "_", match["anchor"]).lower(),
    )


def format_deadline(deadline: Deadline) -> str:
    """The deadline, canonically. It reads back as what it was.

    >>> format_deadline(parse_deadline("3_working_days_before_end"))
    '3 working days before end'
    """
    if isinstance(deadline, FixedDeadline):
        at = deadline.at
        return format_time(at) if isinstance(at, datetime) else at.isoformat()
    side = "before" if deadline.before else "after"
    return f"{_span_text(deadline)} {side} {deadline.anchor}"


def _span_text(deadline: RelativeDeadline) -> str:
    amount = deadline.amount
    if deadline.counted == "working_days":
        return f"{amount} working day{'' if amount == 1 else 's'}"
    if deadline.counted == "working_time":
        return f"{amount // _MINUTE} working minutes"
    return format_duration(amount)


_MINUTE: Final = 60_000_000


def _fixed(text: str) -> FixedDeadline:
    try:
        return FixedDeadline(parse_date(text) if is_date(text) else parse_time(text))
    except TimeError as error:
        raise DeadlineError(error.reason, error.column, error.diagram, error.hint) from None


def _amount(text: str, end: int) -> tuple[int, Counted]:
    span = text[:end]
    working = _WORKING.fullmatch(span)
    if working is None:
        try:
            return parse_duration(span), "time"
        except DurationError as error:
            if not span:
                raise DeadlineError.at(text, (0, 1), "say how long before or after", _FORM) from None
            raise DeadlineError.at(text, (error.column - 1, end), error.reason, error.hint) from None
    if _DAYS.fullmatch(working["unit"]):
        if _WHOLE.fullmatch(working["number"]) is None or int(working["number"]) > LARGEST_DAYS:
            raise DeadlineError.at(
                text, working.span("number"), f"working days are a whole number of at most {LARGEST_DAYS:,}"
            )
        return int(working["number"]), "working_days"
    if _HOURS.fullmatch(working["unit"]) is None:
        raise DeadlineError.at(
            text, working.span("unit"), "work is counted in minutes, hours and days", _FORM
        )
    try:
        micros = parse_duration(f"{working['number']} {working['unit']}")
    except DurationError as error:
        raise DeadlineError.at(text, working.span("number"), error.reason, error.hint) from None
    if micros % _MINUTE:
        raise DeadlineError.at(text, working.span("number"), "working time is counted in whole minutes")
    return micros, "working_time"
