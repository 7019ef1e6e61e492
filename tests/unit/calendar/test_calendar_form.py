"""Reading calendars: what is refused, each problem with its path."""

from typing import Any

import pytest

from worklattice.calendar import parse_calendar
from worklattice.errors import ValidationError

HOURS = {"mon": ["09:00-17:00"]}


def problems(value: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        parse_calendar(value)
    return {problem.field.removeprefix("calendar"): problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("value", "field", "says"),
    [
        ([], "", "must be an object, not an array of 0 items"),
        ({}, ".working_hours", "must be an object such as"),
        ({"working_hours": {}}, ".working_hours", "no working hours at all"),
        ({"working_hours": {"mon": []}}, ".working_hours", "no working hours at all"),
        ({"working_hours": {"moon": []}}, ".working_hours.moon", 'Did you mean "monday"'),
        ({"working_hours": {"mon-fry": []}}, ".working_hours.mon-fry", "no day of the week"),
        ({"working_hours": {"": []}}, '.working_hours[""]', "no days of the week"),
        ({"working_hours": {"mon": "9-5"}}, ".working_hours.mon", "must be an array of at most 48"),
        ({"working_hours": {"mon": ["9-5"] * 49}}, ".working_hours.mon", "must be an array of at most 48"),
        ({"working_hours": {"mon": ["9"]}}, ".working_hours.mon[0]", "no span of hours"),
        ({"working_hours": {"mon": [9]}}, ".working_hours.mon[0]", "must be a text, not 9"),
        ({"working_hours": {"mon": ["9-12", "11-15"]}}, ".working_hours.mon", "overlap"),
        ({"working_hours": {"mon": ["9-12"], "mon-tue": ["9-12"]}}, ".working_hours.mon-tue", "named by"),
        (
            {"working_hours": {"mon": ["22-6"], "tue": ["5-9"]}},
            ".working_hours",
            "monday run into those of tues",
        ),
        (
            {"working_hours": {"sun": ["22-6"], "mon": ["5-9"]}},
            ".working_hours",
            "sunday run into those of mon",
        ),
        ({"working_hours": HOURS, "zone": "UTC"}, ".zone", 'Did you mean "time_zone"'),
        ({"working_hours": HOURS, "time_zone": "Nowhere"}, ".time_zone", "no such time zone"),
        (
            {"working_hours": HOURS, "holidays": "2025-01-01"},
            ".holidays",
            "must be an array of at most 10,000",
        ),
        ({"working_hours": HOURS, "holidays": ["2025-02-30"]}, ".holidays[0]", "no such day in the calendar"),
        (
            {"working_hours": HOURS, "holidays": [{"start": "2025-01-01"}]},
            ".holidays[0].end",
            "must be a text",
        ),
        (
            {"working_hours": HOURS, "holidays": [{"start": "2025-01-02", "end": "2025-01-01"}]},
            ".holidays[0].end",
            "before the start",
        ),
        (
            {"working_hours": HOURS, "holidays": [{"start": "0001-01-01", "end": "9999-12-31"}]},
            ".holidays[0]",
            "more than 10,000 holidays",
        ),
        ({"working_hours": HOURS, "extra_working_days": [1]}, ".extra_working_days[0]", "must be a text"),
        (
            {"working_hours": HOURS, "extra_working_days": [{"date": "2025-01-01", "hours": ["x"]}]},
            ".extra_working_days[0].hours[0]",
            "no span of hours",
        ),
        (
            {"working_hours": HOURS, "extra_working_days": [{"day": "2025-01-01"}]},
            ".extra_working_days[0].day",
            "is not known here",
        ),
    ],
)
def test_calendar_is_refused(value: Any, field: str, says: str) -> None:
    """Each problem says where it is and what is wrong."""
    assert says in problems(value)[field]


def test_all_problems_are_told_at_once() -> None:
    """One answer names everything that is wrong."""
    found = problems({"working_hours": {"x": [], "mon": ["1"]}, "time_zone": "Nowhere", "holidays": ["y"]})
    assert set(found) == {".working_hours.x", ".working_hours.mon[0]", ".time_zone", ".holidays[0]"}
