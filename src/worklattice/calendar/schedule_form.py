"""Schedules as text or JSON: words, cron expressions, RRULE, or an object that says more.

    "daily_at_2am"
    {"every": "monday", "at": "09:00", "time_zone": "Europe/Berlin", "start": "2025-06-01", "count": 10}
    {"cron": "30 2 * * 1-5", "time_zone": "America/New_York"}
    {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE", "start": "2025-01-06T09:00:00"}
    {"at": "2025-06-15T02:00:00Z"}

An object has one of `every`, `at`, `cron` and `rrule`, or `every` with `at`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC
from typing import Final, TypeAlias

from attrs import evolve, frozen

from worklattice.calendar.cron import check_cron
from worklattice.calendar.reading import Json, Notes, read_moment
from worklattice.calendar.schedules import (
    OCCURRENCES,
    ByCalendar,
    ByCron,
    Elapsed,
    Once,
    Rule,
    Schedule,
    Steps,
)
from worklattice.calendar.zones import DAY, UTC_ZONE, Local, Micros, Zone, parse_zone
from worklattice.errors import ValidationError
from worklattice.lang.cron import is_cron, parse_cron
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.hours import is_clock
from worklattice.lang.recurrence import Recurrence
from worklattice.lang.rrules import Written, is_rrule, parse_rrule
from worklattice.lang.schedules import parse_words
from worklattice.lang.times import EARLIEST, format_time, from_micros, to_micros
from worklattice.lang.wording import format_words

KEYS: Final = ("every", "at", "cron", "rrule", "time_zone", "start", "end", "count")
"""What a schedule may say."""

_BELOW_A_DAY: Final = ("hourly", "minutely")
_IS_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-")
_ONE_OF: Final = "say one of every, at, cron and rrule, or every with at"
_NO_START: Final = "An RRULE needs a DTSTART, or a start beside it."
_NO_COUNT: Final = "Say with UNTIL when it ends."


@frozen(kw_only=True)
class _Frame:
    """Where and when a schedule is in force."""

    zone: Zone
    start: Micros | None = None
    end: Micros | None = None
    count: int | None = None


_Read: TypeAlias = Callable[[str, _Frame], Schedule]


def parse_schedule(
    value: Json, path: str = "schedule", *, zone: Zone = UTC_ZONE, besides: Collection[str] = ()
) -> Schedule:
    """The schedule that a text or a JSON object describes, in `zone` where it says no other.

    `besides` are keys of the object that say something else to whoever asks; they are left to them.

    Raises `ValidationError` with every problem, each with its path under `path`; that a schedule never comes
    is one.

    >>> schedule = parse_schedule({"every": "monday", "at": "9", "start": "2025-06-01"})
    >>> schedule.text, [format_time(from_micros(at)) for at in schedule.occurrences(0, 2)]
    ('every monday at 09:00', ['2025-06-02T09:00:00Z', '2025-06-09T09:00:00Z'])
    """
    notes = Notes()
    if isinstance(value, dict):
        notes.keys(value, (*KEYS, *besides), path)
        frame = _frame(value, path, zone, notes)
        text, at, read = _said(value, path, notes)
    else:
        frame, text, at, read = _Frame(zone=zone), value, path, _any_text
    notes.check()
    schedule = notes.read(lambda text: _bounded(text, read(text, frame)), text, at)
    if schedule is None:
        raise ValidationError.all(notes.found)
    return schedule


def _frame(value: Mapping[str, Json], path: str, zone: Zone, notes: Notes) -> _Frame:
    zone = notes.zone(value.get("time_zone"), f"{path}.time_zone", zone)
    start = end = None
    if value.get("start") is not None:
        start = notes.moment(value["start"], f"{path}.start", zone)
    if value.get("end") is not None:
        end = notes.moment(value["end"], f"{path}.end", zone, whole_day=True)
    if start is not None and end is not None and end < start:
        notes.add(f"{path}.end", "lies before the start")
    count = value.get("count")
    if count is not None and not (type(count) is int and 1 <= count <= OCCURRENCES):
        notes.add(f"{path}.count", f"must be a whole number from 1 to {OCCURRENCES:,}")
    return _Frame(zone=zone, start=start, end=end, count=count)


def _said(value: Mapping[str, Json], path: str, notes: Notes) -> tuple[Json, str, _Read]:
    """What an object says recurs, where it says it, and how it is read."""
    said = [key for key in ("every", "at", "cron", "rrule") if value.get(key) is not None]
    if said == ["every", "at"]:
        every, at = value["every"], value["at"]
        if isinstance(every, str) and isinstance(at, str):
            return f"every {every} at {at}", f"{path}.every", _words
        notes.add(path, "every and at must be texts")
    elif len(said) != 1:
        notes.add(path, _ONE_OF)
        return None, path, _words
    [key, *_] = said
    text, at = value[key], f"{path}.{key}"
    if isinstance(text, str) and key in {"every", "at"}:
        if key == "every":
            text = f"every {text}"
        elif is_clock(text):
            text = f"daily at {text}"
    return text, at, {"every": _words, "at": _any_text, "cron": _cron, "rrule": _rrule}[key]


def _any_text(text: str, frame: _Frame) -> Schedule:
    if is_rrule(text):
        return _rrule(text, frame)
    if _IS_MOMENT.match(text):
        at = read_moment(text, frame.zone)
        return _schedule(format_time(from_micros(at)), Once(at), frame)
    return _cron(text, frame) if is_cron(text) else _words(text, frame)


def _words(text: str, frame: _Frame) -> Schedule:
    said = parse_words(text)
    if isinstance(said, Recurrence):
        begin: Local = 0 if frame.start is None else frame.zone.local(frame.start)
        return _schedule(format_words(said), ByCalendar(said, begin), frame)
    rule = Steps(said.every) if frame.start is None else Elapsed(said.every, frame.start)
    return _schedule(format_words(said), rule, frame)


def _cron(text: str, frame: _Frame) -> Schedule:
    cron = parse_cron(text)
    check_cron(cron)
    return _schedule(cron.text, ByCron(cron.text, cron.is_periodic), frame)


def _rrule(text: str, frame: _Frame) -> Schedule:
    rule = parse_rrule(text)
    zone = frame.zone if rule.zone is None else parse_zone(rule.zone)
    if rule.start is None:
        if frame.start is None:
            raise LanguageError.at(text, (0, len(text)), "it is not said when this starts", _NO_START)
        start, begin = frame.start, zone.local(frame.start)
    elif frame.start is not None:
        raise LanguageError.at(text, (0, len(text)), "DTSTART says when this starts, and start does too")
    else:
        start, begin = _moment(rule.start, zone), to_micros(rule.start.clock.replace(tzinfo=UTC))
    ends = [frame.end, None if rule.until is None else _moment(rule.until, zone)]
    count = rule.count or frame.count
    if count and count > OCCURRENCES:
        raise LanguageError.at(text, (0, len(text)), f"COUNT is at most {OCCURRENCES:,}", _NO_COUNT)
    clock = from_micros(begin).replace(tzinfo=None)
    end = min((end for end in ends if end is not None), default=None)
    framed = _Frame(zone=zone, start=start, end=end, count=count)
    return _schedule(rule.text, ByCalendar(rule.starting(clock), begin), framed)


def _moment(written: Written, zone: Zone) -> Micros:
    local = to_micros(written.clock.replace(tzinfo=UTC))
    return local if written.in_utc else zone.moment(local)


def _schedule(text: str, rule: Rule | Elapsed | Once, frame: _Frame) -> Schedule:
    return Schedule(
        text=text, rule=rule, zone=frame.zone, start=frame.start, end=frame.end, count=frame.count
    )


def _bounded(text: str, schedule: Schedule) -> Schedule:
    """The schedule with its last occurrence, where it counts them. Refuses one that never comes."""
    if schedule.count is not None and schedule.start is None:
        raise LanguageError.at(text, (0, len(text)), "a count needs a start to count from")
    last = schedule.next_after(EARLIEST)
    if last is None:
        raise LanguageError.at(text, (0, len(text)), "this never comes")
    for _ in range(1, schedule.count or 1):
        following = schedule.next_after(last)
        if following is None:
            return schedule
        last = following
        if _takes_long(schedule, last):
            reason = f"to count {schedule.count:,} of these takes too long"
            raise LanguageError.at(text, (0, len(text)), reason, _NO_COUNT)
    return schedule if schedule.count is None else evolve(schedule, last=last)


_DAYS: Final = 36_525
"""Days, of 100 years, that are gone through at most to find where a count of hours or minutes is used up."""


def _takes_long(schedule: Schedule, at: Micros) -> bool:
    """Whether it takes long to come from the start of what is counted to a moment, day by day."""
    rule = schedule.rule
    if schedule.start is None or not isinstance(rule, ByCalendar):
        return False
    return rule.recurrence.frequency in _BELOW_A_DAY and at - schedule.start > _DAYS * DAY
