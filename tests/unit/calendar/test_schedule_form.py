"""Reading schedules: what is said in which form, and what is refused, with its path."""

import sys
from typing import Any
from unittest.mock import patch

import pytest

from tests.unit.calendar.moments import at, told
from worklattice.calendar import cron as cron_module
from worklattice.calendar import parse_schedule
from worklattice.calendar.schedules import Schedule
from worklattice.errors import ValidationError

ZONE = "Europe/Berlin"


def problems(value: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        parse_schedule(value)
    return {problem.field: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("daily_at_2am", "every day at 02:00"),
        ("30 2 * * mon-fri", "30 2 * * MON-FRI"),
        ("@weekly", "every sunday at 00:00"),
        ({"every": "15 minutes"}, "every 15 minutes"),
        ({"every": "monday and friday", "at": "9 and 17:30"}, "every monday and friday at 09:00 and 17:30"),
        ({"at": "2pm"}, "every day at 14:00"),
        ({"at": "weekdays at 9"}, "every weekday at 09:00"),
        ({"at": "2025-06-15"}, "2025-06-15T00:00:00Z"),
        ({"cron": "0 0 L * *"}, "0 0 L * *"),
        ({"rrule": "FREQ=DAILY", "start": "2025-06-01"}, "RRULE:FREQ=DAILY"),
        ("DTSTART:20250601T090000Z\nrrule:freq=daily;count=2", "RRULE:FREQ=DAILY;COUNT=2"),
    ],
)
def test_schedule_is_read(value: Any, text: str) -> None:
    """Each form is known, and has a canonical text."""
    assert parse_schedule(value).text == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0 0 30 2 *", "no such day of the month"),
        ("0 0 31 4,6 *", "no such day of the month"),
        ("0 0 0 1 1 *", "5 fields and this has 6"),
        ("*/100000000000000000000 * * * *", "a step here is 1 to 59"),
        ("*/0 * * * *", "a step here is 1 to 59"),
        ("1-0 * * * *", "no such minute"),
        ("1-0", "5 fields and this has 1"),
        ("60 * * * *", "no such minute"),
        ("0 0 * * FRI#6", "no such day of the week"),
        ("0 0 * FOO *", "no such month"),
        ("R * * * *", "no random fields"),
        ("H H * * *", "no random fields"),
        ("R", "Nothing is chosen by chance"),
        ("R5/2025-01-01T00:00:00Z/P1D", "means nothing in a schedule"),
        ("H", "Nothing is chosen by chance"),
        ("@reboot", "Nothing is started here"),
        ("@dayly", 'Did you mean "@daily"'),
        ("0 2 * * *\n", "means nothing in a cron expression"),
        ("daily\n", "means nothing in a schedule"),
        ("@daily\n", "no such schedule"),
        ("\uff11 * * * *", "means nothing in a cron expression"),
        (",".join(["1"] * 5_000) + " * * * *", "at most 200 characters"),
        ("every " + "monday and " * 5_000, "at most 200 characters"),
        ("RRULE:FREQ=DAILY;BYHOUR=" + ",".join(["1"] * 5_000), "at most 1,000 characters"),
        ("RRULE:FREQ=DAILY\n", "this line is not read"),
        ("RRULE:FREQ=DAILY", "not said when this starts"),
        ("DTSTART;TZID=Mars/Base:20250101T000000\nRRULE:FREQ=DAILY", "no such time zone"),
        ("DTSTART:20250101T000000\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "this never comes"),
        ("DTSTART:20250101T000000\nRRULE:FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1", "this never comes"),
        ("DTSTART:20250101T000000\nRRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=1", "this never comes"),
        ("DTSTART:20250101T000000\nRRULE:FREQ=DAILY;UNTIL=20240101", "this never comes"),
        ("DTSTART:20250101T000000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "this never comes"),
        ("DTSTART:20250101T000000\nRRULE:FREQ=DAILY;COUNT=2000", "COUNT is at most 1,000"),
        ("9999-12-31T23:59:59-01:00", "outside the years 1 to 9999"),
    ],
)
def test_text_is_refused(text: str, says: str) -> None:
    """What cannot be, never comes, or is not for here is refused, and says why."""
    assert says in problems(text)["schedule"]


@pytest.mark.parametrize(
    ("value", "field", "says"),
    [
        (5, "schedule", "must be a text, not 5"),
        ({}, "schedule", "say one of"),
        ({"every": "day", "cron": "* * * * *"}, "schedule", "say one of"),
        ({"every": "day", "at": 9}, "schedule", "must be texts"),
        ({"every": 5}, "schedule.every", "must be a text, not 5"),
        ({"every": "dayy"}, "schedule.every", "neither a day nor a span"),
        ({"cron": "0 0 30 2 *"}, "schedule.cron", "no such day of the month"),
        ({"every": "day", "evry": 1}, "schedule.evry", 'Did you mean "every"'),
        ({"every": "day", "time_zone": "../../etc/passwd"}, "schedule.time_zone", "no name of a time zone"),
        ({"every": "day", "time_zone": "x" * 600}, "schedule.time_zone", "at most 64 characters"),
        ({"every": "day", "time_zone": "Europe/Berln"}, "schedule.time_zone", "Did you mean"),
        ({"every": "day", "time_zone": 1}, "schedule.time_zone", "must be a text"),
        ({"every": "day", "start": "soon"}, "schedule.start", "no time"),
        ({"every": "day", "start": "2025-01-02", "end": "2025-01-01"}, "schedule.end", "before the start"),
        ({"every": "day", "count": 5}, "schedule.every", "needs a start"),
        ({"every": "day", "start": "2025-01-01", "count": 0}, "schedule.count", "1 to 1,000"),
        ({"every": "day", "start": "2025-01-01", "count": True}, "schedule.count", "1 to 1,000"),
        (
            {"rrule": "DTSTART:20250101T000000\nRRULE:FREQ=DAILY", "start": "2025-01-01"},
            "schedule.rrule",
            "start does too",
        ),
        (
            {"every": "day", "start": "2025-01-01T01:00Z", "end": "2025-01-01T02:00Z"},
            "schedule.every",
            "never",
        ),
        ({"at": "0001-01-01", "time_zone": "Asia/Tokyo"}, "schedule.at", "outside the years"),
    ],
)
def test_object_is_refused(value: Any, field: str, says: str) -> None:
    """Each problem has its path."""
    assert says in problems(value)[field]


