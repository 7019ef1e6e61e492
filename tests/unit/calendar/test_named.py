"""Calendars that are kept under a name: their hours, their windows, and every problem with its path."""

from typing import Any

import attrs
import pytest

from tests.unit.calendar.moments import HOUR, at
from worklattice.calendar import (
    UTC_ZONE,
    NamedCalendar,
    name_fault,
    parse_calendar,
    parse_named,
    parse_windows,
    parse_zone,
)
from worklattice.errors import ValidationError

HOURS = {"mon-fri": ["09:00-17:00"]}


def problems(value: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        parse_named(value, "arguments.calendar")
    found = caught.value.problems
    return {problem.field.removeprefix("arguments.calendar"): problem.message for problem in found}


def test_hours_alone() -> None:
    """What a calendar says without a name, it says with one too."""
    said = {"time_zone": "Europe/Berlin", "working_hours": HOURS, "holidays": ["2025-12-25"]}
    expected = NamedCalendar(zone=parse_zone("Europe/Berlin"), hours=parse_calendar(said))
    assert attrs.asdict(parse_named(said), recurse=False) == attrs.asdict(expected, recurse=False)


def test_windows_alone() -> None:
    """A calendar need not have hours."""
    said = {"start": "2025-06-29T02:00:00Z", "duration": "4 hours"}
    assert attrs.asdict(parse_named({"windows": said}), recurse=False) == attrs.asdict(
        NamedCalendar(zone=UTC_ZONE, windows=parse_windows(said)), recurse=False
    )


def test_windows_are_in_the_zone_of_the_calendar() -> None:
    """Where they say no other."""
    windows = [{"start": "2025-06-29T02:00:00", "duration": "1 hour"}, "2025-07-01T02:00:00"]
    named = parse_named({"time_zone": "Europe/Berlin", "working_hours": HOURS, "windows": windows})
    assert named.windows is not None
    assert named.windows.next_start(0) == at("2025-06-29T00:00Z")
    assert named.windows.end_of(at("2025-06-29T00:00Z")) == at("2025-06-29T00:00Z") + HOUR
    assert named.windows.next_start(at("2025-06-30")) == at("2025-07-01T00:00Z")
    other = {"schedule": "daily at 02:00", "duration": "1 hour", "time_zone": "UTC"}
    windows_of_other = parse_named({"time_zone": "Europe/Berlin", "windows": other}).windows
    assert windows_of_other is not None
    assert windows_of_other.next_start(at("2025-06-29")) == at("2025-06-29T02:00Z")


@pytest.mark.parametrize(
    ("value", "field", "says"),
    [
        ([], "", "must be an object, not an array of 0 items"),
        (None, "", "must be an object, not null"),
        ({}, "", "needs working_hours, windows, or both"),
        ({"time_zone": "UTC"}, "", "needs working_hours, windows, or both"),
        ({"hours": HOURS}, ".hours", "is not known here"),
        ({"window": "2025-06-15"}, ".window", 'Did you mean "windows"'),
        ({"working_hours": None}, ".working_hours", "must be an object such as"),
        ({"windows": None}, ".windows", "must be a time, or an object"),
        ({"windows": []}, ".windows", "has no windows at all"),
        ({"windows": "soon"}, ".windows", "no time"),
        ({"windows": "2025-06-15", "holidays": ["2025-12-25"]}, ".holidays", "goes with working_hours only"),
        ({"windows": "2025-06-15", "extra_working_days": []}, ".extra_working_days", "goes with working"),
        ({"windows": ["2025-06-15", 3]}, ".windows[1]", "not 3"),
    ],
)
def test_a_problem_has_its_path(value: Any, field: str, says: str) -> None:
    """And says what is wrong."""
    assert says in problems(value)[field]


def test_all_problems_at_once() -> None:
    """Those of the hours, those of the windows, and the time zone, which is told once."""
    found = problems(
        {
            "time_zone": "Nowhere",
            "working_hours": {"moon": []},
            "holidays": ["2025-02-30"],
            "windows": [{"start": "2025-06-15"}, {"start": "soon", "time_zone": "Elsewhere"}],
            "colour": "red",
        }
    )
    assert [*found] == [
        ".colour",
        ".time_zone",
        ".working_hours.moon",
        ".holidays[0]",
        ".windows[1].time_zone",
        ".windows[1].start",
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("2025-06-15", "2025-06-15T02:00:00Z", "2025-06-15T02:00", "09:00-17:00", "9-17"),
        *("mon-fri", "Sunday", "daily", "weekdays"),
    ],
)
def test_a_name_that_says_something_by_itself(name: str) -> None:
    """It cannot name a calendar: nobody would know whether the name or the hours are meant."""
    assert "would be taken for one" in str(name_fault(name))


@pytest.mark.parametrize("name", ["office", "eu.office:2025", "24x7", "sundays_off", "2025", "night-shift"])
def test_a_name_that_says_nothing_else(name: str) -> None:
    """It may look like a part of something."""
    assert name_fault(name) is None
