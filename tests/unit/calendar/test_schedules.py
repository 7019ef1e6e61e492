"""When schedules come: over the changes of the clock, in bounds, and never for ever."""

import pytest

from tests.unit.calendar.moments import DAY, HOUR, MINUTE, SECOND, at, told
from worklattice.calendar import parse_schedule
from worklattice.lang.times import EARLIEST, LATEST

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
LORD_HOWE, SAO_PAULO = "Australia/Lord_Howe", "America/Sao_Paulo"


@pytest.mark.parametrize(
    ("said", "zone", "after", "expected"),
    [
        (
            "daily at 02:30",
            BERLIN,
            "2025-03-29",
            ["2025-03-29T01:30", "2025-03-30T01:00", "2025-03-31T00:30"],
        ),
        ("30 2 * * *", BERLIN, "2025-03-29", ["2025-03-29T01:30", "2025-03-30T01:00", "2025-03-31T00:30"]),
        ("daily at 02:30", NEW_YORK, "2025-03-09", ["2025-03-09T07:00", "2025-03-10T06:30"]),
        ("daily at 02:15", LORD_HOWE, "2025-10-04", ["2025-10-04T15:30", "2025-10-05T15:15"]),
        ("daily", SAO_PAULO, "2018-11-03T12:00Z", ["2018-11-04T03:00", "2018-11-05T02:00"]),
        ("0 0 * * *", SAO_PAULO, "2018-11-03T12:00Z", ["2018-11-04T03:00", "2018-11-05T02:00"]),
        (
            "every 2 hours",
            BERLIN,
            "2025-03-29T22:30Z",
            ["2025-03-29T23:00", "2025-03-30T01:00", "2025-03-30T02:00"],
        ),
    ],
)
def test_skipped_time_is_made_up_for_at_once(said: str, zone: str, after: str, expected: list[str]) -> None:
    """What should come while the clock is put forward comes at that moment."""
    schedule = parse_schedule({"at": said, "time_zone": zone})
    assert told(schedule.occurrences(at(after), len(expected))) == expected


@pytest.mark.parametrize(
    ("said", "zone", "after", "expected"),
    [
        ("daily at 02:30", BERLIN, "2025-10-25T12:00Z", ["2025-10-26T00:30", "2025-10-27T01:30"]),
        ("30 2 * * *", BERLIN, "2025-10-26T01:10Z", ["2025-10-27T01:30"]),
        ("daily at 01:00", NEW_YORK, "2025-11-01T12:00Z", ["2025-11-02T05:00", "2025-11-03T06:00"]),
        ("daily at 01:45", LORD_HOWE, "2025-04-05T12:00Z", ["2025-04-05T14:45", "2025-04-06T15:15"]),
        ("daily at 23:30", SAO_PAULO, "2018-02-17T12:00Z", ["2018-02-18T01:30", "2018-02-19T02:30"]),
        ("every 2 hours", BERLIN, "2025-10-25T23:30Z", ["2025-10-26T00:00", "2025-10-26T03:00"]),
    ],
)
def test_repeated_time_counts_once(said: str, zone: str, after: str, expected: list[str]) -> None:
    """What comes at a time that the clock shows twice comes the first time."""
    schedule = parse_schedule({"at": said, "time_zone": zone})
    assert told(schedule.occurrences(at(after), len(expected))) == expected


def test_several_skipped_times_come_as_one() -> None:
    """Two times in the skipped hour are one occurrence, and the time of the jump itself is the same."""
    schedule = parse_schedule({"at": "daily at 2:00 and 2:30 and 3:00", "time_zone": BERLIN})
    assert told(schedule.occurrences(at("2025-03-30"), 2)) == ["2025-03-30T01:00", "2025-03-31T00:00"]