def test_all_problems_are_told_at_once() -> None:
    """One answer names everything that is wrong."""
    found = problems({"every": "day", "time_zone": "Nowhere", "start": "x", "end": "y", "count": -1, "z": 1})
    assert set(found) == {f"schedule.{key}" for key in ("time_zone", "start", "end", "count", "z")}


def test_problems_are_not_told_without_end() -> None:
    """A hundred are enough."""
    assert len(problems({str(key): 1 for key in range(5_000)})) == 100


def test_local_times_are_of_the_zone() -> None:
    """A start without a zone is one of the clock there."""
    schedule = parse_schedule({"every": "hour", "start": "2025-06-01T09:30", "time_zone": ZONE})
    assert schedule.start == at("2025-06-01T07:30Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "DTSTART;TZID=Europe/Berlin:20250328T023000\nRRULE:FREQ=DAILY;COUNT=4",
            ["2025-03-28T01:30", "2025-03-29T01:30", "2025-03-30T01:00", "2025-03-31T00:30"],
        ),
        ("DTSTART:20250328T023000Z\nRRULE:FREQ=DAILY;COUNT=1", ["2025-03-28T02:30"]),
        ("DTSTART;VALUE=DATE:20250328\nRRULE:FREQ=WEEKLY;COUNT=2", ["2025-03-27T23:00", "2025-04-03T22:00"]),
        (
            "DTSTART:20250328T090000\nRRULE:FREQ=DAILY;UNTIL=20250330",
            ["2025-03-28T08:00", "2025-03-29T08:00", "2025-03-30T07:00"],
        ),
        (
            "DTSTART:20250328T090000\nRRULE:FREQ=DAILY;UNTIL=20250329T080000Z",
            ["2025-03-28T08:00", "2025-03-29T08:00"],
        ),
        (
            "DTSTART:20250330T013000\nRRULE:FREQ=HOURLY;COUNT=3",
            ["2025-03-30T00:30", "2025-03-30T01:30", "2025-03-30T02:30"],
        ),
    ],
)
def test_rrule_in_its_zone(text: str, expected: list[str]) -> None:
    """TZID or Z says whose clock it is; else the zone of the schedule does."""
    assert told(parse_schedule({"rrule": text, "time_zone": ZONE}).occurrences(0)) == expected


def test_keys_of_others_are_left_to_them() -> None:
    """Whoever asks may have keys of his own in the object, which are offered in place of mistyped ones."""
    said = {"every": "day", "color": 7}
    assert parse_schedule(said, besides=("color",)).text == "every day at 00:00"
    with pytest.raises(ValidationError) as refused:
        parse_schedule({"every": "day", "colour": 7}, besides=("color",))
    assert 'Did you mean "color"?' in refused.value.problems[0].message


def test_many_unknown_keys() -> None:
    """So many are told, and no more are looked at."""
    with pytest.raises(ValidationError) as refused:
        parse_schedule({f"wrong{number}": 1 for number in range(10_000)})
    assert len(refused.value.problems) == 100


@pytest.mark.parametrize(
    ("rule", "is_taken"),
    [
        ("FREQ=HOURLY;COUNT=1000", True),
        ("FREQ=MINUTELY;BYHOUR=3;BYMINUTE=7;COUNT=1000", True),
        ("FREQ=HOURLY;INTERVAL=9999;BYHOUR=3;COUNT=1000", False),
        ("FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=7;COUNT=1000", False),
    ],
)
def test_a_count_that_takes_too_long(rule: str, is_taken: bool) -> None:  # noqa: FBT001 - a case
    """It is refused, with what to say instead, before it has been counted out."""
    said = {"rrule": rule, "start": "2000-01-01"}
    if is_taken:
        assert parse_schedule(said).last is not None
    else:
        assert "takes too long" in problems(said)["schedule.rrule"]


def test_cron_without_the_extra() -> None:
    """Where the library is not installed, the error names what to install."""
    cron_module._library.cache_clear()
    with patch.dict(sys.modules, {"cronsim": None}):
        assert "worklattice[schedule]" in problems("0 2 * * *")["schedule"]
        assert isinstance(parse_schedule("daily at 02:00"), Schedule)
    cron_module._library.cache_clear()


def test_schedule_says_what_it_is() -> None:
    """Schedules of the same words, zone and bounds are equal."""
    assert parse_schedule("daily at 2am") == parse_schedule("every_day_at_02:00")
    assert "every day at 02:00" in repr(parse_schedule("daily at 2am"))
