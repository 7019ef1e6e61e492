"""RRULE texts."""

from datetime import datetime

import pytest
from attrs import evolve

from worklattice.lang.recurrence import Recurrence, Weekday
from worklattice.lang.rrules import RruleError, Written, is_rrule, parse_rrule

START = datetime(2025, 1, 6, 9, 30, 15)  # noqa: DTZ001 - what a clock shows has no zone


def test_text_of_two_lines() -> None:
    """DTSTART says when and where it starts, RRULE what recurs; the text has the order of the RFC."""
    rule = parse_rrule(
        "DTSTART;TZID=Europe/Berlin:20250106T093015\nrrule:byday=mo,-1FR;freq=monthly;interval=2"
    )
    assert rule.text == "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,-1FR"
    assert rule.start == Written(START, in_utc=False)
    assert rule.zone == "Europe/Berlin"
    assert rule.recurrence == Recurrence(
        frequency="monthly", interval=2, weekdays=(Weekday(0), Weekday(4, -1))
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=DAILY", Recurrence(frequency="daily", times=(34_215,))),
        (
            "FREQ=WEEKLY;WKST=SU",
            Recurrence(frequency="weekly", weekdays=(Weekday(0),), times=(34_215,), week_start=6),
        ),
        ("FREQ=MONTHLY", Recurrence(frequency="monthly", month_days=(6,), times=(34_215,))),
        ("FREQ=YEARLY", Recurrence(frequency="yearly", months=(1,), month_days=(6,), times=(34_215,))),
        (
            "FREQ=YEARLY;BYMONTH=3",
            Recurrence(frequency="yearly", months=(3,), month_days=(6,), times=(34_215,)),
        ),
        ("FREQ=YEARLY;BYYEARDAY=-1", Recurrence(frequency="yearly", year_days=(-1,), times=(34_215,))),
        ("FREQ=DAILY;BYHOUR=8;BYMINUTE=0,30", Recurrence(frequency="daily", times=(28_815, 30_615))),
        ("FREQ=HOURLY;BYHOUR=8", Recurrence(frequency="hourly", hours=(8,), times=(1_815,))),
        ("FREQ=MINUTELY;BYMINUTE=5;BYSECOND=0", Recurrence(frequency="minutely", minutes=(5,), times=(0,))),
    ],
)
def test_what_is_left_out_follows_from_the_start(text: str, expected: Recurrence) -> None:
    """The day and the time of the day are those of the start."""
    rule = parse_rrule(text).starting(START)
    assert evolve(rule, times=tuple(rule.times)) == expected


def test_until_and_count() -> None:
    """A date lasts until its end; Z says UTC."""
    assert parse_rrule("FREQ=DAILY;COUNT=5").count == 5
    assert parse_rrule("FREQ=DAILY;UNTIL=20250106T093015Z").until == Written(START, in_utc=True)
    until = parse_rrule("FREQ=DAILY;UNTIL=20250106").until
    assert until is not None
    assert until.clock.time().isoformat() == "23:59:59.999999"
    assert parse_rrule("DTSTART:20250106T093015Z\nRRULE:FREQ=DAILY").zone == "UTC"


@pytest.mark.parametrize("text", ["RRULE:FREQ=DAILY", "freq=daily", "DTSTART:20250101\n", "EXDATE:20250101"])
def test_rrule_is_told_from_words(text: str) -> None:
    """It begins with the name of a property, or with FREQ."""
    assert is_rrule(text)
    assert not is_rrule("daily")


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("RRULE:" + "x" * 1_000, "at most 1,000 characters", 1),
        ("DTSTART:20250106T093015", "there is no RRULE", 1),
        ("RRULE:FREQ=DAILY\n", "this line is not read", 18),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY", "this line is not read", 18),
        ("RRULE:FREQ=DAILY\nEXDATE:20250101", "this line is not read", 18),
        ("DTSTART:20250101\nDTSTART:20250101\nRRULE:FREQ=DAILY", "this line is not read", 18),
        ("DTSTART=20250101\nRRULE:FREQ=DAILY", "this is no DTSTART", 1),
        ("DTSTART:2025\nRRULE:FREQ=DAILY", "no time of iCalendar's", 9),
        ("DTSTART:20250230\nRRULE:FREQ=DAILY", "no such time", 9),
        ("DTSTART:20250101T250000\nRRULE:FREQ=DAILY", "no such time", 9),
        ("DTSTART;TZID=Europe/Berlin:20250101T000000Z\nRRULE:FREQ=DAILY", "no other time zone", 14),
        ("RRULE:", "expected a name", 7),
        ("RRULE:FREQ", "expected a name", 7),
        ("RRULE:FREQ=DAILY;", "expected a name", 18),
        ("RRULE:BYDAY=MO", "FREQ is missing", 1),
        ("RRULE:FREQ=SOMETIMES", "no such frequency", 12),
        ("RRULE:FREQ=SECONDLY", "nothing finer", 12),
        ("RRULE:FREQ=DAILY;FREQ=DAILY", "there twice", 18),
        ("RRULE:FREQ=DAILY;BYEASTER=1", "no such part", 18),
        ("RRULE:FREQ=DAILY;INTERVAL=0", "INTERVAL is a number from 1 to 10,000", 27),
        ("RRULE:FREQ=DAILY;COUNT=x", "COUNT is a number", 24),
        ("RRULE:FREQ=DAILY;COUNT=99999999999", "COUNT is a number", 24),
        ("RRULE:FREQ=DAILY;COUNT=1;UNTIL=20250101", "do not go together", 32),
        ("RRULE:FREQ=DAILY;UNTIL=soon", "no time of iCalendar's", 24),
        ("RRULE:FREQ=DAILY;BYHOUR=24", "BYHOUR has numbers from 0 to 23", 25),
        ("RRULE:FREQ=DAILY;BYHOUR=9,-1", "BYHOUR has numbers", 27),
        ("RRULE:FREQ=DAILY;BYMONTHDAY=0", "from -1 to -31", 29),
        ("RRULE:FREQ=DAILY;BYMONTH=1,,2", "BYMONTH has numbers", 28),
        ("RRULE:FREQ=MONTHLY;BYDAY=XX", "BYDAY has days", 26),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO,54MO", "BYDAY has days", 29),
        ("RRULE:FREQ=MONTHLY;BYDAY=0MO", "of the number 0", 26),
        ("RRULE:FREQ=DAILY;BYDAY=1MO", "number the days", 24),
        ("RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "number the days", 36),
        ("RRULE:FREQ=MONTHLY;BYWEEKNO=1", "FREQ=YEARLY only", 29),
        ("RRULE:FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY does not go", 30),
        ("RRULE:FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY does not go", 30),
        ("RRULE:FREQ=HOURLY;BYSETPOS=1", "BYSETPOS does not go", 28),
        ("RRULE:FREQ=WEEKLY;WKST=XX", "WKST is one of", 24),
    ],
)
def test_rrule_is_refused(text: str, reason: str, column: int) -> None:
    """What is no rule, or is not read, is refused with the reason, where it stands."""
    with pytest.raises(RruleError, match=reason) as caught:
        parse_rrule(text)
    assert caught.value.column == column