@pytest.mark.parametrize("said", ["every 15 minutes", "*/15 * * * *"])
@pytest.mark.parametrize("day", ["2025-03-30", "2025-10-26"])
@pytest.mark.parametrize("zone", [BERLIN, LORD_HOWE])
def test_short_steps_stay_even(said: str, day: str, zone: str) -> None:
    """A quarter of an hour stays one, whatever happens to the clock."""
    schedule = parse_schedule({"at": said, "time_zone": zone})
    begin = at(day) - DAY
    assert schedule.occurrences(begin, 200) == [begin + 15 * MINUTE * n for n in range(1, 201)]


@pytest.mark.parametrize("said", ["every hour", "0 * * * *"])
def test_hourly_goes_by_the_clock(said: str) -> None:
    """A full hour that the clock skips by half an hour is left out; the next is full by the clock again."""
    schedule = parse_schedule({"at": said, "time_zone": LORD_HOWE})
    assert told(schedule.occurrences(at("2025-10-04T14:00Z"), 3)) == [
        "2025-10-04T14:30",
        "2025-10-04T16:00",
        "2025-10-04T17:00",
    ]


def test_repeated_quarters_come_twice() -> None:
    """Where half an hour is shown twice, so are its quarters, also for an expression of fixed minutes."""
    schedule = parse_schedule({"cron": "45 * * * *", "time_zone": LORD_HOWE})
    assert told(schedule.occurrences(at("2025-04-05T14:00Z"), 3)) == [
        "2025-04-05T14:45",
        "2025-04-05T15:15",
        "2025-04-05T16:15",
    ]


def test_from_within_a_repeated_hour() -> None:
    """Asked in the second half of a repeated hour, what has been there is not told again."""
    schedule = parse_schedule({"cron": "10,50 * * * *", "time_zone": BERLIN})
    assert told(schedule.occurrences(at("2025-10-26T00:30Z"), 4)) == [
        "2025-10-26T00:50",
        "2025-10-26T01:10",
        "2025-10-26T01:50",
        "2025-10-26T02:10",
    ]
    rare = parse_schedule({"cron": "*/5 4 * * *", "time_zone": BERLIN})
    assert told(rare.occurrences(at("2025-10-26T00:30Z"), 1)) == ["2025-10-26T03:00"]
    assert told(rare.occurrences(at("2025-10-26T01:30Z"), 1)) == ["2025-10-26T03:00"]


def test_steps_from_a_start_are_elapsed_time() -> None:
    """Counted from a start, six hours are six hours, over the change of the clock too."""
    schedule = parse_schedule({"every": "6 hours", "start": "2025-03-29T20:00", "time_zone": BERLIN})
    assert told(schedule.occurrences(at("2025-03-29"), 3)) == [
        "2025-03-29T19:00",
        "2025-03-30T01:00",
        "2025-03-30T07:00",
    ]


def test_start_and_end_are_included() -> None:
    """The first and the last moment count; an end that is a date is the whole day."""
    schedule = parse_schedule({"every": "day", "start": "2025-06-01", "end": "2025-06-03", "at": "9"})
    assert told(schedule.occurrences(0)) == ["2025-06-01T09:00", "2025-06-02T09:00", "2025-06-03T09:00"]
    exact = parse_schedule({"every": "day", "start": "2025-06-01", "end": "2025-06-02T00:00:00Z"})
    assert told(exact.occurrences(0)) == ["2025-06-01T00:00", "2025-06-02T00:00"]


def test_count_ends_a_schedule() -> None:
    """Counted from the start, wherever one asks from; an end may come first."""
    schedule = parse_schedule({"every": "day", "start": "2025-06-01", "count": 3})
    assert told(schedule.occurrences(at("2025-06-01"))) == ["2025-06-02T00:00", "2025-06-03T00:00"]
    ended = parse_schedule({"every": "day", "start": "2025-06-01", "count": 9, "end": "2025-06-02"})
    assert told(ended.occurrences(0)) == ["2025-06-01T00:00", "2025-06-02T00:00"]


