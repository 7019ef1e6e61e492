"""Maintenance windows: those of the examples, and those that come again."""

from typing import Any
from unittest.mock import patch

import pytest

from tests.unit.calendar.moments import DAY, HOUR, MINUTE, at
from worklattice.calendar import UTC_ZONE, parse_schedule, parse_windows, window_form
from worklattice.errors import ValidationError

ONCE = {"start": "2025-06-29T02:00:00Z", "end": "2025-06-29T06:00:00Z"}
SUNDAYS = {"schedule": "weekly on sunday at 02:00", "duration": "4 hours", "time_zone": "Europe/Berlin"}


def problems(value: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        parse_windows(value, "window", zone=UTC_ZONE)
    return {problem.field.removeprefix("window"): problem.message for problem in caught.value.problems}


def test_window_with_start_and_end() -> None:
    """It begins with its start and is over at its end."""
    windows = parse_windows(ONCE)
    start, end = at("2025-06-29T02:00Z"), at("2025-06-29T06:00Z")
    assert [windows.contains(moment) for moment in (start - 1, start, end - 1, end)] == [
        False,
        True,
        True,
        False,
    ]
    assert windows.next_start(0) == start
    assert windows.next_start(start) is None
    assert windows.end_of(start) == end
    assert windows.end_of(end) is None


def test_window_with_a_duration() -> None:
    """A duration says the same as an end."""
    assert parse_windows({"start": "2025-06-29T02:00:00Z", "duration": "4 hours"}) == parse_windows(ONCE)


@pytest.mark.parametrize("value", ["2025-06-15T02:00:00Z", {"start": "2025-06-15T02:00:00Z"}])
def test_bare_start(value: Any) -> None:
    """A window of which only the start is known has no end."""
    windows = parse_windows(value)
    start = at("2025-06-15T02:00Z")
    assert windows.next_start(0) == start
    assert not windows.contains(start - 1)
    assert windows.contains(start + 1_000 * DAY)
    assert windows.end_of(start) is None


def test_window_that_comes_again() -> None:
    """Its start goes by the clock; its duration is time that passes, so that it ends at seven in spring."""
    windows = parse_windows(SUNDAYS)
    start = at("2025-03-30T01:00Z")
    assert windows.next_start(at("2025-03-25")) == start
    assert windows.contains(start)
    assert windows.contains(start + 4 * HOUR - 1)
    assert not windows.contains(start + 4 * HOUR)
    assert windows.end_of(start + HOUR) == start + 4 * HOUR
    assert windows.end_of(start - 1) is None
    assert windows.windows[0].end_of(start - 1) is None
    assert windows.next_start(start) == at("2025-04-06T00:00Z")


@pytest.mark.parametrize("minutes", [0, 1, 7, 14, 15, 16, 100])
def test_windows_that_overlap(minutes: int) -> None:
    """Of several windows that contain a moment, the one that started last says when they end."""
    windows = parse_windows({"schedule": "every 15 minutes", "duration": "1 hour"})
    moment = at("2025-06-01") + minutes * MINUTE
    assert windows.end_of(moment) == moment - moment % (15 * MINUTE) + HOUR


def test_end_of_the_last_window() -> None:
    """Where no other window follows, the last one ends all the same."""
    last = {"every": "15 minutes", "start": "2025-06-01", "count": 3}
    windows = parse_windows({"schedule": last, "duration": "1 hour"})
    assert windows.end_of(at("2025-06-01T01:10Z")) == at("2025-06-01T01:30Z")
    assert windows.end_of(at("2025-06-01T01:40Z")) is None


def test_several_windows() -> None:
    """Asked together they answer for each other, and one without an end has the last word."""
    windows = parse_windows([ONCE, SUNDAYS])
    assert windows.contains(at("2025-06-29T00:30Z"))
    assert windows.end_of(at("2025-06-29T03:00Z")) == at("2025-06-29T06:00Z")
    assert windows.next_start(at("2025-06-28T23:00Z")) == at("2025-06-29T00:00Z")
    assert parse_windows([]).next_start(0) is None
    assert parse_windows([]).end_of(0) is None
    assert parse_windows([ONCE, "2025-06-29"]).end_of(at("2025-06-29T03:00Z")) is None


@pytest.mark.parametrize(
    ("value", "field", "says"),
    [
        (5, "", "must be a time, or an object with start and end, not 5"),
        ("soon", "", "this is no time"),
        ({}, "", "needs a start, or a schedule"),
        ({"duration": "1 hour"}, "", "needs a start, or a schedule"),
        ({"start": "2025-01-01", "end": "2025-01-01"}, ".end", "after the start"),
        ({"start": "2025-01-01", "end": "x"}, ".end", "this is no time"),
        ({"start": "2025-01-01", "end": "2025-01-02", "duration": "1 hour"}, "", "either end or duration"),
        ({"start": "2025-01-01", "duration": "0 hours"}, ".duration", "longer than nothing"),
        ({"start": "2025-01-01", "begin": 1}, ".begin", "is not known here"),
        ({**SUNDAYS, "start": "2025-01-01"}, ".start", "belongs into the schedule"),
        ({"schedule": "daily"}, "", "needs a duration beside its schedule"),
        ({"schedule": "daily", "duration": 4}, ".duration", "must be a text, not 4"),
        ({"schedule": {"every": "dy"}, "duration": "1h"}, ".schedule.every", "neither a day nor"),
        ([ONCE, {"start": 1}], "[1].start", "must be a text, not 1"),
        ([ONCE] * 1_001, "", "at most 1,000 windows"),
        ({**SUNDAYS, "time_zone": "Nowhere"}, ".time_zone", "no such time zone"),
    ],
)
def test_window_is_refused(value: Any, field: str, says: str) -> None:
    """Each problem has its path."""
    assert says in problems(value)[field]


def test_counts_of_an_array_are_bounded() -> None:
    """Counting takes its time, so all schedules of an array together are counted to 10,000 at most."""
    counted = {"schedule": {"every": "day", "start": "2025-01-01", "count": 1_000}, "duration": "1 hour"}
    assert len(parse_windows([counted] * 10).windows) == 10
    assert problems([counted] * 100) == {"[10]": "the counts of the schedules come to more than 10,000"}


def test_no_more_windows_are_read_than_problems_are_told() -> None:
    """After 100 problems the rest of an array is not looked at."""
    with patch.object(window_form, "parse_schedule", side_effect=parse_schedule) as parse:
        assert len(problems([{"schedule": "never", "duration": "1 hour"}] * 1_000)) == 100
    assert parse.call_count == 100
