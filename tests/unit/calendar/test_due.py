"""When deadlines are."""

import pytest

from tests.unit.calendar.moments import DAY, at
from worklattice.calendar import Calendar, due_moment, parse_calendar, parse_zone
from worklattice.errors import ValidationError
from worklattice.lang.deadlines import parse_deadline
from worklattice.lang.times import LATEST

ANCHORS = {"maintenance": at("2025-06-29T02:00Z"), "release": at("2025-06-09T08:00Z"), "never": LATEST - DAY}
OFFICE = parse_calendar({"working_hours": {"mon-fri": ["09:00-17:00"]}})


def due(text: str, calendar: Calendar | None = OFFICE, zone: str = "UTC") -> int | None:
    return due_moment(parse_deadline(text), ANCHORS.get, calendar=calendar, zone=parse_zone(zone))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24_hours_before_maintenance", "2025-06-28T02:00Z"),
        ("30 minutes after maintenance", "2025-06-29T02:30Z"),
        ("2 days before the release", "2025-06-07T08:00Z"),
        ("3_working_days_before_release", "2025-06-04T08:00Z"),
        ("1 working day after release", "2025-06-10T08:00Z"),
        ("1 working hour before release", "2025-06-06T16:00Z"),
        ("90 working minutes after release", "2025-06-09T10:30Z"),
        ("2025-06-16T11:00:00+02:00", "2025-06-16T09:00Z"),
        ("2025-06-16", "2025-06-17T00:00Z"),
    ],
)
def test_deadline_is_counted_from_its_anchor(text: str, moment: str) -> None:
    """Back or forth from what the anchor stands for; a date is due by its end."""
    assert due(text) == at(moment)


def test_date_is_due_by_its_end_in_the_zone() -> None:
    """A day ends when it ends there."""
    assert due("2025-06-16", zone="Europe/Berlin") == at("2025-06-16T22:00Z")


def test_anchor_that_stands_for_nothing() -> None:
    """There is no deadline then."""
    assert due("1 day before lunch") is None


@pytest.mark.parametrize("text", ["10 weeks after never", "9999-12-31", "10 working days after never"])
def test_deadline_beyond_the_year_9999(text: str) -> None:
    """There is none either."""
    assert due(text) is None


def test_working_time_needs_a_calendar() -> None:
    """Without one it is not known when work is done."""
    with pytest.raises(ValidationError, match="counted by a calendar") as caught:
        due("3 working days before release", calendar=None)
    assert caught.value.field == "calendar"