def test_moment_is_a_schedule_of_one() -> None:
    """A time or a date comes once."""
    schedule = parse_schedule("2025-06-15T02:00:00Z")
    assert schedule.text == "2025-06-15T02:00:00Z"
    assert told(schedule.occurrences(0)) == ["2025-06-15T02:00"]
    local = parse_schedule({"at": "2025-06-15T02:00", "time_zone": BERLIN})
    assert told(local.occurrences(0)) == ["2025-06-15T00:00"]


def test_every_other_period_is_counted_from_the_start() -> None:
    """Where a schedule leaves periods out, that of its start counts."""
    odd = parse_schedule({"every": "2 weeks on monday", "start": "2025-06-02"})
    even = parse_schedule({"every": "2 weeks on monday", "start": "2025-06-09"})
    assert told(odd.occurrences(0, 2)) == ["2025-06-02T00:00", "2025-06-16T00:00"]
    assert told(even.occurrences(0, 2)) == ["2025-06-09T00:00", "2025-06-23T00:00"]


def test_preview_is_bounded() -> None:
    """However many are asked for, a thousand are told."""
    assert len(parse_schedule("hourly").occurrences(0, 10**9)) == 1_000


@pytest.mark.parametrize(
    "said", ["daily at 9", "hourly", "0 9 * * *", "*/5 * * * *", "yearly on 29 february"]
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue"])
def test_at_the_ends_of_time(said: str, zone: str) -> None:
    """Before the year 1 and after the year 9999 there is nothing, and nobody minds being asked."""
    schedule = parse_schedule({"at": said, "time_zone": zone})
    assert schedule.next_after(LATEST) is None
    assert all(found <= LATEST for found in schedule.occurrences(LATEST - 4 * DAY))
    first = schedule.next_after(EARLIEST - 5 * DAY)
    assert first is not None
    assert first >= EARLIEST


def test_near_the_last_day() -> None:
    """A time that the calendar cannot hold any more is none."""
    schedule = parse_schedule({"every": "day", "at": "23:59", "time_zone": "Pacific/Niue"})
    assert told(schedule.occurrences(LATEST - 4 * DAY)) == ["9999-12-28T10:59", "9999-12-29T10:59"]
    for said in ("yearly on 29 february", "0 0 29 2 *", "0 0 */9 */9 *", "*/5 * 29 2 *"):
        assert parse_schedule(said).next_after(LATEST - 30 * DAY) is None
    steps = parse_schedule({"every": "100000 hours", "start": "9990-01-01"})
    assert told(steps.occurrences(0)) == ["9990-01-01T00:00"]


def test_seconds_are_counted_too() -> None:
    """Spans of less than a minute are spans like others."""
    schedule = parse_schedule("every 90 seconds")
    assert schedule.occurrences(HOUR, 2) == [HOUR + 90 * SECOND, HOUR + 180 * SECOND]


@pytest.mark.parametrize(
    ("said", "after", "upto", "expected"),
    [
        ("daily at 02:00", "2025-01-01T02:00Z", "2025-01-02T01:59Z", None),
        ("daily at 02:00", "2025-01-01T01:59Z", "2025-01-01T02:00Z", (1, "2025-01-01T02:00")),
        ("daily at 02:00", "2025-01-01T02:00Z", "2025-01-09T02:00Z", (8, "2025-01-09T02:00")),
        ("every second", "2025-01-01", "2026-01-01", (1_000, "2026-01-01T00:00")),
        ("every minute", "2025-01-01", "2025-12-31T23:59:59Z", (1_000, "2025-12-31T23:59")),
        ("*/2 3-4 * * 1", "2024-01-01", "2025-12-31T23:59:59Z", (1_000, "2025-12-29T04:58")),
        ("2025-06-01T00:00Z", "2025-01-01", "2026-01-01", (1, "2025-06-01T00:00")),
    ],
)
def test_occurrences_between_two_moments(
    said: str, after: str, upto: str, expected: tuple[int, str] | None
) -> None:
    """The first moment does not count and the last does; they are counted so far, and the last is told."""
    passed = parse_schedule(said).passed(at(after), at(upto))
    assert (None if passed is None else (passed[0], *told([passed[1]]))) == expected
