"""What recurs by the calendar: examples of RFC 5545, and where the search ends."""

from unittest.mock import patch

import pytest

from tests.unit.calendar.moments import at, told
from worklattice.calendar import parse_schedule
from worklattice.calendar import recurring as module
from worklattice.errors import ValidationError
from worklattice.lang.times import from_micros


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=10", "97-09-02 97-09-12 97-09-22"),
        ("FREQ=DAILY;BYMONTH=1", "98-01-01 98-01-02 98-01-03"),
        ("FREQ=DAILY;BYHOUR=9,12;BYSETPOS=-1", "97-09-02 97-09-03 97-09-04"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", "97-09-02 97-09-07 97-09-16"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "97-09-02 97-09-14 97-09-16"),
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=-1", "97-09-05 97-09-12 97-09-19"),
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1", "97-09-08 97-09-15 97-09-22"),
        ("FREQ=MONTHLY;BYDAY=-2MO", "97-09-22 97-10-20 97-11-17"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "97-09-28 97-10-29 97-11-28"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "98-02-13 98-03-13 98-11-13"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "97-09-29 97-10-30 97-11-27"),
        ("FREQ=MONTHLY;BYMONTH=1;BYSETPOS=1", "98-01-02 99-01-02 00-01-02"),
        ("FREQ=MONTHLY;INTERVAL=3", "97-09-02 97-12-02 98-03-02"),
        ("FREQ=MONTHLY;BYDAY=5TU", "97-09-30 97-12-30 98-03-31"),
        ("FREQ=YEARLY;BYMONTH=6,7", "98-06-02 98-07-02 99-06-02"),
        ("FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200", "00-01-01 00-04-09 00-07-18"),
        ("FREQ=YEARLY;BYYEARDAY=-1", "97-12-31 98-12-31 99-12-31"),
        ("FREQ=YEARLY;BYDAY=20MO", "98-05-18 99-05-17 00-05-15"),
        ("FREQ=YEARLY;BYDAY=-1SU", "97-12-28 98-12-27 99-12-26"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "98-05-11 99-05-17 00-05-15"),
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "97-12-28 99-01-03 00-01-02"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH;BYSETPOS=1", "98-03-05 99-03-04 00-03-02"),
        ("FREQ=HOURLY;INTERVAL=24", "97-09-02 97-09-03 97-09-04"),
        ("FREQ=MINUTELY;INTERVAL=720;BYHOUR=9;BYMINUTE=0", "97-09-02 97-09-03 97-09-04"),
    ],
)
def test_recurrence(rule: str, expected: str) -> None:
    """From Tuesday, 1997-09-02, at nine in the morning."""
    schedule = parse_schedule({"rrule": rule, "start": "1997-09-02T09:00"})
    found = [from_micros(moment) for moment in schedule.occurrences(0, 3)]
    assert " ".join(f"{moment:%y-%m-%d}" for moment in found) == expected


def test_search_ends() -> None:
    """What does not come in so many years is taken not to come, whatever the rule."""
    rule = {"rrule": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "start": "2025-01-01"}
    assert parse_schedule(rule).next_after(0) == at("2044-02-29")
    with patch.object(module, "HORIZON_YEARS", 18), pytest.raises(ValidationError, match="never comes"):
        parse_schedule(rule)


def test_many_times_a_day_are_not_listed() -> None:
    """Of all the seconds of the weekdays of a year three are chosen, and the others are not gone through."""
    hours, sixty = ",".join(map(str, range(24))), ",".join(map(str, range(60)))
    rule = (
        f"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2,366,-1;BYHOUR={hours};BYMINUTE={sixty};BYSECOND={sixty}"
    )
    schedule = parse_schedule({"rrule": rule, "start": "2025-01-01"})
    assert told(schedule.occurrences(0, 4)) == [
        "2025-01-01T00:00:01",
        "2025-01-01T00:06:05",
        "2025-12-31T23:59:59",
        "2026-01-01T00:00:01",
    ]
    assert schedule.passed(0, at("2125-01-01")) == (300, at("2124-12-29T23:59:59Z"))
